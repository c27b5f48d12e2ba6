//! Exercise 2: epoll.
//!
//! Part one: the three calls of epoll, safe and named. Each is one line of `libc` inside `unsafe`, and [`cvt`], which
//! turns a -1 into the error that `errno` says. The kernel's side is in `man 2 epoll_create1`, `epoll_ctl`, `epoll_wait`.
//!
//! Part two: a client of an echo server that never blocks and never spins. What the kernel has no room for waits in
//! `unsent`, and the socket is watched for [`Interest::WRITABLE`] just as long as something waits.
//!
//! Part one has the public interface of `src/epoll.rs`, so that the engine can run on what you write here.

use std::fmt;
use std::io;
use std::net::TcpStream;
use std::ops::BitOr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::time::Duration;

use crate::sys::cvt;

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
    buffer: Box<[libc::epoll_event]>,
    len: usize,
}

impl Epoll {
    /// Makes an epoll instance that an exec'd child does not inherit. See epoll_create1(2).
    ///
    /// # Errors
    /// `EMFILE` or `ENFILE` when the process or the system is out of descriptors.
    pub fn new() -> io::Result<Self> {
        todo!("make an epoll instance, and own its descriptor")
    }

    /// Starts watching `source` under the name `token`.
    ///
    /// # Errors
    /// `EEXIST` if `source` is already watched; `EPERM` if it is always ready, such as a regular file; `ENOSPC` at the
    /// user's limit of watches (/proc/sys/fs/epoll/max_user_watches).
    pub fn add(&self, source: impl AsFd, token: Token, interest: Interest) -> io::Result<()> {
        todo!("tell the kernel what to watch, for what, and under which name")
    }

    /// Replaces the token and the interest of a watched descriptor, and reports what is ready now once more.
    ///
    /// # Errors
    /// `ENOENT` if `source` is not watched; `EINVAL` if it was added with [`Interest::EXCLUSIVE`].
    pub fn modify(&self, source: impl AsFd, token: Token, interest: Interest) -> io::Result<()> {
        todo!("give a watched descriptor another name and interest")
    }

    /// Stops watching `source`. Needed before closing one of several descriptors of the same open file: the kernel
    /// forgets by itself only when the last of them is closed.
    ///
    /// # Errors
    /// `ENOENT` if `source` is not watched.
    pub fn delete(&self, source: impl AsFd) -> io::Result<()> {
        todo!("tell the kernel to forget it")
    }

    /// Sleeps until a watched descriptor is ready or `timeout` is over; `None` is no time-out. The events replace those
    /// in `events`; none means that the time is over. After a failure there are none either. The kernel counts in
    /// milliseconds: a shorter rest is rounded up, so the time-out is never early.
    ///
    /// # Errors
    /// `EINTR` when a signal was handled, even one with `SA_RESTART`, and after a stop and continue.
    pub fn wait(&self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        todo!("wait, and say in `events` how many events there are now, and which")
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

// Part two. The engine does not need it.

/// One client of a level-triggered echo server.
#[derive(Debug)]
pub struct Client {
    /// Its socket, which does not block.
    pub socket: TcpStream,
    /// What has come and was not sent back yet, because the kernel had no room.
    pub unsent: Vec<u8>,
    /// What the socket is watched for.
    pub watched: Interest,
}

impl Client {
    /// Takes care of a socket that does not block: watches it under the name `token`, for something to read.
    ///
    /// # Errors
    /// What [`Epoll::add`] says.
    pub fn new(epoll: &Epoll, token: Token, socket: TcpStream) -> io::Result<Self> {
        todo!("watch the socket for what there is to do at first")
    }

    /// Answers an event: sends what is unsent; or else reads once, and sends that back. While something is unsent, the
    /// socket is watched for room, and for nothing else. Returns whether the client is still there: it has gone when it
    /// has sent its last byte, and was sent everything back.
    ///
    /// # Errors
    /// What `read` and `write` say, except that there is nothing to read, or no room, at the moment.
    pub fn on_event(&mut self, epoll: &Epoll, event: Event) -> io::Result<bool> {
        todo!("send, read, and watch for room only while something is unsent")
    }
}
