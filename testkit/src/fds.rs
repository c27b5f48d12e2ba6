//! The descriptors of a process: what each is, and what the kernel tells of it.

use std::collections::HashMap;
use std::fmt;
use std::fs;

use crate::call::mask_names;
use crate::net::Tcp;
use crate::threads::Proc;

/// An open descriptor.
#[derive(Clone, Debug)]
pub struct Fd {
    /// Its number.
    pub number: i32,
    /// What it is.
    pub kind: Kind,
    /// Whether a call on it returns `EAGAIN` rather than sleep.
    pub nonblocking: bool,
    /// What the test uses it for; nothing, if it is the answer's.
    pub label: Option<String>,
    pub(crate) inode: u64,
}

/// What a descriptor can be.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A TCP socket.
    Tcp(Tcp),
    /// A socket that is none of TCP's any more: its connection was reset, or never made. Or it never was one.
    Lost,
    /// An epoll instance, and what it watches.
    Epoll(Vec<Watch>),
    /// An eventfd, and its counter.
    EventFd(u64),
    /// Something else, as `/proc` names it.
    Other(String),
}

/// An entry of an epoll set.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    /// The number that the descriptor had when it was added.
    pub fd: i32,
    /// `EPOLLIN` and so on.
    pub mask: u32,
    /// What comes back with each event.
    pub data: u64,
    pub(crate) inode: u64,
}

impl Proc {
    /// The open descriptors but the standard ones. `None` if the kernel does not tell.
    pub(crate) fn fds(&self, labels: &HashMap<(i32, String), String>) -> Option<Vec<Fd>> {
        let tcp = self.tcp().unwrap_or_default();
        let numbers = self.numbers("fd")?.into_iter().filter(|&number| number > 2);
        Some(numbers.filter_map(|number| self.fd(number.cast_signed(), &tcp, labels)).collect())
    }

    fn fd(&self, number: i32, tcp: &[Tcp], labels: &HashMap<(i32, String), String>) -> Option<Fd> {
        let link = fs::read_link(self.folder.join(format!("fd/{number}"))).ok()?;
        let link = link.to_string_lossy();
        let info = self.read(format!("fdinfo/{number}")).unwrap_or_default();
        let flags = i32::from_str_radix(value(&info, "flags:").unwrap_or("0"), 8).unwrap_or(0);
        let inode = value(&info, "ino:").and_then(|text| text.parse().ok()).unwrap_or(0);
        let socket = link.strip_prefix("socket:[").and_then(|text| text.strip_suffix(']')?.parse().ok());
        let kind = match (&*link, socket) {
            (_, Some(socket)) => tcp.iter().find(|tcp| tcp.inode == socket).map_or(Kind::Lost, |tcp| Kind::Tcp(*tcp)),
            ("anon_inode:[eventpoll]", _) => Kind::Epoll(info.lines().filter_map(watch).collect()),
            ("anon_inode:[eventfd]", _) => Kind::EventFd(count(&info)),
            (other, _) => Kind::Other(other.to_string()),
        };
        let nonblocking = flags & libc::O_NONBLOCK != 0;
        Some(Fd {
            number,
            kind,
            nonblocking,
            label: labels.get(&(number, link.to_string())).cloned(),
            inode: socket.unwrap_or(inode),
        })
    }
}

impl Fd {
    /// The socket, if it is one of TCP.
    pub fn tcp(&self) -> Option<&Tcp> {
        if let Kind::Tcp(tcp) = &self.kind { Some(tcp) } else { None }
    }

    /// Whether the test, rather than the answer, uses it.
    pub fn is_the_tests(&self) -> bool {
        self.label.as_deref().is_some_and(|label| !label.starts_with("your"))
    }
}

impl Watch {
    /// Whether it asks for this.
    pub fn has(&self, bit: i32) -> bool {
        self.mask & bit.cast_unsigned() != 0
    }
}

/// As in `fd 4: an epoll instance that watches fd 5 {IN|RDHUP|ET}`.
impl fmt::Display for Fd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fd {}: ", self.number)?;
        if let Some(label) = &self.label {
            write!(f, "{label}, ")?;
        }
        match &self.kind {
            Kind::Tcp(tcp) if tcp.listens => write!(f, "a listener; {} connections wait to be accepted", tcp.unread)?,
            Kind::Tcp(tcp) => {
                write!(f, "a TCP socket; {} bytes to be read, {} on their way out", tcp.unread, tcp.unsent)?;
                if tcp.peer_has_finished {
                    f.write_str("; the peer has sent its last byte")?;
                }
            }
            Kind::Epoll(watches) => {
                f.write_str("an epoll instance that watches")?;
                if watches.is_empty() {
                    f.write_str(" nothing")?;
                }
                for watch in watches {
                    write!(f, " {watch}")?;
                }
            }
            Kind::Lost => f.write_str("a socket without a connection")?,
            Kind::EventFd(count) => write!(f, "an eventfd; its counter is {count}")?,
            Kind::Other(what) => f.write_str(what)?,
        }
        f.write_str(if self.nonblocking || !matches!(self.kind, Kind::Tcp(_)) { "" } else { "; it blocks" })
    }
}

impl fmt::Display for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The kernel adds these two to every entry.
        let asked = self.mask & !(libc::EPOLLERR | libc::EPOLLHUP).cast_unsigned();
        write!(f, "fd {} {{{}}}", self.fd, mask_names(asked))
    }
}

fn value<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
}

/// Reads `tfd:        5 events: 80000019 data:                5  pos:0 ino:54ea37 sdev:9`: all but the first in hex.
fn watch(line: &str) -> Option<Watch> {
    let line = line.strip_prefix("tfd:")?.replace("events:", " ").replace("data:", " ").replace("ino:", " ");
    let words: Vec<&str> = line.split_whitespace().collect();
    let [fd, mask, data, _pos, inode, ..] = words.as_slice() else { return None };
    let hex = |text| u64::from_str_radix(text, 16).ok();
    Some(Watch {
        fd: fd.parse().ok()?,
        mask: u32::from_str_radix(mask, 16).ok()?,
        data: hex(data)?,
        inode: hex(inode)?,
    })
}

/// The kernel prints the counter in hex.
fn count(info: &str) -> u64 {
    value(info, "eventfd-count:").and_then(|text| u64::from_str_radix(text, 16).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_of_an_epoll_set_is_understood() {
        let watch = watch("tfd:        5 events: 80002019 data:       2a00000001  pos:0 ino:54ea37 sdev:9").unwrap();

        assert_eq!(watch.to_string(), "fd 5 {IN|RDHUP|ET}");
        assert_eq!((watch.data, watch.inode), (0x2a_0000_0001, 0x54_ea37));
    }
}
