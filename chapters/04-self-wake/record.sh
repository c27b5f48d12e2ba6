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
    local feed=$1
    shift
    flags="$*"
    eval "$feed" | "$program" "$@" >server.out 2>&1 &
    server=$!
    until_true 'grep -q longest server.out'
    { echo "\$ $feed | cargo run --bin $chapter${flags:+ -- $flags}"; cat server.out; }
    stop
}

# A line waits for a packet.
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

# It does not.
typing
client first 4
until_true 'grep -q connected server.out'
type_line server 3 'dinner is ready'
until_true 'grep -q ready first.out'
the_server wake-server
section wake <first.out
kill "$first"
stop_typing

# How long lines wait, and how often the loop turns for them.
echo 'how the loop learns of a line,half of the lines waited for less than' >waiting.csv
lines='lines() { for i in $(seq 100); do echo $i; sleep 0.0$((RANDOM % 90 + 10)); done; }'
echo "\$ $lines" | section feed
eval "$lines"
for flags in '--no-wake --timeout-ms 100' '--no-wake --timeout-ms 10' '--no-wake --timeout-ms 1' ''; do
    name=${flags##* }
    report lines $flags >report
    section "waiting-${name:-eventfd}" <report
    label="a time-out of $name ms"
    [ -n "$name" ] || label='an eventfd'
    sed -n "s/.* \([0-9.]*\) ms (median).*/$label,\1/p" report >>waiting.csv
done

# Level-triggered, and nobody reads it.
typing --level-triggered
type_line server 3 'dinner is ready'
until_true 'grep -q 1000000 server.out'
the_server spin
stop_typing

# A thousand lines for a busy loop.
report 'seq 1000' --pause-ms 1000 | section busy

# The order that swallows a wake.
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
done_recording
mv waiting.csv "$root/book/src/transcripts/$chapter.csv"
