//! One client: its socket, and the bytes that wait for room in it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::epoll::{Event, Interest};

// ANCHOR: client
pub(crate) struct Client {
    pub(crate) socket: TcpStream,
    pub(crate) peer: SocketAddr,
    /// What the socket is watched for.
    pub(crate) interest: Interest,
    pub(crate) received: u64,
    /// What the kernel had no room for.
    unsent: Vec<u8>,
}
// ANCHOR_END: client

impl Client {
    pub(crate) fn new(socket: TcpStream, peer: SocketAddr) -> Self {
        Self { socket, peer, interest: Interest::READABLE, received: 0, unsent: Vec::new() }
    }

    // ANCHOR: needs
    /// What to wait for. While bytes wait here no more are read, or a client that never reads would fill the memory.
    pub(crate) fn needs(&self, always_writable: bool) -> Interest {
        match self.unsent.is_empty() {
            true if always_writable => Interest::READABLE | Interest::WRITABLE,
            true => Interest::READABLE,
            false => Interest::WRITABLE,
        }
    }
    // ANCHOR_END: needs

    // ANCHOR: echo
    /// Does what the event makes possible. `false`: the client has sent its last byte and was sent it back.
    pub(crate) fn echo(&mut self, event: Event, buffer: &mut [u8]) -> io::Result<bool> {
        if event.is_writable() {
            self.send()?;
        }
        if event.is_readable() && self.unsent.is_empty() {
            // Once: if there is more, level-triggered epoll says so again.
            match self.socket.read(buffer) {
                Ok(0) => return Ok(false),
                Ok(count) => {
                    self.received += count as u64;
                    self.unsent.extend_from_slice(&buffer[..count]);
                    self.send()?;
                }
                Err(error) if [ErrorKind::WouldBlock, ErrorKind::Interrupted].contains(&error.kind()) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
    // ANCHOR_END: echo

    // ANCHOR: send
    /// Hands the kernel what it has room for.
    fn send(&mut self) -> io::Result<()> {
        while !self.unsent.is_empty() {
            match self.socket.write(&self.unsent) {
                Ok(count) => drop(self.unsent.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
    // ANCHOR_END: send
}
