#!/bin/bash
# Runs what chapter 6 shows in its terminals, for real, and writes what they showed to the book:
#
#     chapters/06-framing/record.sh
#
# It takes bash, nc (netcat-openbsd) and port 5555.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=$PWD/book/src/transcripts/06-framing.txt
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -r "$work"' EXIT

program=$(cargo build -q -p chapters --bin 06-framing --message-format=json | sed -n 's/.*"executable":"\([^"]*\)".*/\1/p')
cd "$work"

until_true() { # Waits until a command succeeds, twenty seconds at most.
    for _ in $(seq 2000); do if eval "$1"; then return; fi; sleep 0.01; done
    echo "waited in vain for: $1" >&2
    exit 1
}
# Starts the server with the flags behind the name, runs the command from stdin, and notes what both terminals show.
show() {
    name=$1
    shift
    "$program" "$@" >server 2>&1 &
    server=$!
    until_true 'grep -q listening server'
    read -r command
    eval "$command" >answers 2>/dev/null || true
    until_true 'grep -q over server'
    {
        echo "# ANCHOR: $name"
        echo "\$ cargo run --bin 06-framing${1:+ -- $*}"
        cat server
        echo
        echo "\$ $command"
        cat answers
        echo "# ANCHOR_END: $name"
    } >>transcript
    kill -INT "$server"
    wait "$server"
}

show half --read-is-message <<'DONE'
(printf hel; sleep 1; env printf 'lo\nworld\n') | nc -N 127.0.0.1 5555
DONE
show both --read-is-message <<'DONE'
env printf 'hello\nworld\n' | nc -N 127.0.0.1 5555
DONE
show lines <<'DONE'
(printf hel; sleep 1; env printf 'lo\nworld\n') | nc -N 127.0.0.1 5555
DONE
show prefixed --length-prefixed <<'DONE'
(printf '\0\0\0'; sleep 1; printf '\5hello\0\0\0\2me') | nc -N 127.0.0.1 5555
DONE
show no-limit --length-prefixed --no-limit <<'DONE'
(printf '\377\377\377\377'; head -c 100000000 /dev/zero) | nc -N 127.0.0.1 5555
DONE
show limit --length-prefixed <<'DONE'
(printf '\377\377\377\377'; head -c 100000000 /dev/zero) | nc -N 127.0.0.1 5555
DONE
show rescan-1 --rescan <<'DONE'
(for i in $(seq 199); do printf x; sleep 0.02; done; echo) | nc -N 127.0.0.1 5555
DONE
show rescan-2 <<'DONE'
(for i in $(seq 199); do printf x; sleep 0.02; done; echo) | nc -N 127.0.0.1 5555
DONE
sed -i '/^# ANCHOR: rescan-1/s/.*/# ANCHOR: rescan/; /^# ANCHOR_END: rescan-1/s/.*//; /^# ANCHOR: rescan-2/d; /^# ANCHOR_END: rescan-2/s/.*/# ANCHOR_END: rescan/' transcript
mv transcript "$out"
