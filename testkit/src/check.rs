//! Checks that cannot be written without the mistake that they are there to find.

use std::fmt::Debug;

use crate::child::fail;
use crate::mistake::Mistake;

/// Ends the test unless the condition holds: with the mistake that was made, and what was seen, in the learner's terms.
///
/// ```text
/// check!(bytes.is_empty(), BYTES_LEFT, "{} bytes were left behind", bytes.len());
/// ```
#[macro_export]
macro_rules! check {
    ($condition:expr, $mistake:expr, $($seen:tt)+) => {
        if !$condition {
            $crate::fail($mistake, ::std::format_args!($($seen)+));
        }
    };
}

/// Ends the test unless the two are equal, and shows both: what there is, then what there should be.
///
/// ```text
/// check_eq!(client.receive(4), b"ping", NOT_AN_ECHO, "the client sent 4 bytes");
/// ```
#[macro_export]
macro_rules! check_eq {
    ($got:expr, $want:expr, $mistake:expr, $($seen:tt)+) => {
        $crate::check_equal(&$got, &$want, $mistake, ::std::format_args!($($seen)+))
    };
}

/// Ends the test unless the bytes are the same, and shows where they begin to differ.
///
/// ```text
/// check_bytes!(client.receive(4), b"ping", NOT_AN_ECHO, "the client sent 4 bytes");
/// ```
#[macro_export]
macro_rules! check_bytes {
    ($got:expr, $want:expr, $mistake:expr, $($seen:tt)+) => {
        $crate::check_same_bytes(&$got[..], &$want[..], $mistake, ::std::format_args!($($seen)+))
    };
}

/// What [`check_eq!`] does.
///
/// # Panics
/// Under [`property`](crate::property).
#[track_caller]
pub fn check_equal<A: PartialEq<B> + Debug, B: Debug>(
    got: &A,
    want: &B,
    mistake: Mistake,
    seen: std::fmt::Arguments<'_>,
) {
    if got != want {
        fail(mistake, format_args!("{seen}\n  expected: {}\n       got: {}", short(want), short(got)));
    }
}

/// Bytes as a person reads them: text as text, and not too much of it.
pub fn show(bytes: &[u8]) -> String {
    const ENOUGH: usize = 60;
    let text = bytes[..bytes.len().min(ENOUGH)].escape_ascii();
    if bytes.len() > ENOUGH { format!("\"{text}\"... ({} bytes)", bytes.len()) } else { format!("\"{text}\"") }
}

fn short(value: &impl Debug) -> String {
    const ENOUGH: usize = 300;
    let text = format!("{value:?}");
    match text.char_indices().nth(ENOUGH) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// How many bytes are the same at the start.
pub fn same_start(got: &[u8], want: &[u8]) -> usize {
    got.iter().zip(want).take_while(|(got, want)| got == want).count()
}

/// What [`check_bytes!`] does.
///
/// # Panics
/// Under [`property`](crate::property).
#[track_caller]
pub fn check_same_bytes(got: &[u8], want: &[u8], mistake: Mistake, seen: std::fmt::Arguments<'_>) {
    if got == want {
        return;
    }
    let same = same_start(got, want);
    let whence = same.saturating_sub(10);
    fail(
        mistake,
        format_args!(
            "{seen}\n  expected {} bytes, got {}; the first {same} are right; from byte {whence} on\n\
             \x20 expected: {}\n       got: {}",
            want.len(),
            got.len(),
            show(&want[whence..]),
            show(&got[whence..]),
        ),
    );
}
