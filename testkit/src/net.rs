//! The TCP sockets of a process, as `/proc/PID/net/tcp` shows them.

use std::fs::File;
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::threads::Proc;

/// One end of a connection, or a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tcp {
    /// Its own address.
    pub local: SocketAddr,
    /// The other end's.
    pub remote: SocketAddr,
    /// Whether it listens.
    pub listens: bool,
    /// Whether the other end has sent its last byte.
    pub peer_has_finished: bool,
    /// Whether the connection is over, in both directions.
    pub is_over: bool,
    /// Bytes that wait to be read; for a listener, connections that wait to be accepted.
    pub unread: u64,
    /// Bytes that the other end has no room for.
    pub unsent: u64,
    /// Whether something was sent that the other end has not acknowledged.
    pub in_flight: bool,
    /// Whether the other end has no room: the kernel asks again now and then.
    pub peer_is_full: bool,
    pub(crate) inode: u64,
}

impl Proc {
    /// All TCP sockets of the process's network. `None` if the kernel does not tell.
    pub(crate) fn tcp(&self) -> Option<Vec<Tcp>> {
        let four = self.table("net/tcp");
        let six = if self.has_no_tcp6() { None } else { self.table("net/tcp6") };
        if four.is_none() && six.is_none() {
            return None;
        }
        let texts = [four, six].into_iter().flatten();
        Some(texts.flat_map(|text| sockets(&text).filter_map(parse).collect::<Vec<_>>()).collect())
    }

    /// Whether [`tcp`](Self::tcp) would be told.
    pub(crate) fn tells_of_tcp(&self) -> bool {
        ["net/tcp", "net/tcp6"].iter().any(|file| File::open(self.folder.join(file)).is_ok())
    }

    /// For a table of sockets the kernel walks through all its hash buckets, a quarter of a million on a large machine,
    /// even if there is none. It begins anew for who reads the first few bytes alone, as `read_to_string` would.
    fn table(&self, file: &str) -> Option<String> {
        const A_PAGE: usize = 4096;
        let mut text = String::with_capacity(A_PAGE);
        File::open(self.folder.join(file)).and_then(|mut file| file.read_to_string(&mut text)).ok()?;
        Some(text)
    }

    /// Asks what costs little.
    fn has_no_tcp6(&self) -> bool {
        self.read("net/sockstat6").is_some_and(|text| text.contains("TCP6: inuse 0\n"))
    }
}

/// The lines of those that are some process's. There may be thousands in TIME_WAIT, which are nobody's any more.
fn sockets(text: &str) -> impl Iterator<Item = &str> {
    const TIME_WAIT: &str = " 06 ";
    text.lines().skip(1).filter(|line| !line.contains(TIME_WAIT))
}

fn parse(line: &str) -> Option<Tcp> {
    const CLOSED: u8 = 7;
    const CLOSE_WAIT: u8 = 8;
    const LAST_ACK: u8 = 9;
    const LISTEN: u8 = 10;
    const CLOSING: u8 = 11;
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [_, local, remote, state, queues, timer, _, _, _, inode, ..] = fields.as_slice() else { return None };
    let state = u8::from_str_radix(state, 16).ok()?;
    let (unsent, unread) = queues.split_once(':')?;
    let peer_has_finished = [CLOSE_WAIT, LAST_ACK, CLOSING].contains(&state);
    // The end of the stream counts as a byte for as long as it is not read.
    let end = u64::from(peer_has_finished);
    Some(Tcp {
        local: address(local)?,
        remote: address(remote)?,
        listens: state == LISTEN,
        peer_has_finished,
        is_over: state == CLOSED,
        unread: u64::from_str_radix(unread, 16).ok()?.saturating_sub(end),
        unsent: u64::from_str_radix(unsent, 16).ok()?,
        in_flight: timer.starts_with("01"),
        peer_is_full: timer.starts_with("04"),
        inode: inode.parse().ok()?,
    })
}

/// As the kernel prints it: words of 32 bits in the machine's order, then the port.
fn address(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.split_once(':')?;
    let words: Option<Vec<[u8; 4]>> = address
        .as_bytes()
        .chunks(8)
        .map(|word| u32::from_str_radix(str::from_utf8(word).ok()?, 16).ok().map(u32::to_ne_bytes))
        .collect();
    let bytes = words?.concat();
    let ip = match bytes.len() {
        4 => IpAddr::from(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?)),
        _ => IpAddr::from(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?)),
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn a_line_is_understood() {
        let line = "   2: 0100007F:B631 0100007F:8608 08 00000010:00000007 01:00000014 00000000  1000  0 3975172 1 0";

        let tcp = parse(line).unwrap();

        assert_eq!(
            (tcp.local.to_string(), tcp.remote.to_string()),
            ("127.0.0.1:46641".into(), "127.0.0.1:34312".into())
        );
        // Six bytes, then the end.
        assert_eq!((tcp.unread, tcp.unsent, tcp.peer_has_finished), (6, 16, true));
        assert!(tcp.in_flight && !tcp.peer_is_full && !tcp.listens);
        assert_eq!(tcp.inode, 3_975_172);
    }
}
