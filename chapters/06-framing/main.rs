//! # Chapter 6: from bytes to messages
//! *From earlier:* `Epoll`, edge-triggered, with a list of our own of clients that may have more to read (chapters 2
//! and 3), and `Outbox` (chapter 2).
//! *New:* `Framing` (`framing.rs`): it finds the messages in what has been read so far, whatever the reads were.
//! *Still wrong:* who sends and never reads has all its answers in our memory, and who sends nonsense may lose the
//! answers to what it sent before: chapter 8. Whatever the messages are about is mixed with sockets: chapter 7 puts a
//! trait between the two.

mod framing;
mod client;

use std::collections::{HashMap, VecDeque};
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process;
use std::time::Duration;

use chapters::{Args, Flag};
use reactor::{Epoll, Event, Events, Interest, Token};

use crate::client::{Chosen, Client};

const ABOUT: &str = "Answers each message, a line of text, with its length and its first bytes.";
const FLAGS: &[Flag] = &[
    ("--length-prefixed", "messages behind their length, four bytes, big-endian"),
    ("--read-is-message", "flaw: take what a read returns for a message"),
    ("--no-limit", "flaw: a message may have any length"),
    ("--rescan", "flaw: search the whole line again with each read"),
];

const LISTENER: Token = Token(0);
const FIRST_CLIENT: u64 = 1;

struct Server {
    args: Args,
    epoll: Epoll,
    listener: TcpListener,
    clients: HashMap<Token, Client>,
    next: u64,
    /// Who may have more to read: no edge will say so again.
    readable: VecDeque<Token>,
}

fn main() {
    let args = Args::from_env(ABOUT, FLAGS);
    let listener = chapters::listen(args.addr);
    if let Err(error) = Server::new(args, listener).and_then(Server::run) {
        eprintln!("error: {error}");
        process::exit(1)
    }
}

impl Server {
    fn new(args: Args, listener: TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let epoll = Epoll::new()?;
        epoll.add(&listener, LISTENER, Interest::READABLE | Interest::EDGE_TRIGGERED)?;
        let (clients, readable) = (HashMap::new(), VecDeque::new());
        Ok(Self { args, epoll, listener, clients, next: FIRST_CLIENT, readable })
    }

    // ANCHOR: loop
    fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(256);
        loop {
            let timeout = if self.readable.is_empty() { None } else { Some(Duration::ZERO) };
            match self.epoll.wait(&mut events, timeout) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => result?,
            }
            for event in events.iter() {
                match event.token {
                    LISTENER => self.accept(),
                    id => self.event(id, event),
                }
            }
            // One read for each: those that are listed meanwhile have had their turn.
            for _ in 0..self.readable.len() {
                if let Some(id) = self.readable.pop_front() {
                    self.read(id);
                }
            }
        }
    }
    // ANCHOR_END: loop

    fn accept(&mut self) {
        loop {
            match self.listener.accept() {
                Ok((socket, peer)) => match self.connect(socket, peer) {
                    Ok(()) => eprintln!("{peer} connected"),
                    Err(error) => eprintln!("{peer} refused: {error}"),
                },
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => return eprintln!("accept: {error}"),
            }
        }
    }

    fn connect(&mut self, socket: TcpStream, peer: SocketAddr) -> io::Result<()> {
        socket.set_nonblocking(true)?;
        let id = Token(self.next);
        self.next += 1;
        self.epoll.add(&socket, id, Interest::READABLE | Interest::WRITABLE | Interest::EDGE_TRIGGERED)?;
        self.clients.insert(id, Client::new(socket, peer, Chosen::by(&self.args)));
        Ok(())
    }

    fn event(&mut self, id: Token, event: Event) {
        if event.is_writable() {
            self.flush(id);
        }
        if event.is_readable() {
            self.list(id);
        }
    }

    fn list(&mut self, id: Token) {
        if let Some(client) = self.clients.get_mut(&id)
            && !client.listed
            && !client.ended
        {
            client.listed = true;
            self.readable.push_back(id);
        }
    }

    fn read(&mut self, id: Token) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        client.listed = false;
        match client.read() {
            Ok(0) => client.ended = true,
            Ok(_) => self.list(id),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return,
            Err(error) if error.kind() == ErrorKind::Interrupted => return self.list(id),
            Err(error) => return self.leave(id, &error.to_string()),
        }
        self.flush(id);
    }

    fn flush(&mut self, id: Token) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        match client.flush() {
            Ok(false) => {}
            Ok(true) => self.leave(id, "end of stream"),
            Err(error) => self.leave(id, &error.to_string()),
        }
    }

    fn leave(&mut self, id: Token, why: &str) {
        let Some(mut client) = self.clients.remove(&id) else { return };
        // The answers to the messages before, as far as there is room. A reset may destroy them: chapter 8.
        let _ = client.flush();
        eprintln!("{} left: {why}\n  {}", client.peer, client.summary());
        drop(client);
        // Someone may have waited for its descriptor.
        self.accept();
    }
}
