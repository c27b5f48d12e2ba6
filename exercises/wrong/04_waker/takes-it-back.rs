//! Expect: WRONG: a wake takes itself back
//!
//! A pulse: whoever does not wait at this moment misses it.

use std::fs::File;
use std::io::{self, Read, Write};
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
        (&self.eventfd).write(&1_u64.to_ne_bytes())?;
        (&self.eventfd).read(&mut [0; 8]).map(drop)
    }
}

impl AsFd for Waker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.eventfd.as_fd()
    }
}
