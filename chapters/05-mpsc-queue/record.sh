#!/bin/bash
# Runs what chapter 5 shows in its terminals, for real, and writes what they showed to the book:
#
#     chapters/05-mpsc-queue/record.sh
#
# It takes bash, nc (netcat-openbsd) and port 5555.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=$PWD/book/src/transcripts/05-mpsc-queue.txt
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -r "$work"' EXIT

program=$(cargo build -q -p chapters --bin 05-mpsc-queue --message-format=json | sed -n 's/.*"executable":"\([^"]*\)".*/\1/p')
models=$PWD
cd "$work"

until_true() { # Waits until a command succeeds, ten seconds at most.
    for _ in $(seq 1000); do if eval "$1"; then return; fi; sleep 0.01; done
    echo "waited in vain for: $1" >&2
    exit 1
}
section() { # A part of the transcript, from stdin.
    { echo "# ANCHOR: $1"; cat; echo "# ANCHOR_END: $1"; } >>transcript
}
# Starts the server with the flags behind the name, and has a client take what comes for two seconds, unless the server
# hangs up. Then the commands from stdin are run. Sections NAME-server and NAME.
show() {
    name=$1
    shift
    "$program" "$@" >server 2>&1 &
    server=$!
    until_true 'grep -q listening server'
    {
        echo '$ timeout 2 nc -d 127.0.0.1 5555 >records'
        timeout 2 nc -d 127.0.0.1 5555 >records || true
        while read -r command; do echo "\$ $command"; eval "$command" || true; done
    } | section "$name"
    until_true '! grep -q connected server || grep -Eq "left|no more|pieces" server'
    sleep 0.2 # The last words of the threads.
    { echo "\$ cargo run --bin 05-mpsc-queue${1:+ -- $*}"; cat server; } | section "$name-server"
    kill -INT "$server"
    wait "$server"
}

show directly --write-directly <<'DONE'
wc -lc <records
grep -cvE '^(A+|B+|C+|D+)$' records
grep -vE '^(A+|B+|C+|D+)$' records | head -3 | tr -s A-D
DONE
show queue <<'DONE'
wc -lc <records
grep -cvE '^(A+|B+|C+|D+)$' records
DONE
show article --article-ring <<'DONE'
wc -l <records
DONE
show asleep --no-second-look --nap 10 <<'DONE'
wc -l <records
DONE
show always --always-wake <<'DONE'
wc -l <records
DONE
{
    echo '$ cargo test -p models --test article_ring'
    (cd "$models" && cargo test -q -p models --test article_ring -- --format pretty 2>/dev/null) |
        grep -E '^test .*(race|overflow|first|tail)' | sort
} | section models
mv transcript "$out"
