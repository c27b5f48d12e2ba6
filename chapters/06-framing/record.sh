#!/bin/bash
# See ../record.sh.
. "$(dirname "$0")/../record.sh"

# Starts the server with the flags behind the name, and runs the command from stdin. Sections NAME-server and NAME.
show() {
    local name=$1 command
    shift
    start "$@"
    read -r command
    eval "$(really "$command")" >answers 2>/dev/null || true
    until_true 'grep -q over server.out'
    the_server "$name-server"
    { echo "\$ $command"; cat answers; } | section "$name"
    stop
}

aside show half --read-is-message <<'DONE'
(printf hel; sleep 1; env printf 'lo\nworld\n') | nc -N 127.0.0.1 5555
DONE
aside show both --read-is-message <<'DONE'
env printf 'hello\nworld\n' | nc -N 127.0.0.1 5555
DONE
aside show lines <<'DONE'
(printf hel; sleep 1; env printf 'lo\nworld\n') | nc -N 127.0.0.1 5555
DONE
aside show prefixed --length-prefixed <<'DONE'
(printf '\0\0\0'; sleep 1; printf '\5hello\0\0\0\2me') | nc -N 127.0.0.1 5555
DONE
aside show no-limit --length-prefixed --no-limit <<'DONE'
(printf '\377\377\377\377'; head -c 100000000 /dev/zero) | nc -N 127.0.0.1 5555
DONE
aside show limit --length-prefixed <<'DONE'
(printf '\377\377\377\377'; head -c 100000000 /dev/zero) | nc -N 127.0.0.1 5555
DONE
aside show rescan --rescan <<'DONE'
(for i in $(seq 199); do printf x; sleep 0.02; done; echo) | nc -N 127.0.0.1 5555
DONE
aside show remember <<'DONE'
(for i in $(seq 199); do printf x; sleep 0.02; done; echo) | nc -N 127.0.0.1 5555
DONE
together
done_recording
