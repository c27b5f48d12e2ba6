//! The book shows what this server answers in a terminal. `chapters/09-http/record.sh` writes it anew.

#[path = "../../tests/common/replay.rs"]
mod replay;

use replay::Replay;

#[test]
fn chapter_9_shows_what_its_commands_show() {
    Replay {
        script: "09-http/record.sh",
        program: env!("CARGO_BIN_EXE_09-http"),
        scratch: env!("CARGO_TARGET_TMPDIR"),
        tools: &["bash", "nc", "curl"],
        // The tag holds the time of the file's last change.
        varies: &[
            "Date: *, # * # #:#:# GMT",
            "ETag: W/\"*-156\"",
            "$ curl -I -H 'If-None-Match: W/\"*-156\"' http://127.0.0.1:5555/favicon.svg",
        ],
        unordered: &[],
        optional: &[],
        elsewhere: &[],
    }
    .run(&["09-http.txt"]);
}
