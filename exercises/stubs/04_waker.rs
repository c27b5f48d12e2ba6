//! Exercise 4: wake a loop from any thread.
//!
//! A loop that sleeps in `epoll_wait` hears of descriptors, and of nothing else. So give it one that any thread can make
//! ready: an eventfd, which is a counter of 64 bits in the kernel. Each write adds to it, and is an event for whoever
//! watches it edge-triggered; nobody needs to read it. The kernel's side is in `man 2 eventfd`.
//!
//! What you write has the public interface of `src/waker.rs`, so that the engine can run on it. [`cvt`] turns a -1 from
//! the kernel into the error that `errno` says.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};

use crate::sys::cvt;

/// Ends an `epoll_wait` from another thread.
#[derive(Debug)]
pub struct Waker {
    /// A write of eight bytes adds that number, in the machine's byte order, to the counter; a read of eight bytes
    /// fetches the counter, and sets it to 0.
    eventfd: File,
}

impl Waker {
    /// Makes an eventfd that does not block and that an exec'd child does not inherit. Its counter is 0.
    ///
    /// # Errors
    /// `EMFILE` or `ENFILE` when the process or the system is out of descriptors.
    pub fn new() -> io::Result<Self> {
        todo!("make an eventfd, and own its descriptor")
    }

    /// Adds 1 to the counter, which wakes the thread that waits for this descriptor, or the next one that does. Any
    /// thread may call it, at any time; it never sleeps.
    ///
    /// The counter holds 2^64-2 at most. Then the kernel says `EAGAIN`, and a write that it refuses is no event. The wake
    /// has to be one all the same.
    ///
    /// # Errors
    /// None is known: a full counter is met here.
    pub fn wake(&self) -> io::Result<()> {
        todo!("add 1 to the counter; if it is full, make an event in another way")
    }
}

impl AsFd for Waker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.eventfd.as_fd()
    }
}
