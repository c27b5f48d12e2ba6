//! Exercise 1: echo.
//!
//! Send back what a client sends, every byte and none twice, whatever the kernel does in between: it may give you less
//! than your buffer holds, take less than you offer, or be interrupted by a signal before it has done anything.
//!
//! `read` and `write` on a [`Read`] or [`Write`] are the system calls of these names. Use only these two: `write_all` and
//! its like are what you are writing here. Chapter 1 has all that is needed.

use std::io::{self, Read, Write};

/// Waits for bytes, and puts them at the start of `buffer`. Returns how many there are; 0 is the end of the stream.
///
/// # Errors
/// What `read` says, except `EINTR`: a signal came first, and nothing was read.
pub fn receive(stream: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    todo!("read once, whatever signals come")
}

/// Hands all of `bytes` to the kernel, in their order, in as many writes as it takes.
///
/// # Errors
/// What `write` says, except `EINTR`; [`io::ErrorKind::WriteZero`] if it takes nothing at all.
pub fn send(stream: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    todo!("write until the kernel has taken every byte")
}

/// Sends back what comes, as soon as it comes, until the client has sent its last byte. Returns how many bytes came.
///
/// # Errors
/// What [`receive`] and [`send`] say.
pub fn echo(stream: &mut (impl Read + Write)) -> io::Result<u64> {
    todo!("receive and send, until the end of the stream")
}
