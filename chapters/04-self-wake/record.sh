#!/bin/bash
# See ../record.sh.
. "$(dirname "$0")/../record.sh"

typing() { # Starts the server with somebody at its keyboard: file descriptor 3.
    mkfifo server.in
    exec 3<>server.in
    start "$@"
}
stop_typing() {
    exec 3>&-
    rm server.in
    stop
}
report() { # Feeds the server lines from a command until it says how long they have waited.
    local feed=$1 out=$2 server
    shift 2
    eval "$feed" | "$program" 127.0.0.1:0 "$@" >"$out" 2>&1 &
    server=$!
    until_true "grep -q longest $out"
    kill -INT "$server"
    wait "$server"
    { echo "\$ $feed | cargo run --bin $chapter${*:+ -- $*}"; sed '1s/:[0-9]*$/:5555/' "$out"; } >"$out.shown"
}

# A line waits for a packet.
no_wake() {
    typing --no-wake
    client first 4
    until_true 'grep -q connected server.out'
    type_line server 3 'dinner is ready'
    for _ in $(seq 20); do sleep 0.1; [ "$(wc -l <first.out)" = 1 ]; done
    the_server no-wake-server
    section no-wake <first.out
    type_line first 4 'hello?'
    until_true 'grep -q ready first.out'
    section no-wake-later <first.out
    kill "$first"
    stop_typing
}

# It does not.
wake() {
    typing
    client first 4
    until_true 'grep -q connected server.out'
    type_line server 3 'dinner is ready'
    until_true 'grep -q ready first.out'
    the_server wake-server
    section wake <first.out
    kill "$first"
    stop_typing
}

# How long lines wait, and how often the loop turns for them.
lines='lines() { for i in $(seq 100); do echo $i; sleep 0.0$((RANDOM % 90 + 10)); done; }'
eval "$lines"
feed() {
    echo "\$ $lines" | section feed
}
waiting() {
    local name=${1##* } label
    report lines report.out $1
    section "waiting-${name:-eventfd}" <report.out.shown
    label="a time-out of $name ms"
    [ -n "$name" ] || label='an eventfd'
    sed -n "s/.* \([0-9.]*\) ms (median).*/$label,\1/p" report.out >waiting.csv
}

# Level-triggered, and nobody reads it.
spin() {
    typing --level-triggered
    type_line server 3 'dinner is ready'
    until_true 'grep -q 1000000 server.out'
    the_server spin
    stop_typing
}

# A thousand lines for a busy loop.
busy() {
    report 'seq 1000' busy.out --pause-ms 1000
    section busy <busy.out.shown
}

# The order that swallows a wake.
drain_first() {
    typing --drain-first --pause-ms 5000
    client first 4
    until_true 'grep -q connected server.out'
    type_line server 3 'dinner is ready'
    until_true 'grep -q ready first.out'
    type_line server 3 'it is getting cold'
    until_true sleeping
    the_server drain-first-server
    section drain-first <first.out
    { echo "\$ grep -h eventfd-count /proc/\$(pidof $chapter)/fdinfo/*"; grep -h eventfd-count /proc/"$server"/fdinfo/*; } |
        section drain-first-count
    [ "$(wc -l <first.out)" = 2 ]
    kill "$first"
    stop_typing
}

aside no_wake
aside wake
aside feed
aside waiting '--no-wake --timeout-ms 100'
aside waiting '--no-wake --timeout-ms 10'
aside waiting '--no-wake --timeout-ms 1'
aside waiting ''
aside spin
aside busy
aside drain_first
together
done_recording
{
    echo 'how the loop learns of a line,half of the lines waited for less than'
    cat aside-*/waiting.csv
} >"$transcripts/$chapter.csv"
