//! Expect: WRONG: a wake adds more than 1 to the counter
//!
//! The number is taken for a flag.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};

use crate::sys::cvt;

#[derive(Debug)]
pub struct Waker {
    eventfd: File,
}

impl Waker {
    pub fn new() -> io::Result<Self> {
        let fd = cvt(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) })?;
        Ok(Self { eventfd: File::from(unsafe { OwnedFd::from_raw_fd(fd) }) })
    }

    pub fn wake(&self) -> io::Result<()> {
        match (&self.eventfd).write(&(u64::MAX - 1).to_ne_bytes()) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                let _ = (&self.eventfd).read(&mut [0; 8]);
                self.wake()
            }
            result => result.map(drop),
        }
    }
}

impl AsFd for Waker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.eventfd.as_fd()
    }
}
