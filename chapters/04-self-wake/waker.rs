//! A descriptor that any thread can make ready: see eventfd(2).

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};

// ANCHOR: waker
/// Ends an `epoll_wait` from another thread.
pub(crate) struct Waker {
    /// The kernel keeps a 64-bit counter behind it: write adds to it, read fetches it and sets it to 0.
    eventfd: File,
}

impl Waker {
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: the call takes no pointer.
        let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
        if fd == -1 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the kernel has just made `fd` for us, so nobody else owns it.
        Ok(Self { eventfd: File::from(unsafe { OwnedFd::from_raw_fd(fd) }) })
    }

    /// Wakes the thread that waits for this descriptor, or the next one that does. Any thread may call it.
    pub(crate) fn wake(&self) -> io::Result<()> {
        (&self.eventfd).write(&1_u64.to_ne_bytes()).map(drop)
    }
    // ANCHOR_END: waker

    // ANCHOR: read
    /// Sets the counter to 0. Edge-triggered, nobody needs to.
    pub(crate) fn read(&self) -> io::Result<()> {
        match (&self.eventfd).read(&mut [0; 8]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            result => result.map(drop),
        }
    }
    // ANCHOR_END: read
}

impl AsFd for Waker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.eventfd.as_fd()
    }
}
