//! Exercise 2: epoll. Part one is the engine's own module; part two is one way to write it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

#[path = "../src/epoll.rs"]
mod epoll;

pub use epoll::{Epoll, Event, Events, Interest, Token};

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
        epoll.add(&socket, token, Interest::READABLE)?;
        Ok(Self { socket, unsent: Vec::new(), watched: Interest::READABLE })
    }

    /// Answers an event: sends what is unsent; or else reads once, and sends that back. While something is unsent, the
    /// socket is watched for room, and for nothing else. Returns whether the client is still there: it has gone when it
    /// has sent its last byte, and was sent everything back.
    ///
    /// # Errors
    /// What `read` and `write` say, except that there is nothing to read, or no room, at the moment.
    pub fn on_event(&mut self, epoll: &Epoll, event: Event) -> io::Result<bool> {
        if self.unsent.is_empty() {
            let mut buffer = [0; 4096];
            match self.socket.read(&mut buffer) {
                Ok(0) => return Ok(false),
                Ok(count) => self.unsent.extend_from_slice(&buffer[..count]),
                // Level-triggered: what there is to read will be reported again.
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

    /// Hands the kernel as much as it has room for.
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
