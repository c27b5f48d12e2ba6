#!/bin/bash
# Runs what chapter 1 shows in its terminals, for real, and writes what they showed to the book:
#
#     chapters/01-blocking-echo/record.sh
#
# It takes bash, nc (netcat-openbsd), ss (iproute2), port 5555 and a limit of 18,000 descriptors. Ctrl-Z and fg are sent
# as the signals they are; what a shell itself says of a stopped job is left out. The table of threads is not from here:
# `RECORD=1 cargo test -p chapters --test 01_thread_cost` writes it.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
out=$root/book/src/transcripts/01-blocking-echo.txt
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -r "$work"' EXIT

cargo build -q -p chapters
program=$(cargo build -q -p chapters --bin 01-blocking-echo --message-format=json | sed -n 's/.*"executable":"\([^"]*\)".*/\1/p')
cd "$work"

until_true() { # Waits until a command succeeds, ten seconds at most.
    for _ in $(seq 1000); do if eval "$1"; then return; fi; sleep 0.01; done
    echo "waited in vain for: $1" >&2
    exit 1
}
start() { # Starts the server; what its terminal shows goes to the file `server`.
    "$program" "$@" >server 2>&1 &
    server=$!
    until_true 'grep -q listening server'
}
client() { # Opens a terminal of this name with nc in it. What is typed goes into file descriptor $2.
    mkfifo "$1.in"
    nc 127.0.0.1 5555 <"$1.in" >"$1.out" &
    eval "exec $2>'$1.in'; $1=$!"
}
section() { # A part of the transcript, from stdin.
    { echo "# ANCHOR: $1"; cat; echo "# ANCHOR_END: $1"; } >>transcript
}

# The second client waits.
start
client second 4
echo hello >&4
until_true 'grep -q hello second.out'
client third 5
echo 'anyone there?' >&5
until_true "ss -tnH 'sport = :5555' | grep -q 'ESTAB 14'"
{ echo '$ cargo run --bin 01-blocking-echo'; cat server; } | section server
{ echo '$ nc 127.0.0.1 5555'; echo hello; cat second.out; } | section second
{ echo '$ nc 127.0.0.1 5555'; echo 'anyone there?'; cat third.out; } | section third
{ echo "\$ ss -tn 'sport = :5555'"; ss -tn 'sport = :5555'; } | sed 's/ *$//' | section queues
{ echo "\$ ss -ltn 'sport = :5555'"; ss -ltn 'sport = :5555'; } | sed 's/ *$//' | section accept-queue
kill "$second"
until_true 'grep -q anyone third.out'
{ echo '$ nc 127.0.0.1 5555'; echo 'anyone there?'; cat third.out; } | section third-answered
kill "$third"
exec 4>&- 5>&-
kill -INT "$server"
wait "$server"
until_true "[ -z \"\$(ss -tnH 'sport = :5555')\" ]"

# A write that Ctrl-Z cuts short, and what --write-once makes of it.
for flag in --write-once ''; do
    start $flag
    (head -c 8000000 /dev/zero | nc -N 127.0.0.1 5555 | (until_true '[ -e resumed ]'; wc -c) >count) &
    # It sleeps in write: nothing comes in any more, and its own queue does not shrink.
    until_true "grep -q '^44 ' /proc/$server/syscall || grep -q '^206 ' /proc/$server/syscall"
    if [ -n "$flag" ]; then
        { echo "\$ ss -tn 'sport = :5555'"; ss -tn 'sport = :5555'; } | sed 's/ *$//' | section full
    fi
    kill -STOP "$server"
    until_true "grep -q 'State:.*T' /proc/$server/status"
    kill -CONT "$server"
    until_true 'grep -q "short write" server'
    touch resumed
    until_true '[ -s count ] && grep -q left server'
    echo '$ head -c 8000000 /dev/zero | nc -N 127.0.0.1 5555 | (sleep 10; wc -c)' >command
    [ -z "$flag" ] || section command <command
    name=lost; [ -n "$flag" ] || name=whole
    cat command count | section "$name"
    { echo "\$ cargo run --bin 01-blocking-echo${flag:+ -- $flag}"
      sed -n 1,2p server; echo '^Z'; echo '$ fg'; sed -n '3,$p' server; } | section "$name-server"
    kill -INT "$server"
    wait "$server"
    rm count resumed
done

# More clients than a process can have threads.
command="CLIENTS=17000 cargo test -p chapters --test 01_thread_cost"
{ echo "\$ $command"
  (cd "$root" && RUST_BACKTRACE=0 eval "$command" 2>&1 || true) | grep -E '^client|stack guard page|alternative stack|not enough|refused|^fatal'
} | section too-many
mv transcript "$out"
