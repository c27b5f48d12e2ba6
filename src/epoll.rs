//! The three calls of epoll, safe and named: see epoll(7).

use std::fmt;
use std::io;
use std::ops::BitOr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::time::Duration;

use crate::sys::cvt;

/// The kernel counts their bytes in an `int`, and refuses more (`EINVAL`).
const MOST_EVENTS: usize = libc::c_int::MAX as usize / size_of::<libc::epoll_event>();

/// An epoll instance: a list of descriptors to watch, kept by the kernel, and a list of those that are ready.
#[derive(Debug)]
pub struct Epoll {
    fd: OwnedFd,
}

/// The name under which a descriptor is watched. It comes back with each of its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token(pub u64);

/// What to be told of, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interest(u32);

/// Something happened to a watched descriptor.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// The name that was given when the descriptor was added.
    pub token: Token,
    mask: u32,
}

/// Room for the events of one [`Epoll::wait`], and the events of the last one.
pub struct Events {
    // Initialised up front: a few kilobytes, once, are cheaper than an `unsafe { set_len }`.
    buffer: Box<[libc::epoll_event]>,
    len: usize,
}

impl Epoll {
    /// Makes an epoll instance that an exec'd child does not inherit. See epoll_create1(2).
    ///
    /// # Errors
    /// `EMFILE` or `ENFILE` when the process or the system is out of descriptors.
    pub fn new() -> io::Result<Self> {
        // SAFETY: the call takes no pointer.
        let fd = cvt(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        // SAFETY: the kernel has just made `fd` for us, so nobody else owns it.
        Ok(Self { fd: unsafe { OwnedFd::from_raw_fd(fd) } })
    }

    /// Starts watching `source` under the name `token`.
    ///
    /// # Errors
    /// `EEXIST` if `source` is already watched; `EPERM` if it is always ready, such as a regular file; `ENOSPC` at the
    /// user's limit of watches (/proc/sys/fs/epoll/max_user_watches).
    pub fn add(&self, source: impl AsFd, token: Token, interest: Interest) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, source.as_fd(), token, interest)
    }

    /// Replaces the token and the interest of a watched descriptor, and reports what is ready now once more.
    ///
    /// # Errors
    /// `ENOENT` if `source` is not watched; `EINVAL` if it was added with [`Interest::EXCLUSIVE`].
    pub fn modify(&self, source: impl AsFd, token: Token, interest: Interest) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_MOD, source.as_fd(), token, interest)
    }

    /// Stops watching `source`. Needed before closing one of several descriptors of the same open file: the kernel
    /// forgets by itself only when the last of them is closed.
    ///
    /// # Errors
    /// `ENOENT` if `source` is not watched.
    pub fn delete(&self, source: impl AsFd) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_DEL, source.as_fd(), Token(0), Interest(0))
    }

    /// Sleeps until a watched descriptor is ready or `timeout` is over; `None` is no time-out. The events replace those
    /// in `events`; none means that the time is over. After a failure there are none either. The kernel counts in
    /// milliseconds: a shorter rest is rounded up, so the time-out is never early, unless it is longer than the kernel can
    /// count, 24 days.
    ///
    /// # Errors
    /// `EINTR` when a signal was handled, even one with `SA_RESTART`, and after a stop and continue.
    pub fn wait(&self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        events.len = 0;
        let capacity = events.buffer.len().min(MOST_EVENTS) as libc::c_int;
        let buffer = events.buffer.as_mut_ptr();
        // SAFETY: `buffer` has room for `capacity` events and is borrowed for the whole call.
        let count = cvt(unsafe { libc::epoll_wait(self.fd.as_raw_fd(), buffer, capacity, milliseconds(timeout)) })?;
        events.len = count.unsigned_abs() as usize;
        Ok(())
    }

    fn control(&self, operation: libc::c_int, source: BorrowedFd, token: Token, interest: Interest) -> io::Result<()> {
        let mut event = libc::epoll_event { events: interest.0, u64: token.0 };
        // SAFETY: both descriptors stay open while borrowed, and the kernel copies `event` before it returns.
        cvt(unsafe { libc::epoll_ctl(self.fd.as_raw_fd(), operation, source.as_raw_fd(), &raw mut event) })?;
        Ok(())
    }
}

