#!/bin/bash
# Records what chapter 9 shows of the book's own server; see ../record.sh. It takes curl.
package=course
program_name=course
. "$(dirname "$0")/../record.sh"

usual=3000
>server.out
(cd "$root" && exec "$program" --port 0 >>"$work/server.out" 2>&1) &
server=$!
until_true "grep -q '^the book: ' server.out"
port=$(sed -n 's,^the book: http://127.0.0.1:\(.*\)/,\1,p' server.out)
{
    echo '$ curl -N http://127.0.0.1:3000/events'
    # Two events of three lines.
    curl -sN "http://127.0.0.1:$port/events" | head -n 6 || true
    echo '^C'
} | section events
stop
done_recording events
