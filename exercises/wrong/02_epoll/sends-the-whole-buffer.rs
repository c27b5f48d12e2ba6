//! Expect: WRONG: other bytes come back than were sent
//!
//! Keeps the buffer and not what was read into it.

use std::fmt;
use std::io;
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
        let mut event = libc::epoll_event { events: interest.0, u64: token.0 };
        cvt(unsafe {
            libc::epoll_ctl(self.fd.as_raw_fd(), libc::EPOLL_CTL_ADD, source.as_fd().as_raw_fd(), &mut event)
        })?;
        Ok(())
    }

    pub fn modify(&self, source: impl AsFd, token: Token, interest: Interest) -> io::Result<()> {
        let mut event = libc::epoll_event { events: interest.0, u64: token.0 };
        cvt(unsafe {
            libc::epoll_ctl(self.fd.as_raw_fd(), libc::EPOLL_CTL_MOD, source.as_fd().as_raw_fd(), &mut event)
        })?;
        Ok(())
    }

    pub fn delete(&self, source: impl AsFd) -> io::Result<()> {
        let mut event = libc::epoll_event { events: 0, u64: 0 };
        cvt(unsafe {
            libc::epoll_ctl(self.fd.as_raw_fd(), libc::EPOLL_CTL_DEL, source.as_fd().as_raw_fd(), &mut event)
        })?;
        Ok(())
    }

    pub fn wait(&self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        let ms = match timeout {
            None => -1,
            Some(t) => t.as_nanos().div_ceil(1_000_000).try_into().unwrap_or(i32::MAX),
        };
        events.len = 0;
        let count = cvt(unsafe {
            libc::epoll_wait(self.fd.as_raw_fd(), events.buffer.as_mut_ptr(), events.buffer.len() as i32, ms)
        })?;
        events.len = count as usize;
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
        write!(f, "{{mask {:#x}, token {}}}", self.mask, self.token.0)
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

// Part two. The engine does not need it.

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
        use std::io::{Read, Write};
        if self.unsent.is_empty() {
            let mut buffer = [0; 4096];
            match self.socket.read(&mut buffer) {
                Ok(0) => return Ok(false),
                Ok(n) => self.unsent.extend_from_slice(&buffer),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Ok(true),
                Err(e) => return Err(e),
            }
        }
        while !self.unsent.is_empty() {
            match self.socket.write(&self.unsent) {
                Ok(n) => {
                    self.unsent.drain(..n);
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => break,
                Err(e) => return Err(e),
            }
        }
        let wanted = if self.unsent.is_empty() { Interest::READABLE } else { Interest::WRITABLE };
        if wanted != self.watched {
            epoll.modify(&self.socket, event.token, wanted)?;
            self.watched = wanted;
        }
        Ok(true)
    }
}
