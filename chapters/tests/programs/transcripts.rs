//! The book shows what the programs of chapters 1 to 6 show in a terminal. `chapters/NN-name/record.sh` writes it anew.
//! The transcripts of chapters 7 and 8 are compared where they are recorded: in `engine.rs` and `attacks.rs`.

use std::fs;
use std::path::Path;

use pretty_assertions::assert_eq;

use crate::replay::Replay;

/// What `nc` and `ss` are needed for, and in which order `ss` lists the connections, is the same for all.
fn chapter<'a>(script: &'a str, program: &'a str) -> Replay<'a> {
    Replay {
        script,
        program,
        scratch: env!("CARGO_TARGET_TMPDIR"),
        tools: &["bash", "nc", "ss"],
        varies: &[],
        unordered: &["ESTAB "],
        optional: &[],
        elsewhere: &[],
    }
}

/// A connection both of whose queues are full. How much the first may hold, the kernel decides anew each time.
const FULL: &str = "ESTAB # ##### 127.0.0.1:5555 127.0.0.1:PORT";

#[test]
fn chapter_1_shows_what_its_commands_show() {
    let script = "01-blocking-echo/record.sh";
    Replay {
        // Fewer than were sent, but not by how many; nor is it sure that the read before had filled its buffer.
        varies: &[FULL, "short write: the kernel took # of # bytes", "[lost] 999#"],
        ..chapter(script, env!("CARGO_BIN_EXE_01-blocking-echo"))
    }
    .run(&["01-blocking-echo.txt"]);
}

#[test]
fn chapter_2_shows_what_its_commands_show() {
    let script = "02-level-triggered/record.sh";
    Replay {
        varies: &[
            FULL,
            "tfd: # events: 19 data: ffffffffffffffff pos:0 ino:* sdev:*",
            "tfd: # events: 19 data: # pos:0 ino:* sdev:*",
            "tfd: # events: 1c data: # pos:0 ino:* sdev:*",
        ],
        unordered: &["ESTAB ", "tfd:"],
        ..chapter(script, env!("CARGO_BIN_EXE_02-level-triggered"))
    }
    .run(&["02-level-triggered.txt"]);
}

#[test]
fn chapter_3_shows_what_its_commands_show() {
    let script = "03-edge-triggered/record.sh";
    Replay {
        varies: &[
            "[three] I am #",
            "127.0.0.1:PORT left after 15 bytes, in turn #",
            "127.0.0.1:PORT left after 6 bytes, in turn #",
            "real #m#s",
            "user #m#s",
            "sys #m#s",
        ],
        ..chapter(script, env!("CARGO_BIN_EXE_03-edge-triggered"))
    }
    .run(&["03-edge-triggered.txt"]);
}

#[test]
fn chapter_4_shows_what_its_commands_show() {
    let script = "04-self-wake/record.sh";
    Replay {
        tools: &["bash", "nc"],
        varies: &[
            "lines: 100, wakes: 0, turns of the loop: #",
            "[waiting-eventfd] lines: 100, wakes: ##, turns of the loop: ##",
            "[busy] a line waited for ### ms (median), #### ms (longest)",
            "a line waited for # ms (median), # ms (longest)",
            "a time-out of 100 ms,#",
            "a time-out of 10 ms,#",
            "a time-out of 1 ms,#",
            "an eventfd,#",
        ],
        // With a time-out of 1 ms: on a busy machine the loop turns less often.
        optional: &["1000 turns of the loop"],
        ..chapter(script, env!("CARGO_BIN_EXE_04-self-wake"))
    }
    .run(&["04-self-wake.txt", "04-self-wake.csv"]);
}

