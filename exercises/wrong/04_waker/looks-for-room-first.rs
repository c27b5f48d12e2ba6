//! Expect: WRONG: a wake sleeps while the counter is full
//!
//! Asks before it writes, from a descriptor that blocks: another thread may be faster.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

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
        let mut room = libc::pollfd { fd: self.eventfd.as_raw_fd(), events: libc::POLLOUT, revents: 0 };
        if cvt(unsafe { libc::poll(&raw mut room, 1, 0) })? == 0 {
            (&self.eventfd).read(&mut [0; 8])?;
        }
        (&self.eventfd).write(&1_u64.to_ne_bytes()).map(drop)
    }
}

impl AsFd for Waker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.eventfd.as_fd()
    }
}
