//! The book shows what its own server says in a terminal. `chapters/09-http/events.sh` writes it anew.

#[path = "../../chapters/tests/common/replay.rs"]
mod replay;

use replay::Replay;

#[test]
fn chapter_9_shows_the_events_of_this_server() {
    Replay {
        script: "09-http/events.sh",
        program: env!("CARGO_BIN_EXE_course"),
        scratch: env!("CARGO_TARGET_TMPDIR"),
        tools: &["bash", "curl"],
        varies: &["data: {\"book\":\"*\",\"bytes\":#,\"connections\":#,\"eagains\":#,\"messages\":#,\"wakeups\":#}"],
        unordered: &[],
        optional: &[],
        elsewhere: &[],
    }
    .run(&["events.txt"]);
}
