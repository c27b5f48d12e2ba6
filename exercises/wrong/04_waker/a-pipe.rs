//! Expect: WRONG: the descriptor is no eventfd
//!
//! The older trick, which keeps a byte for each wake.

use std::io::{self, ErrorKind, PipeReader, PipeWriter, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use crate::sys::cvt;

#[derive(Debug)]
pub struct Waker {
    reader: PipeReader,
    writer: PipeWriter,
}

impl Waker {
    pub fn new() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        cvt(unsafe { libc::fcntl(writer.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) })?;
        Ok(Self { reader, writer })
    }

    pub fn wake(&self) -> io::Result<()> {
        match (&self.writer).write(&[1]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            result => result.map(drop),
        }
    }
}

impl AsFd for Waker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }
}
