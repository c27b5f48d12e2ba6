//! The stub of exercise 5 is not started, its solution passes, and each wrong answer is told what is wrong with it.
#![allow(
    warnings,
    unsafe_code,
    clippy::all,
    reason = "wrong answers are not tidy; `exercises` holds its own files to the lints"
)]

include!(concat!(env!("OUT_DIR"), "/05_find_the_bug.rs"));
