//! Expect: WRONG: to send no bytes is taken for a failure
//!
//! Asks whether there is more behind the next byte.

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
pub fn send(stream: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let mut sent = 0;
    while sent < bytes.len() - 1 {
        match stream.write(&bytes[sent..]) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(taken) => sent += taken,
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
    let mut buffer = [0; 4096];
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
