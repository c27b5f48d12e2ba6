//! The other side: an HTTP client that shows what it gets, byte for byte.

use http_server::{Http, Service};
use reactor::{Builder, Running};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Nothing takes this long unless it is broken.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) type Server<S> = Running<Http<S>>;

pub(crate) fn serve<S: Service + Send + 'static>(service: S) -> Server<S> {
    serve_with(Builder::new(), service)
}

pub(crate) fn serve_with<S: Service + Send + 'static>(limits: Builder, service: S) -> Server<S> {
    limits.bind("127.0.0.1:0", Http::new(service)).unwrap().start().unwrap()
}

/// Waits until `condition` holds.
pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < DEADLINE, "never happened: {what}");
        std::thread::yield_now();
    }
}

#[derive(Debug)]
pub(crate) struct Client {
    stream: TcpStream,
    unread: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// The head without the `Date`, which differs from second to second.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn of<S>(server: &Server<S>) -> Self {
        Self::connect(server.local_addr())
    }

    pub(crate) fn connect(addr: SocketAddr) -> Self {
        let stream = TcpStream::connect(addr).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.set_write_timeout(Some(DEADLINE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, unread: Vec::new() }
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    pub(crate) fn get(&mut self, path: &str) -> Reply {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n"));
        self.reply()
    }

    /// The next reply.
    pub(crate) fn reply(&mut self) -> Reply {
        let mut reply = self.reply_to_head();
        let length = reply.field("content-length").map_or(0, |length| length.parse().unwrap());
        self.fill(length);
        reply.body = self.unread.drain(..length).collect();
        reply
    }

    /// The next reply, as one to HEAD, which ends with its head.
    pub(crate) fn reply_to_head(&mut self) -> Reply {
        let end = loop {
            match self.unread.windows(4).position(|window| window == b"\r\n\r\n") {
                Some(at) => break at + 4,
                None => self.fill(self.unread.len() + 1),
            }
        };
        let head = String::from_utf8(self.unread.drain(..end).collect()).unwrap();
        let undated = head.split_inclusive("\r\n").filter(|line| !line.starts_with("Date: "));
        let status = head.strip_prefix("HTTP/1.1 ").expect("a status line")[..3].parse().unwrap();
        Reply { status, head: undated.collect(), body: Vec::new() }
    }

    /// All that comes until the server closes.
    pub(crate) fn read_to_end(mut self) -> Vec<u8> {
        self.stream.read_to_end(&mut self.unread).expect("a clean end, within the deadline");
        self.unread
    }

    /// Whether the server has closed and sent nothing more.
    #[track_caller]
    pub(crate) fn has_ended(self) {
        assert_eq!(String::from_utf8_lossy(&self.read_to_end()), "", "nothing but the end is expected");
    }

    pub(crate) fn half_close(&mut self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// Waits until `text` has come, and returns all up to it.
    pub(crate) fn until(&mut self, text: &str) -> String {
        let end = loop {
            match self.unread.windows(text.len()).position(|window| window == text.as_bytes()) {
                Some(at) => break at + text.len(),
                None => self.fill(self.unread.len() + 1),
            }
        };
        String::from_utf8(self.unread.drain(..end).collect()).unwrap()
    }

    /// Waits until bytes have come, and leaves them with the kernel.
    pub(crate) fn wait_for_bytes(&self) {
        assert!(self.stream.peek(&mut [0]).unwrap() > 0, "the server closed instead");
    }

    fn fill(&mut self, length: usize) {
        let mut buffer = [0; 64 << 10];
        while self.unread.len() < length {
            let count = self.stream.read(&mut buffer).expect("bytes within the deadline");
            assert!(count > 0, "the server closed after {:?}", String::from_utf8_lossy(&self.unread));
            self.unread.extend_from_slice(&buffer[..count]);
        }
    }
}

impl Reply {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        fields.find_map(|(field, value)| field.eq_ignore_ascii_case(name).then_some(value))
    }

    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }
}
