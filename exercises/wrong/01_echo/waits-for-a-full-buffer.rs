//! Expect: HANGS: in read: it waits for more before it answers
//!
//! Fills its buffer before it sends anything back. A client that waits for its four bytes waits for ever.

use std::io::{self, ErrorKind, Read, Write};

pub fn receive(stream: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match stream.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
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
        let mut filled = 0;
        while filled < buffer.len() {
            match receive(stream, &mut buffer[filled..])? {
                0 => break,
                count => filled += count,
            }
        }
        send(stream, &buffer[..filled])?;
        came += filled as u64;
        if filled < buffer.len() {
            return Ok(came);
        }
    }
}
