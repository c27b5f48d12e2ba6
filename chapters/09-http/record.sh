#!/bin/bash
# Runs what chapter 9 shows in its terminals, for real, and writes what they showed to the book:
#
#     chapters/09-http/record.sh
#
# It takes bash, curl and nc (netcat-openbsd). The servers listen on free ports; the book shows the usual ones.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=$PWD/book/src/transcripts/09-http.txt
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -r "$work"' EXIT

built() { cargo build -q -p "$1" --bin "$2" --message-format=json | sed -n 's/.*"executable":"\([^"]*\)".*/\1/p'; }
program=$(built http-server 09-http)
book=$(built course course)

until_true() { # Waits until a command succeeds, a minute at most.
    for _ in $(seq 6000); do if eval "$1"; then return; fi; sleep 0.01; done
    echo "waited in vain for: $1" >&2
    exit 1
}
section() { # A part of the transcript, from stdin.
    { echo "# ANCHOR: $1"; tr -d '\r' | sed "s/127.0.0.1:$port/127.0.0.1:$usual/g"; echo "# ANCHOR_END: $1"; } >>"$work/transcript"
}
shown() { # Runs a command that names the usual port, on the real one.
    echo "\$ $1"
    bash -c "${1//$usual/$port}" 2>/dev/null || true
}

"$program" 127.0.0.1:0 book/theme >"$work/server" 2>&1 &
until_true "grep -q listening '$work/server'"
port=$(sed -n 's/listening on 127.0.0.1://p' "$work/server") usual=5555
shown 'curl -I http://127.0.0.1:5555/favicon.svg' | section head
tag=$(curl -sI "http://127.0.0.1:$port/favicon.svg" | tr -d '\r' | sed -n 's/^etag: //Ip')
shown "curl -I -H 'If-None-Match: $tag' http://127.0.0.1:5555/favicon.svg" | section again
shown "printf 'HEAD /favicon.svg HTTP/1.1\\r\\nHost: book\\r\\n\\r\\nHEAD / HTTP/1.1\\r\\nHost: book\\r\\n\\r\\n' | nc -N 127.0.0.1 5555" | section two
shown "printf 'hello\\r\\n\\r\\n' | nc -N 127.0.0.1 5555" | section hello
shown "printf 'POST / HTTP/1.1\\r\\nHost: book\\r\\nContent-Length: 5\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n' | nc -N 127.0.0.1 5555" | section smuggle
shown 'curl -i --path-as-is http://127.0.0.1:5555/../../Cargo.toml' | section escape
{ echo '$ cargo run --bin 09-http -- 127.0.0.1:5555 book/theme'; cat "$work/server"; } | section server

"$book" --port 0 >"$work/book" 2>&1 &
until_true "grep -q 'the book: ' '$work/book'"
port=$(sed -n 's,the book: http://127.0.0.1:\(.*\)/,\1,p' "$work/book") usual=3000
{ echo '$ curl -N http://127.0.0.1:3000/events'
  timeout 10 curl -sN "http://127.0.0.1:$port/events" | head -6 || true; echo '^C'; } | section events
mv "$work/transcript" "$out"
