//! The room as it would be without the engine: a level-triggered loop that is right as long as its clients are.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, OwnedFd};

use reactor::framing::{Framing, Lines};
use reactor::outbox::{Outbox, Progress};
use reactor::{Epoll, Event, Events, Interest, Token};

use crate::room::{self, Request};

const LISTENER: Token = Token(u64::MAX);
const MIB: usize = 1 << 20;

struct Client {
    /// A file, since `write` on a `TcpStream` of Rust never raises SIGPIPE, and in C it does.
    socket: File,
    peer: SocketAddr,
    framing: Lines,
    rest: Vec<u8>,
    outbox: Outbox,
    watched: Interest,
    /// With so many bytes kept for it, that is worth a line.
    remarkable: usize,
}

pub(crate) struct Naive {
    epoll: Epoll,
    listener: TcpListener,
    /// By the number of their descriptor.
    clients: HashMap<Token, Client>,
    go_on: bool,
    failures: u64,
}

impl Naive {
    pub(crate) fn new(addr: SocketAddr, go_on: bool) -> io::Result<Self> {
        let listener = chapters::listen(addr);
        listener.set_nonblocking(true)?;
        let epoll = Epoll::new()?;
        epoll.add(&listener, LISTENER, Interest::READABLE)?;
        Ok(Self { epoll, listener, clients: HashMap::new(), go_on, failures: 0 })
    }

    // ANCHOR: loop
    pub(crate) fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(256);
        loop {
            match self.epoll.wait(&mut events, None) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => result?,
            }
            for event in events.iter() {
                match event.token {
                    LISTENER => self.accept()?,
                    token => self.event(token, event),
                }
            }
        }
    }

    fn accept(&mut self) -> io::Result<()> {
        match self.listener.accept() {
            Ok((socket, peer)) => self.connect(socket, peer),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            Err(error) if self.go_on => {
                self.failures += 1;
                if self.failures.is_power_of_two() {
                    eprintln!("accept: {error}, {} so far", self.failures);
                }
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
    // ANCHOR_END: loop

    fn connect(&mut self, socket: TcpStream, peer: SocketAddr) -> io::Result<()> {
        socket.set_nonblocking(true)?;
        let token = Token(socket.as_raw_fd().unsigned_abs().into());
        let watched = Interest::READABLE;
        self.epoll.add(&socket, token, watched)?;
        let socket = File::from(OwnedFd::from(socket));
        let (framing, outbox) = (Lines::new(usize::MAX), Outbox::new(usize::MAX));
        self.clients
            .insert(token, Client { socket, peer, framing, rest: Vec::new(), outbox, watched, remarkable: 2 * MIB });
        Ok(())
    }

    // ANCHOR: event
    fn event(&mut self, token: Token, event: Event) {
        if event.is_error() || event.is_hangup() {
            return self.leave(token, "hung up");
        }
        if event.is_writable() {
            self.flush(token);
        }
        if event.is_readable() {
            self.read(token).unwrap_or_else(|error| self.leave(token, &error.to_string()));
        }
    }

    fn read(&mut self, token: Token) -> io::Result<()> {
        let Some(client) = self.clients.get_mut(&token) else { return Ok(()) };
        let mut buffer = [0; 16 * 1024];
        let count = client.socket.read(&mut buffer)?;
        if count == 0 {
            self.leave(token, "end of stream");
            return Ok(());
        }
        client.rest.extend_from_slice(&buffer[..count]);
        let (mut lines, mut taken) = (Vec::new(), 0);
        while let Some((line, count)) = client.framing.next(&client.rest[taken..]).map_err(io::Error::other)? {
            lines.push(line.to_vec());
            taken += count;
        }
        client.rest.drain(..taken);
        client.report();
        lines.iter().for_each(|line| self.line(token, line));
        Ok(())
    }
    // ANCHOR_END: event

    fn line(&mut self, from: Token, line: &[u8]) {
        match Request::of(line) {
            Request::Bytes(count) => self.send(from, &room::bytes(count)),
            Request::Say(line) => {
                for token in self.clients.keys().copied().collect::<Vec<_>>() {
                    self.send(token, &[line, b"\n"].concat());
                }
            }
        }
    }

    // ANCHOR: send
    fn send(&mut self, token: Token, bytes: &[u8]) {
        if let Some(client) = self.clients.get_mut(&token) {
            client.outbox.push(bytes);
            self.flush(token);
        }
    }

    fn flush(&mut self, token: Token) {
        let Some(client) = self.clients.get_mut(&token) else { return };
        let wanted = match client.outbox.write_to(&client.socket) {
            Ok(Progress::Empty) => Interest::READABLE,
            Ok(Progress::Blocked(_)) => Interest::READABLE | Interest::WRITABLE,
            Err(error) => return self.leave(token, &error.to_string()),
        };
        client.report();
        if client.watched != wanted {
            client.watched = wanted;
            // It is watched, and by this epoll instance, so there is nothing to refuse.
            let _ = self.epoll.modify(&client.socket, token, wanted);
        }
    }

    fn leave(&mut self, token: Token, why: &str) {
        if let Some(client) = self.clients.remove(&token) {
            eprintln!("{} left ({why}), {} bytes unsent", client.peer, client.outbox.len());
        }
    }
    // ANCHOR_END: send
}

impl Client {
    /// Says how much is kept for it: 2 MiB, 4 MiB, 8 MiB ...
    fn report(&mut self) {
        while self.rest.len() + self.outbox.len() >= self.remarkable {
            eprintln!("{}: {} MiB are kept for it", self.peer, self.remarkable / MIB);
            self.remarkable *= 2;
        }
    }
}
