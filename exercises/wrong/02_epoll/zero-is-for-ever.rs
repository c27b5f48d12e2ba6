//! Expect: HANGS: in epoll_wait: no time is taken for no time-out
//!
//! Takes zero for `None`.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::ops::BitOr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::time::Duration;

use crate::sys::cvt;

#[derive(Debug)]
pub struct Epoll {
    fd: OwnedFd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token(pub u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interest(u32);

#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Event {
    pub token: Token,
    mask: u32,
}

pub struct Events {
    buffer: Box<[libc::epoll_event]>,
    len: usize,
}

impl Epoll {
    pub fn new() -> io::Result<Self> {
        let fd = cvt(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        Ok(Self { fd: unsafe { OwnedFd::from_raw_fd(fd) } })
    }

    pub fn add(&self, source: impl AsFd, token: Token, interest: Interest) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, source.as_fd(), token, interest)
    }

    pub fn modify(&self, source: impl AsFd, token: Token, interest: Interest) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_MOD, source.as_fd(), token, interest)
    }

    pub fn delete(&self, source: impl AsFd) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_DEL, source.as_fd(), Token(0), Interest(0))
    }

    pub fn wait(&self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        events.len = 0;
        let capacity = libc::c_int::try_from(events.buffer.len()).unwrap_or(libc::c_int::MAX);
        let buffer = events.buffer.as_mut_ptr();
        let count = cvt(unsafe { libc::epoll_wait(self.fd.as_raw_fd(), buffer, capacity, milliseconds(timeout)) })?;
        events.len = count.unsigned_abs() as usize;
        Ok(())
    }

    fn control(&self, operation: libc::c_int, source: BorrowedFd, token: Token, interest: Interest) -> io::Result<()> {
        let mut event = libc::epoll_event { events: interest.0, u64: token.0 };
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
    pub const READABLE: Self = Self(libc::EPOLLIN as u32);
    pub const WRITABLE: Self = Self(libc::EPOLLOUT as u32);
    pub const READ_CLOSED: Self = Self(libc::EPOLLRDHUP as u32);
    pub const PRIORITY: Self = Self(libc::EPOLLPRI as u32);
    pub const EDGE_TRIGGERED: Self = Self(libc::EPOLLET as u32);
    pub const ONE_SHOT: Self = Self(libc::EPOLLONESHOT as u32);
    pub const EXCLUSIVE: Self = Self(libc::EPOLLEXCLUSIVE as u32);
}

impl BitOr for Interest {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl Event {
    pub fn is_readable(self) -> bool {
        self.has(libc::EPOLLIN)
    }

    pub fn is_writable(self) -> bool {
        self.has(libc::EPOLLOUT)
    }

    pub fn is_read_closed(self) -> bool {
        self.has(libc::EPOLLRDHUP)
    }

    pub fn is_priority(self) -> bool {
        self.has(libc::EPOLLPRI)
    }

    pub fn is_hangup(self) -> bool {
        self.has(libc::EPOLLHUP)
    }

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
    pub fn with_capacity(capacity: usize) -> Self {
        assert!(capacity > 0, "epoll_wait needs room for one event at least");
        Self { buffer: vec![libc::epoll_event { events: 0, u64: 0 }; capacity].into(), len: 0 }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

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
    match timeout {
        Some(rest) if !rest.is_zero() => {
            libc::c_int::try_from(rest.as_nanos().div_ceil(1_000_000)).unwrap_or(libc::c_int::MAX)
        }
        _ => -1,
    }
}

#[derive(Debug)]
pub struct Client {
    pub socket: TcpStream,
    pub unsent: Vec<u8>,
    pub watched: Interest,
}

impl Client {
    pub fn new(epoll: &Epoll, token: Token, socket: TcpStream) -> io::Result<Self> {
        epoll.add(&socket, token, Interest::READABLE)?;
        Ok(Self { socket, unsent: Vec::new(), watched: Interest::READABLE })
    }

    pub fn on_event(&mut self, epoll: &Epoll, event: Event) -> io::Result<bool> {
        if self.unsent.is_empty() {
            let mut buffer = [0; 4096];
            match self.socket.read(&mut buffer) {
                Ok(0) => return Ok(false),
                Ok(count) => self.unsent.extend_from_slice(&buffer[..count]),
                Err(error) if is_for_the_moment(&error) => return Ok(true),
                Err(error) => return Err(error),
            }
        }
        self.send()?;
        let interest = if self.unsent.is_empty() { Interest::READABLE } else { Interest::WRITABLE };
        if interest != self.watched {
            epoll.modify(&self.socket, event.token, interest)?;
            self.watched = interest;
        }
        Ok(true)
    }

    fn send(&mut self) -> io::Result<()> {
        while !self.unsent.is_empty() {
            match self.socket.write(&self.unsent) {
                Ok(taken) => drop(self.unsent.drain(..taken)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn is_for_the_moment(error: &io::Error) -> bool {
    [ErrorKind::WouldBlock, ErrorKind::Interrupted].contains(&error.kind())
}
