//! One client of the chat that is written by hand.

use std::io::{self, Read};
use std::net::TcpStream;

use reactor::framing::{Framing, Lines};
use reactor::outbox::{Outbox, Progress};

use crate::chat::printable;

pub(crate) struct Client {
    pub(crate) socket: TcpStream,
    framing: Lines,
    /// The start of a line whose end is still on its way.
    rest: Vec<u8>,
    outbox: Outbox,
    /// It is in the list of clients to read from.
    pub(crate) listed: bool,
    /// It has no more to say.
    pub(crate) ended: bool,
}

impl Client {
    pub(crate) fn new(socket: TcpStream) -> Self {
        let outbox = Outbox::new(usize::MAX);
        Self { socket, framing: Lines::default(), rest: Vec::new(), outbox, listed: false, ended: false }
    }

    // ANCHOR: read
    /// Reads once, and returns the lines that are whole now. `None`: the client has shut down its side.
    ///
    /// The lines are copies. A line that borrowed from `rest` would keep this client borrowed, and with it all the
    /// clients, and nobody could be sent anything.
    pub(crate) fn read(&mut self) -> io::Result<Option<Vec<String>>> {
        let mut buffer = [0; 16 * 1024];
        let count = self.socket.read(&mut buffer)?;
        if count == 0 {
            return Ok(None);
        }
        self.rest.extend_from_slice(&buffer[..count]);
        let (mut lines, mut taken) = (Vec::new(), 0);
        while let Some((line, count)) = self.framing.next(&self.rest[taken..]).map_err(io::Error::other)? {
            taken += count;
            lines.push(printable(line));
        }
        self.rest.drain(..taken);
        Ok(Some(lines))
    }
    // ANCHOR_END: read

    pub(crate) fn send(&mut self, line: &str) {
        self.outbox.push(line.as_bytes());
        self.flush();
    }

    /// Sends what there is room for, and returns whether nothing is left to do for the client: all is sent, or cannot
    /// be, and it has no more to say. While it has, an error is the next read's as well.
    pub(crate) fn flush(&mut self) -> bool {
        // What the kernel has no room for waits for the next event.
        !matches!(self.outbox.write_to(&self.socket), Ok(Progress::Blocked(_))) && self.ended
    }
}
