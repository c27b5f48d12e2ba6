//! The three calls of epoll, safe and named: see epoll(7).

use std::io;
use std::ops::BitOr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

/// An epoll instance: a list of descriptors to watch, kept by the kernel, and a list of those that are ready.
pub(crate) struct Epoll {
    fd: OwnedFd,
}

/// The name under which a descriptor is watched. It comes back with each of its events.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Token(pub(crate) u64);

/// What to be told of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interest(u32);

/// A watched descriptor is ready.
#[derive(Clone, Copy)]
pub(crate) struct Event {
    /// The name that was given when the descriptor was added.
    pub(crate) token: Token,
    mask: u32,
}

/// Room for the events of one wait, and the events of the last one.
pub(crate) struct Events {
    buffer: Box<[libc::epoll_event]>,
    len: usize,
}

impl Epoll {
    // ANCHOR: new
    /// Makes an epoll instance that an exec'd child does not inherit. See epoll_create1(2).
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: the call takes no pointer.
        let fd = cvt(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        // SAFETY: the kernel has just made `fd` for us, so nobody else owns it.
        Ok(Self { fd: unsafe { OwnedFd::from_raw_fd(fd) } })
    }
    // ANCHOR_END: new

    // ANCHOR: control
    /// Starts watching `source` under the name `token`.
    pub(crate) fn add(&self, source: impl AsFd, token: Token, interest: Interest) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, source.as_fd(), token, interest)
    }

    /// Replaces the token and the interest of a watched descriptor.
    pub(crate) fn modify(&self, source: impl AsFd, token: Token, interest: Interest) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_MOD, source.as_fd(), token, interest)
    }

    /// Stops watching `source`.
    pub(crate) fn delete(&self, source: impl AsFd) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_DEL, source.as_fd(), Token(0), Interest(0))
    }

    /// See epoll_ctl(2).
    fn control(&self, operation: libc::c_int, source: BorrowedFd, token: Token, interest: Interest) -> io::Result<()> {
        let mut event = libc::epoll_event { events: interest.0, u64: token.0 };
        // SAFETY: both descriptors stay open while borrowed, and the kernel copies `event` before it returns.
        cvt(unsafe { libc::epoll_ctl(self.fd.as_raw_fd(), operation, source.as_raw_fd(), &raw mut event) })?;
        Ok(())
    }
    // ANCHOR_END: control

    // ANCHOR: wait
    /// Sleeps until a watched descriptor is ready. The events replace those in `events`. See epoll_wait(2).
    pub(crate) fn wait(&self, events: &mut Events) -> io::Result<()> {
        const FOR_EVER: libc::c_int = -1;
        events.len = 0;
        let capacity = libc::c_int::try_from(events.buffer.len()).unwrap_or(libc::c_int::MAX);
        let buffer = events.buffer.as_mut_ptr();
        // SAFETY: `buffer` has room for `capacity` events and is borrowed for the whole call.
        let count = cvt(unsafe { libc::epoll_wait(self.fd.as_raw_fd(), buffer, capacity, FOR_EVER) })?;
        events.len = count.unsigned_abs() as usize;
        Ok(())
    }
    // ANCHOR_END: wait
}

// ANCHOR: interest
impl Interest {
    /// There is something to read: bytes, a connection to accept, or the end of the stream.
    pub(crate) const READABLE: Self = Self(libc::EPOLLIN as u32);
    /// There is room to write.
    pub(crate) const WRITABLE: Self = Self(libc::EPOLLOUT as u32);
}
// ANCHOR_END: interest

impl BitOr for Interest {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl Event {
    /// A read will not block: there are bytes, a connection, the end of the stream, or an error to fetch.
    pub(crate) fn is_readable(self) -> bool {
        self.mask & Interest::READABLE.0 != 0
    }

    /// A write will not block: there is room, or an error to fetch.
    pub(crate) fn is_writable(self) -> bool {
        self.mask & Interest::WRITABLE.0 != 0
    }
}

impl Events {
    /// Makes room for the events of one wait. The rest are not lost: the next wait returns them.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { buffer: vec![libc::epoll_event { events: 0, u64: 0 }; capacity].into(), len: 0 }
    }

    /// The events of the last wait.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Event> + '_ {
        self.buffer[..self.len].iter().map(|event| Event { token: Token(event.u64), mask: event.events })
    }
}

/// Turns what a system call returned into a `Result`: -1 means that `errno` says why it failed.
fn cvt(result: libc::c_int) -> io::Result<libc::c_int> {
    if result == -1 { Err(io::Error::last_os_error()) } else { Ok(result) }
}
