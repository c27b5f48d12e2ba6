//! Expect: WRONG: EINTR is taken for a failure
//!
//! Gives up when a signal comes before the first byte.

use std::io::{self, ErrorKind, Read, Write};

pub fn receive(stream: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    stream.read(buffer)
}

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
