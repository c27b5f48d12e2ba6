//! One client: its socket, and the bytes that wait for room in it.

use std::io::{self, ErrorKind, Read};
use std::net::{SocketAddr, TcpStream};

use reactor::Event;
use reactor::outbox::{Outbox, Progress};

// ANCHOR: client
pub(crate) struct Client {
    pub(crate) socket: TcpStream,
    pub(crate) peer: SocketAddr,
    pub(crate) received: u64,
    /// What the kernel had no room for.
    pub(crate) outbox: Outbox,
    /// The end of the stream is behind the bytes, so a short read is not the last.
    ending: bool,
}

/// What a turn has left to do.
pub(crate) enum Next {
    /// Nothing. The next change is an event.
    Wait,
    /// There may be more to read, and no event will say so.
    Again,
    /// The client has sent its last byte and was sent it back.
    Left,
}
// ANCHOR_END: client

impl Client {
    pub(crate) fn new(socket: TcpStream, peer: SocketAddr) -> Self {
        Self { socket, peer, received: 0, outbox: Outbox::new(usize::MAX), ending: false }
    }

    // ANCHOR: event
    /// Whether the event is a reason to take a turn. `EPOLLOUT` alone is none while nothing waits to be sent.
    pub(crate) fn concerns(&mut self, event: Event) -> bool {
        self.ending |= event.is_read_closed() || event.is_hangup() || event.is_error();
        event.is_readable() || !self.outbox.is_empty()
    }
    // ANCHOR_END: event

    // ANCHOR: turn
    /// Sends what waits, reads once, sends that back.
    pub(crate) fn turn(&mut self, buffer: &mut [u8]) -> io::Result<Next> {
        if !self.flush()? {
            return Ok(Next::Wait);
        }
        let count = match self.socket.read(buffer) {
            Ok(0) => return Ok(Next::Left),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Next::Wait),
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(Next::Again),
            Err(error) => return Err(error),
        };
        self.received += count as u64;
        self.outbox.push(&buffer[..count]);
        // A short read has emptied the socket, so the EAGAIN need not be fetched.
        let drained = count < buffer.len() && !self.ending;
        // If not all could be sent, the event that says that there is room leads to the next read as well.
        Ok(if self.flush()? && !drained { Next::Again } else { Next::Wait })
    }

    /// Hands the kernel what it has room for. Was that all?
    pub(crate) fn flush(&mut self) -> io::Result<bool> {
        Ok(self.outbox.write_to(&self.socket)? == Progress::Empty)
    }
    // ANCHOR_END: turn
}