#[test]
fn chapter_5_shows_what_its_commands_show() {
    let script = "05-mpsc-queue/record.sh";
    Replay {
        tools: &["bash", "nc"],
        varies: &[
            "[directly] #",
            "[directly] **",
            "*: 500 records written, # of them in pieces",
            "[always-server] *: 500 records accepted, eventfd written 500 times",
            "*: 500 records accepted, eventfd written # times",
            "[article] #",
            "[asleep] #",
            "127.0.0.1:PORT says no more after # of 2000 records",
            "[asleep-server] 127.0.0.1:PORT left after # of 2000 records",
        ],
        unordered: &[": 500 records accepted", ": 500 records written"],
        // They are tests themselves: see below.
        elsewhere: &["models"],
        ..chapter(script, env!("CARGO_BIN_EXE_05-mpsc-queue"))
    }
    .run(&["05-mpsc-queue.txt"]);
}

/// `cargo test` runs them, and says `ok` or fails. So it is enough that there are tests of these names.
#[test]
fn chapter_5_names_tests_of_the_models() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |file| fs::read_to_string(root.join(file)).unwrap();
    let (book, models) = (read("book/src/transcripts/05-mpsc-queue.txt"), read("models/tests/article_ring/main.rs"));
    let shown = book.split_once("$ cargo test -p models --test article_ring\n").unwrap().1;
    let names: Vec<_> = shown.lines().map_while(|line| line.strip_prefix("test ")?.strip_suffix(" ... ok")).collect();

    assert!(names.is_sorted() && names.len() > 1, "{names:?}");
    for name in names {
        let tests = models.matches(&format!("#[test]\nfn {name}() {{\n")).count();
        assert_eq!(tests, 1, "models/tests/article_ring has no test {name}");
    }
}

#[test]
fn chapter_6_shows_what_its_commands_show() {
    let script = "06-framing/record.sh";
    Replay {
        tools: &["bash", "nc"],
        varies: &[
            "[limit-server] 0 messages, # bytes read, at most # kept, # left over",
            // Letters that come while the server does not run come together.
            "[remember-server] 1 message, 200 bytes read, 200 looked at, at most ## kept, 0 left over",
            "[rescan-server] 1 message, 200 bytes read, #### looked at, at most ## kept, 0 left over",
        ],
        ..chapter(script, env!("CARGO_BIN_EXE_06-framing"))
    }
    .run(&["06-framing.txt"]);
}

#[test]
fn only_what_is_marked_may_differ() {
    let replay = Replay {
        varies: &["took # of 16384 bytes", "[big] ESTAB ##### 127.0.0.1:PORT", "*: # times"],
        unordered: &["times"],
        optional: &["1000 turns"],
        elsewhere: &["models"],
        ..chapter("none", "none")
    };
    let shape = |text: &str| replay.shape(text);

    assert_eq!(shape("took 12 of 16384 bytes"), shape("took  7680 of 16384 bytes"));
    assert_ne!(shape("took 12 of 16384 bytes"), shape("took 12 of 16385 bytes"));
    assert_eq!(shape("127.0.0.1:40002 connected"), shape("127.0.0.1:39 connected"));
    assert_ne!(shape("127.0.0.1:5555 connected"), shape("127.0.0.1:39 connected"));
    let big = |row: &str| shape(&format!("# ANCHOR: big\n{row}\n# ANCHOR_END: big"));
    assert_eq!(big("ESTAB 12345 127.0.0.1:1"), big("ESTAB 123456 127.0.0.1:2"));
    assert_ne!(big("ESTAB 12345 127.0.0.1:1"), big("ESTAB 14 127.0.0.1:2"));
    assert_ne!(shape("ESTAB 12345 127.0.0.1:1"), shape("ESTAB 123456 127.0.0.1:2"));
    assert_eq!(shape("A: 1 times\nBB: 3 times\nend"), shape("B: 2 times\nA: 7 times\nend"));
    assert_eq!(shape("1000 turns\nend"), shape("end"));
    assert_ne!(shape("1000 turns\nend"), shape("1001 turns\nend"));
    assert_eq!(shape("# ANCHOR: models\nok\n# ANCHOR_END: models"), [""; 0]);
}
