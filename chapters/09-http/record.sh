#!/bin/bash
# See ../record.sh. It takes curl as well. `events.sh` records what the book's own server says.
package=http-server
. "$(dirname "$0")/../record.sh"

shown() { # Runs a command that names the usual port, on the real one. $1: the part's name
    { echo "\$ $2"; bash -c "$(really "$2")" 2>/dev/null | tr -d '\r' || true; } >"$1.out"
    section "$1" <"$1.out"
}

>server.out
(cd "$root" && exec "$program" 127.0.0.1:0 book/theme >>"$work/server.out" 2>&1) &
server=$!
listening
# In the order of the page.
shown head 'curl -I http://127.0.0.1:5555/favicon.svg'
shown hello "printf 'hello\\r\\n\\r\\n' | nc -N 127.0.0.1 5555"
shown two "printf 'HEAD /favicon.svg HTTP/1.1\\r\\nHost: book\\r\\n\\r\\nHEAD / HTTP/1.1\\r\\nHost: book\\r\\n\\r\\n' | nc -N 127.0.0.1 5555"
shown smuggle "printf 'POST / HTTP/1.1\\r\\nHost: book\\r\\nContent-Length: 5\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n' | nc -N 127.0.0.1 5555"
shown escape 'curl -i --path-as-is http://127.0.0.1:5555/../../Cargo.toml'
shown again "curl -I -H 'If-None-Match: $(sed -n 's/^ETag: //p' head.out)' http://127.0.0.1:5555/favicon.svg"
{ echo '$ cargo run --bin 09-http -- 127.0.0.1:5555 book/theme'; cat server.out; } | section server
stop
done_recording