impl AsFd for Epoll {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Interest {
    /// There is something to read: bytes, a connection to accept, or the end of the stream (`EPOLLIN`).
    pub const READABLE: Self = Self(libc::EPOLLIN as u32);
    /// There is room to write, or a connection that was under way has been made (`EPOLLOUT`).
    pub const WRITABLE: Self = Self(libc::EPOLLOUT as u32);
    /// The peer has sent the last of its bytes; there may be some to read before the end (`EPOLLRDHUP`).
    pub const READ_CLOSED: Self = Self(libc::EPOLLRDHUP as u32);
    /// TCP urgent data (`EPOLLPRI`).
    pub const PRIORITY: Self = Self(libc::EPOLLPRI as u32);
    /// Report each change once, rather than each state for as long as it lasts (`EPOLLET`).
    pub const EDGE_TRIGGERED: Self = Self(libc::EPOLLET as u32);
    /// Report once, then nothing until [`Epoll::modify`] (`EPOLLONESHOT`).
    pub const ONE_SHOT: Self = Self(libc::EPOLLONESHOT as u32);
    /// Of several epoll instances that watch the descriptor, wake at least one, not all (`EPOLLEXCLUSIVE`).
    pub const EXCLUSIVE: Self = Self(libc::EPOLLEXCLUSIVE as u32);
}

impl BitOr for Interest {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl Event {
    /// A read will not block: there are bytes, a connection to accept, the end of the stream, or an error to fetch.
    pub fn is_readable(self) -> bool {
        self.has(libc::EPOLLIN)
    }

    /// A write will not block: there is room, or an error to fetch.
    pub fn is_writable(self) -> bool {
        self.has(libc::EPOLLOUT)
    }

    /// The peer has sent the last of its bytes.
    pub fn is_read_closed(self) -> bool {
        self.has(libc::EPOLLRDHUP)
    }

    /// There is urgent data.
    pub fn is_priority(self) -> bool {
        self.has(libc::EPOLLPRI)
    }

    /// Both directions are shut (`EPOLLHUP`). Reported without being asked for.
    pub fn is_hangup(self) -> bool {
        self.has(libc::EPOLLHUP)
    }

    /// The descriptor has an error (`EPOLLERR`). Reported without being asked for.
    pub fn is_error(self) -> bool {
        self.has(libc::EPOLLERR)
    }

    fn has(self, bit: libc::c_int) -> bool {
        self.mask & bit.cast_unsigned() != 0
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [(libc::c_int, &str); 6] = [
            (libc::EPOLLIN, "IN"),
            (libc::EPOLLPRI, "PRI"),
            (libc::EPOLLOUT, "OUT"),
            (libc::EPOLLERR, "ERR"),
            (libc::EPOLLHUP, "HUP"),
            (libc::EPOLLRDHUP, "RDHUP"),
        ];
        let names: Vec<_> = NAMES.iter().filter(|(bit, _)| self.has(*bit)).map(|(_, name)| *name).collect();
        write!(f, "{{{}, token {}}}", names.join("|"), self.token.0)
    }
}

impl Events {
    /// Makes room for the events of one wait. The rest are not lost: the next wait returns them.
    ///
    /// # Panics
    /// If `capacity` is 0: the kernel would refuse the wait.
    pub fn with_capacity(capacity: usize) -> Self {
        assert!(capacity > 0, "epoll_wait needs room for one event at least");
        Self { buffer: vec![libc::epoll_event { events: 0, u64: 0 }; capacity].into(), len: 0 }
    }

    /// How many events the last wait returned.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the last wait returned no event.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The events of the last wait, in the order in which the descriptors became ready.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Event> + '_ {
        self.buffer[..self.len].iter().map(|event| Event { token: Token(event.u64), mask: event.events })
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

fn milliseconds(timeout: Option<Duration>) -> libc::c_int {
    const FOR_EVER: libc::c_int = -1;
    timeout
        .map_or(FOR_EVER, |rest| libc::c_int::try_from(rest.as_nanos().div_ceil(1_000_000)).unwrap_or(libc::c_int::MAX))
}
