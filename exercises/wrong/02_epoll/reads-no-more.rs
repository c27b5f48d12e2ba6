//! Expect: HANGS: spinning: EPOLLOUT stays on with nothing to send
//!
//! Never goes back from watching for room to watching for bytes.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

#[path = "../../../src/epoll.rs"]
mod epoll;

pub use epoll::{Epoll, Event, Events, Interest, Token};

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
        if interest == Interest::WRITABLE {
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
