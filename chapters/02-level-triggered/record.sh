#!/bin/bash
# See ../record.sh.
. "$(dirname "$0")/../record.sh"

in_write() {
    grep -Eq '^(44|206) ' "/proc/$server/syscall"
}

# One thread serves two. One client that never reads stops both.
start --blocking
client first 4
client second 5
until_true '[ $(grep -c connected server.out) = 2 ]'
type_line second 5 'anyone there?'
until_true '[ $(wc -l <second.out) = 3 ]'
section second <second.out
terminal silent 'head -c 100000000 /dev/zero >/dev/tcp/127.0.0.1/5555'
until_true 'in_write && sleep 1 && in_write'
section silent <silent.out
echo '$ nc 127.0.0.1 5555' >second.out
type_line second 5 'still there?'
until_true "connections | grep -q 'ESTAB 13 '"
section second-waits <second.out
table queues
[ "$(wc -l <second.out)" = 2 ]
kill "$first" "$second"
end silent
stop

# Without the flaw.
start
client second 5
terminal silent 'head -c 100000000 /dev/zero >/dev/tcp/127.0.0.1/5555'
until_true "connections | grep -q 'ESTAB [1-9]' && sleep 1 && sleeping"
type_line second 5 'still there?'
until_true '[ $(wc -l <second.out) = 3 ]'
section second-served <second.out
{ echo "\$ grep -h tfd /proc/\$(pidof $chapter)/fdinfo/*"; grep -h tfd /proc/"$server"/fdinfo/*; } | section interest
kill "$second"
end silent
stop

# EPOLLOUT asked for at all times.
start --always-writable
client second 5
until_true 'grep -q 1000000 server.out'
the_server spin
kill "$second"
stop
done_recording
