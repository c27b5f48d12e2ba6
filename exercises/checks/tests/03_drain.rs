//! The stub of exercise 3 is not started, its solution passes, and each wrong answer is told what is wrong with it.
#![allow(
    warnings,
    unsafe_code,
    clippy::all,
    reason = "wrong answers are not tidy; `exercises` holds its own files to the lints"
)]

include!(concat!(env!("OUT_DIR"), "/03_drain.rs"));

#[test]
fn the_book_shows_what_readers_are_told() {
    let transcript = concat!(env!("CARGO_MANIFEST_DIR"), "/../../book/src/transcripts/diagnosis-asleep.txt");
    testkit::sheet::prove_shown(
        "the_book_shows_what_readers_are_told",
        "much_at_once_is_received_to_the_end",
        reads_once_sheet::TESTS,
        transcript.as_ref(),
    );
}
