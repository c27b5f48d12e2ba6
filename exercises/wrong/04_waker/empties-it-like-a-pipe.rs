//! Expect: WRONG: the kernel refuses what is to make room
//!
//! Reads a single byte to make room.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};

use crate::sys::cvt;

/// Ends an `epoll_wait` from another thread.
#[derive(Debug)]
pub struct Waker {
    eventfd: File,
}

impl Waker {
    /// Makes an eventfd that does not block and that an exec'd child does not inherit. Its counter is 0.
    ///
    /// # Errors
    /// `EMFILE` or `ENFILE` when the process or the system is out of descriptors.
    pub fn new() -> io::Result<Self> {
        // SAFETY: the call takes no pointer.
        let fd = cvt(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) })?;
        // SAFETY: the kernel has just made `fd` for us, so nobody else owns it.
        Ok(Self { eventfd: File::from(unsafe { OwnedFd::from_raw_fd(fd) }) })
    }

    /// Wakes the thread that waits for this descriptor, or the next one that does. Any thread may call it, at any time;
    /// it never sleeps.
    ///
    /// # Errors
    /// None is known: a full counter is met here.
    pub fn wake(&self) -> io::Result<()> {
        match self.add(1) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                // Full: drain it, and wake again.
                let mut byte = [0; 1];
                (&self.eventfd).read(&mut byte)?;
                self.add(1)
            }
            result => result,
        }
    }

    /// Adds to the counter. The kernel does not sleep here, so no signal can interrupt it: there is no `EINTR` to meet.
    fn add(&self, number: u64) -> io::Result<()> {
        (&self.eventfd).write(&number.to_ne_bytes()).map(drop)
    }
}

impl AsFd for Waker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.eventfd.as_fd()
    }
}
