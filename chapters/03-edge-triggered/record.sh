#!/bin/bash
# See ../record.sh.
. "$(dirname "$0")/../record.sh"

pause() { # Ctrl-Z
    until_true sleeping
    kill -STOP "$server"
    until_true "grep -q 'State:.*T' /proc/$server/status"
    echo '^Z' >>server.out
}
go_on() {
    echo '$ fg' >>server.out
    kill -CONT "$server"
}
queues() { # $1: the part's name
    { echo "\$ ss -tn 'sport = :5555'"; ss -tn 'sport = :5555'; } | sed 's/ *$//' | section "$1"
}

# Read once for an event.
start --read-once --buffer 8
client first 4
type_line first 4 'hello, world'
until_true 'grep -q "hello, w$" first.out && sleeping'
section hello <first.out
queues hello-queues
echo again >>first.out # It stands behind the `w`, where the cursor is.
echo again >&4
until_true "grep -q aga$ first.out && ss -tnH 'sport = :5555' | grep -Eq 'ESTAB 3 +0 '"
section again <first.out
queues again-queues
kill "$first"
stop

# Accept once for an event.
start --accept-once
pause
terminal three 'for i in 1 2 3; do echo "I am $i" | nc 127.0.0.1 5555 & done; wait'
until_true "[ \$(ss -ltnH 'sport = :5555' | awk '{print \$2}') = 3 ]"
go_on
until_true '[ $(wc -l <three.out) = 2 ] && sleep 1 && sleeping'
section three <three.out
the_server three-server
{ echo "\$ ss -ltn 'sport = :5555'"; ss -ltn 'sport = :5555'; } | sed 's/ *$//' | section three-queue
end three
stop

# Do not ask for EPOLLRDHUP.
for flag in --no-rdhup ''; do
    name=no-rdhup; [ -n "$flag" ] || name=rdhup
    start $flag
    pause
    terminal last "echo 'the last words' | nc -N 127.0.0.1 5555"
    until_true "[ \$(ss -ltnH 'sport = :5555' | awk '{print \$2}') = 1 ]"
    go_on
    until_true 'grep -q ^the.last last.out && sleep 1 && sleeping'
    section "$name" <last.out
    the_server "$name-server"
    if [ -n "$flag" ]; then queues "$name-queues"; end last; fi
    stop
done

# One floods, another is in a hurry.
for flag in --no-budget ''; do
    name=no-budget; [ -n "$flag" ] || name=budget
    start $flag --work 100000
    terminal flood 'nc 127.0.0.1 5555 </dev/zero >/dev/null'
    until_true "ss -tnH 'sport = :5555' | grep -Eq 'ESTAB [1-9]' && sleep 2"
    terminal other 'time (echo hurry | nc -N 127.0.0.1 5555)'
    until_true 'grep -q sys other.out'
    the_server "$name-server"
    section "$name-flood" <flood.out
    expand other.out | section "$name"
    end flood
    stop
done
done_recording
