//! The kernel's words: descriptors, event masks and error numbers, and how a transcript prints them.

use std::fmt;
use std::ops::BitOr;

/// The number of a file descriptor.
///
/// It owns nothing, and may name a descriptor that has been closed: several experiments are about just that. An
/// experiment is a process of its own, so whatever it leaves open goes with it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Fd(pub(crate) i32);

impl fmt::Display for Fd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fd {}", self.0)
    }
}

/// A set of `EPOLL…` bits: what is asked for, or what is reported.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Mask(pub(crate) u32);

pub(crate) const NOTHING: Mask = Mask(0);
pub(crate) const IN: Mask = Mask(libc::EPOLLIN as u32);
pub(crate) const PRI: Mask = Mask(libc::EPOLLPRI as u32);
pub(crate) const OUT: Mask = Mask(libc::EPOLLOUT as u32);
pub(crate) const ERR: Mask = Mask(libc::EPOLLERR as u32);
pub(crate) const HUP: Mask = Mask(libc::EPOLLHUP as u32);
pub(crate) const RDHUP: Mask = Mask(libc::EPOLLRDHUP as u32);
pub(crate) const EXCLUSIVE: Mask = Mask(libc::EPOLLEXCLUSIVE as u32);
pub(crate) const ONESHOT: Mask = Mask(libc::EPOLLONESHOT as u32);
pub(crate) const ET: Mask = Mask(libc::EPOLLET as u32);

const BITS: [(Mask, &str); 9] = [
    (IN, "IN"),
    (PRI, "PRI"),
    (OUT, "OUT"),
    (ERR, "ERR"),
    (HUP, "HUP"),
    (RDHUP, "RDHUP"),
    (EXCLUSIVE, "EXCLUSIVE"),
    (ONESHOT, "ONESHOT"),
    (ET, "ET"),
];

impl Mask {
    /// Whether every bit of `other` is set.
    pub(crate) fn has(self, other: Mask) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Mask {
    type Output = Mask;

    fn bitor(self, other: Mask) -> Mask {
        Mask(self.0 | other.0)
    }
}

impl fmt::Display for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<String> =
            BITS.iter().filter(|(bit, _)| self.has(*bit)).map(|(_, name)| (*name).to_owned()).collect();
        let unnamed = self.0 & !BITS.iter().fold(0, |all, (bit, _)| all | bit.0);
        if unnamed != 0 || names.is_empty() {
            names.push(format!("{unnamed:#x}").replace("0x0", "0"));
        }
        f.write_str(&names.join("|"))
    }
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One event that `epoll_wait` handed over. Every experiment registers a descriptor with its own number as the data.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) mask: Mask,
    pub(crate) fd: Fd,
}

/// The event that an experiment expects to see.
pub(crate) const fn event(mask: Mask, fd: Fd) -> Event {
    Event { mask, fd }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}, {}}}", self.mask, self.fd)
    }
}

/// An error number, as the kernel answers it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Errno(pub(crate) i32);

macro_rules! errnos {
    ($($name:ident)*) => {
        $(pub(crate) const $name: Errno = Errno(libc::$name);)*
        const ERRNOS: &[(Errno, &str)] = &[$(($name, stringify!($name))),*];
    };
}

errnos! {
    EPERM ENOENT EINTR EBADF EAGAIN EACCES EEXIST ENOTDIR EINVAL ENFILE EMFILE ENOSPC EPIPE ELOOP ENOSYS EADDRINUSE
    ENETUNREACH ECONNABORTED ECONNRESET ENOTCONN ETIMEDOUT ECONNREFUSED EINPROGRESS
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match ERRNOS.iter().find(|(errno, _)| errno == self) {
            Some((_, name)) => f.write_str(name),
            None => write!(f, "errno {}", self.0),
        }
    }
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a transcript prints behind the equals sign.
pub(crate) trait Answer {
    fn in_words(&self) -> String;
}

impl Answer for () {
    fn in_words(&self) -> String {
        "0".to_owned()
    }
}

impl<T: Answer> Answer for Result<T, Errno> {
    fn in_words(&self) -> String {
        match self {
            Ok(answer) => answer.in_words(),
            Err(errno) => format!("-1 {errno}"),
        }
    }
}

impl Answer for usize {
    fn in_words(&self) -> String {
        self.to_string()
    }
}

impl Answer for Fd {
    fn in_words(&self) -> String {
        self.to_string()
    }
}

impl<T: Answer> Answer for Option<T> {
    fn in_words(&self) -> String {
        self.as_ref().map_or_else(|| "none".to_owned(), T::in_words)
    }
}

impl Answer for (usize, usize) {
    fn in_words(&self) -> String {
        format!("{} and {}", self.0, self.1)
    }
}

impl Answer for (Fd, Fd) {
    fn in_words(&self) -> String {
        format!("0 [{}, {}]", self.0, self.1)
    }
}

impl Answer for Mask {
    fn in_words(&self) -> String {
        if *self == NOTHING { "0".to_owned() } else { format!("1 [{self}]") }
    }
}

impl Answer for Vec<Mask> {
    fn in_words(&self) -> String {
        format!("{self:?}")
    }
}

impl Answer for Vec<Event> {
    fn in_words(&self) -> String {
        match self.len() {
            0 => "0".to_owned(),
            1..=8 => format!("{} {self:?}", self.len()),
            many => format!("{many} [{:?}, {:?}, ...]", self[0], self[1]),
        }
    }
}

impl Answer for Vec<u8> {
    fn in_words(&self) -> String {
        if self.is_empty() { "0".to_owned() } else { format!("{} {}", self.len(), quoted(self)).trim_end().to_owned() }
    }
}

/// Short text in quotes; nothing for what is long.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    if bytes.len() > 24 { String::new() } else { format!("\"{}\"", bytes.escape_ascii()).replace("\\'", "'") }
}

/// Bytes as a transcript shows them in a call: short text in quotes, else their number.
pub(crate) fn summary(bytes: &[u8]) -> String {
    let all_the_same = bytes.len() > 24 && bytes.iter().all(|byte| *byte == bytes[0]);
    match bytes.len() {
        0..=24 => quoted(bytes),
        long if all_the_same && bytes[0].is_ascii_graphic() => format!("{long} times '{}'", char::from(bytes[0])),
        long => format!("{long} bytes"),
    }
}
