# What the scripts NN-*/record.sh share. Each runs what its chapter shows in its terminals, for real, and writes what
# they showed to book/src/transcripts/NN-name.txt. It takes bash, nc (netcat-openbsd), ss (iproute2) and port 5555.
# Ctrl-Z and fg are sent as the signals they are; what a shell itself says of a stopped job is left out. A terminal is a
# file NAME.out.
set -euo pipefail
chapter=$(basename "$(dirname "$(realpath "$0")")")
root=$(realpath "$(dirname "$0")/../..")
cd "$root"
cargo build -q -p chapters
program=$(cargo build -q -p chapters --bin "$chapter" --message-format=json | sed -n 's/.*"executable":"\([^"]*\)".*/\1/p')
work=$(mktemp -d)
cd "$work"
trap 'kill $(jobs -p) 2>/dev/null || true; rm -r "$work"' EXIT

until_true() { # Waits until a command succeeds, ten seconds at most.
    for _ in $(seq 1000); do if eval "$1"; then return; fi; sleep 0.01; done
    echo "waited in vain for: $1" >&2
    exit 1
}
start() { # Starts the server; what its terminal shows goes to `server.out`. What is typed there comes from `server.in`.
    local typed=/dev/null
    if [ -p server.in ]; then typed=server.in; fi
    flags="$*"
    >server.out
    "$program" "$@" <$typed >>server.out 2>&1 &
    server=$!
    until_true 'grep -q listening server.out'
}
stop() { # Ends it by Ctrl-C.
    kill -INT "$server"
    wait "$server"
    until_true "[ -z \"\$(ss -tnH 'sport = :5555')\" ]"
}
sleeping() { # Is the server asleep in epoll_wait?
    grep -Eq '^(232|22|281) ' "/proc/$server/syscall"
}
client() { # Opens a terminal of this name with nc in it. What is typed goes into file descriptor $2.
    mkfifo "$1.in"
    echo '$ nc 127.0.0.1 5555' >"$1.out"
    nc 127.0.0.1 5555 <"$1.in" >>"$1.out" &
    eval "$1=$!; exec $2>'$1.in'"
    rm "$1.in"
}
terminal() { # Runs a command in a terminal of this name; `end NAME` ends it and all that it has started.
    echo "\$ $2" >"$1.out"
    setsid bash -c "$2" >>"$1.out" 2>&1 &
    eval "$1=$!"
}
end() {
    kill -- "-${!1}"
    wait "${!1}" 2>/dev/null || true
}
type_line() { # Types a line into the terminal of this name, which has file descriptor $2. It shows what is typed.
    echo "$3" >>"$1.out"
    echo "$3" >&"$2"
}
section() { # A part of the transcript, from stdin.
    { echo "# ANCHOR: $1"; sed '$a\'; echo "# ANCHOR_END: $1"; } >>transcript
}
the_server() { # The server's terminal, as a part of the transcript.
    { echo "\$ cargo run --bin $chapter${flags:+ -- $flags}"; cat server.out; } | section "$1"
}
done_recording() {
    mv transcript "$root/book/src/transcripts/$chapter.txt"
}
