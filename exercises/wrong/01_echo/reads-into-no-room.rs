//! Expect: WRONG: echo reads into a buffer without room
//!
//! Has a `Vec` with a capacity, and a length of 0.

use std::io::{self, Read, Write};

pub fn receive(stream: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match stream.read(buffer) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            r => return r,
        }
    }
}

pub fn send(stream: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let mut sent = 0;
    while sent < bytes.len() {
        match stream.write(&bytes[sent..]) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => sent += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

pub fn echo(stream: &mut (impl Read + Write)) -> io::Result<u64> {
    let mut buffer = Vec::with_capacity(4096);
    let mut total = 0u64;
    loop {
        let n = receive(stream, &mut buffer)?;
        if n == 0 {
            return Ok(total);
        }
        total += n as u64;
        send(stream, &buffer[..n])?;
    }
}
