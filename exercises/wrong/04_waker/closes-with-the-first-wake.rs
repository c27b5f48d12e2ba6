//! Expect: WRONG: the descriptor is closed too early
//!
//! The `File` owns the number, and closes it at the end of the call.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, RawFd};

use crate::sys::cvt;

#[derive(Debug)]
pub struct Waker {
    eventfd: RawFd,
}

impl Waker {
    pub fn new() -> io::Result<Self> {
        let eventfd = cvt(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) })?;
        Ok(Self { eventfd })
    }

    pub fn wake(&self) -> io::Result<()> {
        let mut eventfd = unsafe { File::from_raw_fd(self.eventfd) };
        eventfd.write(&1_u64.to_ne_bytes()).map(drop)
    }
}

impl AsFd for Waker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        unsafe { BorrowedFd::borrow_raw(self.eventfd) }
    }
}
