//! Expect: WRONG: the descriptor is never closed
//!
//! Each wake writes to a copy that nobody closes.

use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};

use crate::sys::cvt;

#[derive(Debug)]
pub struct Waker {
    eventfd: OwnedFd,
}

impl Waker {
    pub fn new() -> io::Result<Self> {
        let eventfd = cvt(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) })?;
        Ok(Self { eventfd: unsafe { OwnedFd::from_raw_fd(eventfd) } })
    }

    pub fn wake(&self) -> io::Result<()> {
        let one = 1_u64;
        let pointer = (&raw const one).cast();
        let copy = self.eventfd.try_clone()?.into_raw_fd();
        match unsafe { libc::write(copy, pointer, 8) } {
            8 => Ok(()),
            _ if io::Error::last_os_error().kind() == ErrorKind::WouldBlock => {
                let mut counter = 0_u64;
                unsafe { libc::read(copy, (&raw mut counter).cast(), 8) };
                self.wake()
            }
            _ => Err(io::Error::last_os_error()),
        }
    }
}

impl AsFd for Waker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.eventfd.as_fd()
    }
}
