//! Expect: WRONG: the descriptor is never closed
//!
//! A number that nobody owns.

use std::io::{self, ErrorKind, Write};
use std::os::fd::{AsFd, BorrowedFd, RawFd};

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
        let one = 1_u64;
        let pointer = (&raw const one).cast();
        match unsafe { libc::write(self.eventfd, pointer, 8) } {
            8 => Ok(()),
            _ if io::Error::last_os_error().kind() == ErrorKind::WouldBlock => {
                let mut counter = 0_u64;
                unsafe { libc::read(self.eventfd, (&raw mut counter).cast(), 8) };
                self.wake()
            }
            _ => Err(io::Error::last_os_error()),
        }
    }
}

impl AsFd for Waker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        unsafe { BorrowedFd::borrow_raw(self.eventfd) }
    }
}
