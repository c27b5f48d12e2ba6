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

# Read once for an event.
read_once() {
    start --read-once --buffer 8
    client first 4
    type_line first 4 'hello, world'
    until_true 'grep -q "hello, w$" first.out && sleeping'
    section hello <first.out
    table hello-queues
    echo again >>first.out # It stands behind the `w`, where the cursor is.
    echo again >&4
    until_true "grep -q aga$ first.out && connections | grep -Eq 'ESTAB 3 +0 '"
    section again <first.out
    table again-queues
    kill "$first"
    stop
}

# Accept once for an event.
accept_once() {
    start --accept-once
    pause
    terminal three 'for i in 1 2 3; do echo "I am $i" | nc 127.0.0.1 5555 & done; wait'
    until_true "[ \$(connections -l | awk '{print \$2}') = 3 ]"
    go_on
    until_true '[ $(wc -l <three.out) = 2 ] && sleep 1 && sleeping'
    section three <three.out
    the_server three-server
    table three-queue -l
    end three
    stop
}

# Do not ask for EPOLLRDHUP.
last_words() {
    local flag=$1
    name=no-rdhup; [ -n "$flag" ] || name=rdhup
    start $flag
    pause
    terminal last "echo 'the last words' | nc -N 127.0.0.1 5555"
    until_true "[ \$(connections -l | awk '{print \$2}') = 1 ]"
    go_on
    until_true 'grep -q ^the.last last.out && sleep 1 && sleeping'
    section "$name" <last.out
    the_server "$name-server"
    if [ -n "$flag" ]; then table "$name-queues"; end last; fi
    stop
}

# One floods, another is in a hurry.
flood_and_hurry() {
    local flag=$1
    name=no-budget; [ -n "$flag" ] || name=budget
    start $flag --work 100000
    terminal flood 'nc 127.0.0.1 5555 </dev/zero >/dev/null'
    until_true "connections | grep -Eq 'ESTAB [1-9]' && sleep 2"
    terminal other 'time (echo hurry | nc -N 127.0.0.1 5555)'
    until_true 'grep -q sys other.out'
    the_server "$name-server"
    section "$name-flood" <flood.out
    expand other.out | section "$name"
    end flood
    stop
}

aside read_once
aside accept_once
aside last_words --no-rdhup
aside last_words ''
aside flood_and_hurry --no-budget
aside flood_and_hurry ''
together
done_recording
