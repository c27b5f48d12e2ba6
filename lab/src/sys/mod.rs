//! The system calls, untraced: each function is one call, with its errors as an [`Errno`].
//!
//! This is the only place of the lab with `unsafe` in it. Experiments that repeat a call thousands of times, or make it
//! from several threads, use these functions directly and note the outcome.

pub(crate) mod epoll;
pub(crate) mod file;
pub(crate) mod process;
pub(crate) mod socket;

use crate::words::Errno;

/// The answer of a call, or the reason for which it failed.
pub(crate) type Result<T> = std::result::Result<T, Errno>;

/// Turns -1 and `errno` into an [`Errno`].
fn cvt(answer: libc::c_int) -> Result<libc::c_int> {
    if answer < 0 { Err(last_error()) } else { Ok(answer) }
}

/// The same for calls that count bytes.
fn cvt_size(answer: libc::ssize_t) -> Result<usize> {
    usize::try_from(answer).map_err(|_| last_error())
}

fn last_error() -> Errno {
    Errno(std::io::Error::last_os_error().raw_os_error().unwrap_or(0))
}
