# What the scripts NN-*/record.sh share. Each runs what its chapter shows in its terminals, for real, and writes what
# they showed to book/src/transcripts/NN-name.txt; `cargo test` runs them too, and compares. It takes bash, nc
# (netcat-openbsd) and, where a page shows its table, ss (iproute2).
#
# The servers listen on free ports, and the book shows the usual one. Ctrl-Z and fg are sent as the signals they are;
# what a shell itself says of a stopped job is left out. A terminal is a file NAME.out.
#
# TRANSCRIPTS names another folder to write to, PROGRAM a chapter's program that is built already.
set -euo pipefail
chapter=$(basename "$(dirname "$(realpath "$0")")")
root=$(realpath "$(dirname "$0")/../..")
cd "$root"
built() { # The path of a package's program.
    cargo build -q -p "$1" --bin "$2" --message-format=json | sed -n 's/.*"executable":"\([^"]*\)".*/\1/p'
}
program=${PROGRAM:-$(built "${package:-chapters}" "${program_name:-$chapter}")}
transcripts=${TRANSCRIPTS:-$root/book/src/transcripts}
work=$(mktemp -d)
cd "$work"
groups=
trap 'kill -- $groups $(jobs -p) 2>/dev/null || true; rm -r "$work"' EXIT
# The port that the book shows, and the one in its place.
usual=5555
port=$usual

until_true() { # Waits until a command succeeds, twenty seconds at most.
    for _ in $(seq 2000); do if eval "$1"; then return; fi; sleep 0.01; done
    echo "waited in vain for: $1" >&2
    tail -n 20 ./*.out >&2 || true
    exit 1
}
start() { # Starts the server; what its terminal shows goes to `server.out`. What is typed there comes from `server.in`.
    local typed=/dev/null
    if [ -p server.in ]; then typed=server.in; fi
    flags="$*"
    >server.out
    "$program" "127.0.0.1:0" "$@" <$typed >>server.out 2>&1 &
    server=$!
    listening
}
listening() { # Waits for the server's first line.
    until_true 'grep -q "^listening on " server.out'
    port=$(sed -n 's/^listening on 127.0.0.1://p' server.out)
}
stop() { # Ends it by Ctrl-C.
    kill -INT "$server"
    wait "$server"
}
sleeping() { # Is the server asleep in epoll_wait?
    grep -Eq '^(232|22|281) ' "/proc/$server/syscall"
}
client() { # Opens a terminal of this name with nc in it. What is typed goes into file descriptor $2.
    mkfifo "$1.in"
    echo '$ nc 127.0.0.1 5555' >"$1.out"
    nc 127.0.0.1 "$port" <"$1.in" >>"$1.out" &
    eval "$1=$!; exec $2>'$1.in'"
    rm "$1.in"
}
really() { # A command that names the usual port, with the real one.
    echo "${1//$usual/$port}"
}
terminal() { # Runs a command in a terminal of this name; `end NAME` ends it and all that it has started.
    echo "\$ $2" >"$1.out"
    setsid bash -c "$(really "$2")" >>"$1.out" 2>&1 &
    eval "$1=$!"
    groups+=" -$!"
}
end() {
    kill -- "-${!1}"
    wait "${!1}" 2>/dev/null || true
}
type_line() { # Types a line into the terminal of this name, which has file descriptor $2. It shows what is typed.
    echo "$3" >>"$1.out"
    echo "$3" >&"$2"
}
connections() { # What ss tells of the server's connections; `connections -l` of its listener.
    ss -tnH "$@" "sport = :$port"
}
table() { # The same as a part of the transcript, as wide as a terminal shows it with the usual port.
    local name=$1
    shift
    { echo "\$ ss -tn 'sport = :5555'"; ss -tn "$@" "sport = :$port"; } |
        sed "s/ss -tn/ss -${1:+l}tn/; s/Local Address:Port  Peer/Local Address:Port Peer/; s/ *$//" | section "$name"
}
section() { # A part of the transcript, from stdin.
    { echo "# ANCHOR: $1"; sed '$a\'; echo "# ANCHOR_END: $1"; } |
        sed -E "s/127\.0\.0\.1([: /])$port\b/127.0.0.1\1$usual/g" >>transcript
}
the_server() { # The server's terminal, as a part of the transcript.
    { echo "\$ cargo run --bin $chapter${flags:+ -- $flags}"; cat server.out; } | section "$1"
}
asides=()
aside() { # Runs a function in a folder of its own, while the script goes on. A recording waits: nothing is to disturb it.
    local folder=aside-${#asides[@]}
    mkdir "$folder"
    (
        cd "$folder"
        trap 'kill -- $groups $(jobs -p) 2>/dev/null || true' EXIT
        "$@"
    ) <&0 &
    asides+=($!)
    [ -n "${PROGRAM:-}" ] || wait $!
}
together() { # Waits for them, and puts what they have recorded behind each other.
    for i in "${!asides[@]}"; do
        wait "${asides[$i]}"
        cat "aside-$i/transcript" >>transcript
    done
}
done_recording() { # $1: the transcript's name, if it is not the chapter's.
    mv transcript "$transcripts/${1:-$chapter}.txt"
}
