#!/bin/bash
# See ../record.sh. The table of threads, and where they end, are not from here:
# `RECORD=1 cargo test -p chapters --test 01_thread_cost` writes them.
. "$(dirname "$0")/../record.sh"

# The second client waits.
start
client second 4
type_line second 4 hello
until_true '[ $(wc -l <second.out) = 3 ]'
client third 5
type_line third 5 'anyone there?'
until_true "connections | grep -q 'ESTAB 14'"
the_server server
section second <second.out
section third <third.out
table queues
table accept-queue -l
kill "$second"
until_true '[ $(wc -l <third.out) = 3 ]'
section third-answered <third.out
kill "$third"
exec 4>&- 5>&-
stop

# A write that Ctrl-Z cuts short, and what --write-once makes of it.
in_write() {
    grep -Eq '^(44|206) ' "/proc/$server/syscall"
}
for flag in --write-once ''; do
    start $flag
    (head -c 100000000 /dev/zero | nc -N 127.0.0.1 "$port" | (until_true '[ -e resumed ]'; wc -c) >count) &
    # It sleeps in write for good: its own queue is full, and the client's end takes nothing any more.
    until_true 'in_write && sleep 0.5 && in_write'
    [ -z "$flag" ] || table full
    kill -STOP "$server"
    until_true "grep -q 'State:.*T' /proc/$server/status"
    echo '^Z' >>server.out
    echo '$ fg' >>server.out
    kill -CONT "$server"
    until_true 'grep -q "short write" server.out'
    touch resumed
    until_true '[ -s count ] && grep -q left server.out'
    echo '$ head -c 100000000 /dev/zero | nc -N 127.0.0.1 5555 | (sleep 10; wc -c)' >command
    [ -z "$flag" ] || section command <command
    name=lost; [ -n "$flag" ] || name=whole
    cat command count | section "$name"
    the_server "$name-server"
    stop
    rm count resumed
done
done_recording
