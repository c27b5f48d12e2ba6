//! # Chapter 2: one thread, all clients
//! *From earlier:* read and write as in chapter 1; here nobody waits in them.
//! *New:* epoll, level-triggered: the kernel says who is ready (`epoll.rs`). `O_NONBLOCK`: what the kernel does not take
//! waits in `client.rs`, and `EPOLLOUT` is asked for while it does.
//! *Still wrong:* two `epoll_ctl` for each reply that does not fit. Chapter 3 asks once, for everything.

#[expect(unsafe_code, reason = "epoll is reached through three system calls")]
mod epoll;
mod client;

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::thread;
use std::time::Duration;

use chapters::{Args, Flag, Turns};
use client::Client;
use epoll::{Epoll, Event, Events, Interest, Token};

const ABOUT: &str = "An echo server on one thread: level-triggered epoll.";
const FLAGS: &[Flag] = &[
    ("--blocking", "flaw: leave the clients' sockets blocking"),
    ("--always-writable", "flaw: ask for EPOLLOUT also while there is nothing to write"),
];

/// No descriptor has this number.
const LISTENER: Token = Token(u64::MAX);
/// How long to leave alone a kernel that has no descriptor left for a new client.
const A_MOMENT: Duration = Duration::from_millis(100);

struct Server {
    epoll: Epoll,
    listener: TcpListener,
    /// No descriptor was left for a client, so the listener is not watched until somebody leaves.
    full: bool,
    clients: HashMap<Token, Client>,
    /// One for all: nobody's bytes are in it for longer than a call.
    buffer: Box<[u8]>,
    turns: Turns,
    blocking: bool,
    always_writable: bool,
}

// ANCHOR: loop
fn main() -> io::Result<()> {
    let mut server = Server::new(&Args::from_env(ABOUT, FLAGS))?;
    let mut events = Events::with_capacity(64);
    loop {
        match server.epoll.wait(&mut events) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        server.turns.count();
        for event in events.iter() {
            match event.token {
                LISTENER => server.accept()?,
                _ => server.serve(event)?,
            }
        }
    }
}
// ANCHOR_END: loop

impl Server {
    fn new(args: &Args) -> io::Result<Self> {
        let listener = chapters::listen(args.addr);
        // A connection that is announced may be gone when it is to be accepted; accept must not wait for another.
        listener.set_nonblocking(true)?;
        let epoll = Epoll::new()?;
        epoll.add(&listener, LISTENER, Interest::READABLE)?;
        Ok(Self {
            epoll,
            listener,
            full: false,
            clients: HashMap::new(),
            buffer: vec![0; 16 * 1024].into(),
            turns: Turns::default(),
            blocking: args.has("--blocking"),
            always_writable: args.has("--always-writable"),
        })
    }

    // ANCHOR: accept
    fn accept(&mut self) -> io::Result<()> {
        match self.listener.accept() {
            Ok((socket, peer)) => match self.admit(socket, peer) {
                Ok(()) => eprintln!("{peer} connected"),
                Err(error) => eprintln!("{peer} refused: {error}"),
            },
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => {
                eprintln!("accept: {error}");
                // Watched, it would be reported until a descriptor is free: the loop would spin.
                if self.clients.is_empty() {
                    // Nobody will leave. Others have the descriptors.
                    thread::sleep(A_MOMENT);
                } else {
                    self.epoll.delete(&self.listener)?;
                    self.full = true;
                }
            }
        }
        Ok(())
    }

    fn admit(&mut self, socket: TcpStream, peer: SocketAddr) -> io::Result<()> {
        // It has not inherited this from the listener.
        socket.set_nonblocking(!self.blocking)?;
        let token = Token(socket.as_raw_fd().unsigned_abs().into());
        let mut client = Client::new(socket, peer);
        client.interest = client.needs(self.always_writable);
        self.epoll.add(&client.socket, token, client.interest)?;
        self.clients.insert(token, client);
        Ok(())
    }
    // ANCHOR_END: accept

    // ANCHOR: serve
    fn serve(&mut self, event: Event) -> io::Result<()> {
        let Some(client) = self.clients.get_mut(&event.token) else { return Ok(()) };
        match client.echo(event, &mut self.buffer) {
            Ok(true) => {
                let interest = client.needs(self.always_writable);
                if interest != client.interest {
                    client.interest = interest;
                    self.epoll.modify(&client.socket, event.token, interest)?;
                }
                Ok(())
            }
            Ok(false) => self.part(event.token, "left"),
            Err(error) => self.part(event.token, &format!("lost ({error})")),
        }
    }

    fn part(&mut self, token: Token, why: &str) -> io::Result<()> {
        // Dropping the client closes its socket, and that takes it off both lists of the kernel.
        if let Some(client) = self.clients.remove(&token) {
            eprintln!("{} {why} after {} bytes, in turn {}", client.peer, client.received, self.turns.so_far());
        }
        if std::mem::take(&mut self.full) {
            self.epoll.add(&self.listener, LISTENER, Interest::READABLE)?;
        }
        Ok(())
    }
    // ANCHOR_END: serve
}
