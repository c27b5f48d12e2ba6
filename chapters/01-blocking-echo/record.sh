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
in_read() {
    grep -Eq '^(45|207|0|63) ' "/proc/$server/syscall"
}
stuck() {
    in_write && sleep 0.5 && in_write
}
full() { # Do both ends wait, and are the queues as they were?
    grep -Eq '^(1|64) ' "/proc/$sender/syscall" && before=$(connections) && stuck && [ "$(connections)" = "$before" ]
}
cut_short() { # Ctrl-Z and fg. Did the write report what it had taken?
    kill -STOP "$server"
    until_true "grep -q 'State:.*T' /proc/$server/status"
    kill -CONT "$server"
    until_true 'grep -q "short write" server.out || stuck'
    grep -q "short write" server.out
}
command='(head -c 100000000 /dev/zero >&3 & sleep 10; timeout 5 cat <&3 | wc -c) 3<>/dev/tcp/127.0.0.1/5555'
for flag in --write-once ''; do
    name=lost; [ -n "$flag" ] || name=whole
    start $flag
    # What the command does, but for the times: the ten seconds end after `fg`, and the five when all has come.
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    head -c 100000000 /dev/zero >&3 &
    sender=$!
    until_true full
    [ -z "$flag" ] || table full
    echo '^Z' >>server.out
    echo '$ fg' >>server.out
    until cut_short; do
        # It had taken nothing yet, so the kernel began it anew. Elsewhere in the stream it will have taken a part.
        head -c 3000001 <&3 >>echo.out
        until_true stuck
    done
    cat <&3 >>echo.out &
    reader=$!
    wait "$sender"
    until_true "connections | grep -Eq 'ESTAB 0 +0 ' && in_read && sleep 0.2 && in_read"
    kill "$reader"
    wait "$reader" || true
    exec 3>&-
    until_true 'grep -q left server.out'
    [ -z "$flag" ] || echo "\$ $command" | section command
    { echo "\$ $command"; wc -c <echo.out; } | section "$name"
    the_server "$name-server"
    stop
    rm echo.out
done
done_recording
