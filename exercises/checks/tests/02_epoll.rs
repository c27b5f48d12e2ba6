//! The stub of exercise 2 is not started, its solution passes, and each wrong answer is told what is wrong with it.
#![allow(
    warnings,
    unsafe_code,
    clippy::all,
    reason = "wrong answers are not tidy; `exercises` holds its own files to the lints"
)]

// As in the engine, whose module the answer rebuilds.
use reactor::sys;

include!(concat!(env!("OUT_DIR"), "/02_epoll.rs"));

#[test]
fn the_book_shows_what_readers_are_told() {
    let transcript = concat!(env!("CARGO_MANIFEST_DIR"), "/../../book/src/transcripts/diagnosis-spinning.txt");
    testkit::sheet::prove_shown(
        "the_book_shows_what_readers_are_told",
        "a_client_that_says_nothing_costs_nothing",
        always_writable_sheet::TESTS,
        transcript.as_ref(),
    );
}
