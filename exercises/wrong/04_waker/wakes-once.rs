//! Expect: WRONG: only the first wake is an event
//!
//! Coalesces, and nobody says when the loop has woken.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::sys::cvt;

#[derive(Debug)]
pub struct Waker {
    eventfd: File,
    woken: AtomicBool,
}

impl Waker {
    pub fn new() -> io::Result<Self> {
        let fd = cvt(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) })?;
        Ok(Self { eventfd: File::from(unsafe { OwnedFd::from_raw_fd(fd) }), woken: AtomicBool::new(false) })
    }

    pub fn wake(&self) -> io::Result<()> {
        if self.woken.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        (&self.eventfd).write(&1_u64.to_ne_bytes()).map(drop)
    }
}

impl AsFd for Waker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.eventfd.as_fd()
    }
}
