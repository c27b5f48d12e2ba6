//! A descriptor that any thread can make ready: see eventfd(2).

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};

use crate::sys::cvt;

/// Ends an `epoll_wait` from another thread.
///
/// Watch it edge-triggered and never read it: each write is an edge, whether or not the counter was read before, so
/// the loop spends no system call on it.
#[derive(Debug)]
pub struct Waker {
    eventfd: File,
}

impl Waker {
    /// Makes an eventfd that does not block and that an exec'd child does not inherit.
    ///
    /// # Errors
    /// `EMFILE` or `ENFILE` when the process or the system is out of descriptors.
    pub fn new() -> io::Result<Self> {
        // SAFETY: the call takes no pointer.
        let fd = cvt(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) })?;
        // SAFETY: the kernel has just made `fd` for us, so nobody else owns it.
        Ok(Self { eventfd: File::from(unsafe { OwnedFd::from_raw_fd(fd) }) })
    }

    /// Wakes the thread that waits for this descriptor, or the next one that does. Never blocks.
    ///
    /// # Errors
    /// None is known: `EAGAIN`, for a counter at its maximum, is met by starting the counter anew.
    pub fn wake(&self) -> io::Result<()> {
        loop {
            match (&self.eventfd).write(&1_u64.to_ne_bytes()) {
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // After 2^64-2 wakes the counter is full, and a refused write is no edge.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.reset()?,
                Err(error) => return Err(error),
            }
        }
    }

    fn reset(&self) -> io::Result<()> {
        use std::io::Read;
        match (&self.eventfd).read(&mut [0; 8]) {
            // Another thread was faster.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            result => result.map(drop),
        }
    }
}

impl AsFd for Waker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.eventfd.as_fd()
    }
}
