//! Expect: CRASHED: by SIGABRT: more is put on the stack than it has room for
//!
//! A buffer of many megabytes, on the stack of a thread that has two.

use std::io::{self, ErrorKind, Read, Write};

/// Waits for bytes, and puts them at the start of `buffer`. Returns how many there are; 0 is the end of the stream.
///
/// # Errors
/// What `read` says, except `EINTR`: a signal came first, and nothing was read.
pub fn receive(stream: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match stream.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Hands all of `bytes` to the kernel, in their order, in as many writes as it takes.
///
/// # Errors
/// What `write` says, except `EINTR`; [`io::ErrorKind::WriteZero`] if it takes nothing at all.
pub fn send(stream: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match stream.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(taken) => bytes = &bytes[taken..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Sends back what comes, as soon as it comes, until the client has sent its last byte. Returns how many bytes came.
///
/// # Errors
/// What [`receive`] and [`send`] say.
pub fn echo(stream: &mut (impl Read + Write)) -> io::Result<u64> {
    let mut buffer = [0u8; 8 * 1024 * 1024];
    let mut came = 0;
    loop {
        match receive(stream, &mut buffer)? {
            0 => return Ok(came),
            count => {
                send(stream, &buffer[..count])?;
                came += count as u64;
            }
        }
    }
}
