#!/bin/bash
# See ../record.sh.
. "$(dirname "$0")/../record.sh"

# Starts the server with the flags behind the name, and has a client take what comes for two seconds, unless the server
# hangs up. Then the commands from stdin are run. The server has said all when so many
# of its lines contain these words. Sections NAME-server and NAME.
show() {
    local name=$1 last=$2 lines=$3
    shift 3
    start "$@"
    {
        echo '$ timeout 2 nc -d 127.0.0.1 5555 >records'
        timeout 2 nc -d 127.0.0.1 "$port" >records || true
        while read -r command; do echo "\$ $command"; eval "$command" || true; done
    } | section "$name"
    until_true "[ \$(grep -c '$last' server.out) = $lines ]"
    the_server "$name-server"
    stop
}

aside show directly 'pieces' 4 --write-directly <<'DONE'
wc -lc <records
grep -cvE '^(A+|B+|C+|D+)$' records
grep -vE '^(A+|B+|C+|D+)$' records | head -3 | tr -s A-D
DONE
aside show queue 'left after\|accepted' 5 <<'DONE'
wc -lc <records
grep -cvE '^(A+|B+|C+|D+)$' records
DONE
aside show article 'no more\|accepted' 5 --article-ring <<'DONE'
wc -l <records
DONE
aside show asleep 'left after' 1 --no-second-look --nap 10 <<'DONE'
wc -l <records
DONE
aside show always 'left after\|accepted' 5 --always-wake <<'DONE'
wc -l <records
DONE
together
if [ -z "${PROGRAM:-}" ]; then
    {
        echo '$ cargo test -p models --test article_ring'
        (cd "$root" && cargo test -q -p models --test article_ring -- --format pretty 2>/dev/null) |
            grep -E '^test .*(race|overflow|first|tail)' | sort
    } | section models
fi
done_recording
