//! The border between C's way of reporting an error and Rust's.

use std::io;

/// Turns what a system call returned into a `Result`: -1 means that `errno` says why it failed.
///
/// # Errors
/// `errno`, as the call left it, when `result` is -1.
pub fn cvt(result: libc::c_int) -> io::Result<libc::c_int> {
    if result == -1 { Err(io::Error::last_os_error()) } else { Ok(result) }
}
