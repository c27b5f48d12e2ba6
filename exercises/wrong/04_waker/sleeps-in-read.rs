//! Expect: HANGS: in read: a wake sleeps until there is something to read
//!
//! Reads first, from a descriptor that blocks.

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
        let fd = cvt(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC) })?;
        Ok(Self { eventfd: File::from(unsafe { OwnedFd::from_raw_fd(fd) }) })
    }

    pub fn wake(&self) -> io::Result<()> {
        let _ = (&self.eventfd).read(&mut [0; 8]);
        (&self.eventfd).write(&1_u64.to_ne_bytes()).map(drop)
    }
}

impl AsFd for Waker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.eventfd.as_fd()
    }
}
