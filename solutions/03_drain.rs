//! Exercise 3: drain, within a budget. One way to write it.

use std::collections::{HashMap, VecDeque};
use std::io::{self, ErrorKind, Read};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use reactor::{Epoll, Event, Events, Interest, Token};

/// The name under which the listener is watched; no client's.
const LISTENER: Token = Token(u64::MAX);

/// Something that happened in a turn.
#[derive(Debug, PartialEq, Eq)]
pub enum Happened {
    /// A client was accepted, and is called this from now on.
    Connected(Token),
    /// These bytes were read from a client.
    Received(Token, Vec<u8>),
    /// A client has sent its last byte, and is gone.
    Finished(Token),
    /// A client is gone for another reason: what `read` said.
    Lost(Token, ErrorKind),
}

/// A server that reads what its clients send.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    clients: HashMap<Token, Client>,
    /// Those who may have something to read, of which no event will tell; each is here once.
    ready: VecDeque<Token>,
    /// How many bytes are read from one client in one turn, at most.
    budget: usize,
    /// The number of the next client.
    next: u64,
    epoll: Epoll,
    events: Events,
}

#[derive(Debug)]
struct Client {
    socket: TcpStream,
    /// Whether it is on the list of those who may have something to read.
    listed: bool,
}

impl Server {
    /// Serves those who connect to `listener`, with a `budget` of so many bytes for each client and turn.
    ///
    /// # Errors
    /// `EMFILE` or `ENFILE` when the process or the system is out of descriptors.
    pub fn new(listener: TcpListener, budget: usize) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let epoll = Epoll::new()?;
        epoll.add(&listener, LISTENER, Interest::READABLE | Interest::EDGE_TRIGGERED)?;
        let (clients, ready, events) = (HashMap::new(), VecDeque::new(), Events::with_capacity(64));
        Ok(Self { listener, clients, ready, budget, next: 0, epoll, events })
    }

    /// Sleeps until something happens, unless somebody is on the list; then gives everybody on the list one turn, and
    /// those that the kernel has told of. Says what happened, in its order.
    ///
    /// # Errors
    /// Only what the server's own descriptors say; `EINTR` is nothing that happened. The server is of no more use then:
    /// what has happened in that turn is not told.
    pub fn turn(&mut self) -> io::Result<Vec<Happened>> {
        // No event will tell of those on the list. So look for those of the others, but do not sleep.
        let timeout = if self.ready.is_empty() { None } else { Some(Duration::ZERO) };
        match self.epoll.wait(&mut self.events, timeout) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(Vec::new()),
            result => result?,
        }
        let mut happened = Vec::new();
        let events: Vec<Event> = self.events.iter().collect();
        for event in events {
            match event.token {
                LISTENER => self.accept(&mut happened)?,
                client => self.list(client),
            }
        }
        // Who is listed again meanwhile has had its turn.
        for _ in 0..self.ready.len() {
            if let Some(token) = self.ready.pop_front() {
                self.read(token, &mut happened);
            }
        }
        Ok(happened)
    }

    /// Takes in all who wait to be accepted: each gets a token of its own, and is watched edge-triggered.
    ///
    /// # Errors
    /// What `accept` says, except that nobody waits, or that somebody has given up (`ECONNABORTED`).
    fn accept(&mut self, happened: &mut Vec<Happened>) -> io::Result<()> {
        loop {
            match self.listener.accept() {
                Ok((socket, _)) => {
                    let token = Token(self.next);
                    self.next += 1;
                    socket.set_nonblocking(true)?;
                    self.epoll.add(&socket, token, Interest::READABLE | Interest::EDGE_TRIGGERED)?;
                    self.clients.insert(token, Client { socket, listed: false });
                    happened.push(Happened::Connected(token));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if [ErrorKind::Interrupted, ErrorKind::ConnectionAborted].contains(&error.kind()) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads from a client until it has nothing more, or the budget is spent: then it stays on the list. One who has
    /// sent its last byte, or fails, is removed, which closes the socket.
    fn read(&mut self, token: Token, happened: &mut Vec<Happened>) {
        let Some(client) = self.clients.get_mut(&token) else { return };
        client.listed = false;
        let mut buffer = [0; 4096];
        let mut left = self.budget;
        while left > 0 {
            let room = left.min(buffer.len());
            let gone = match client.socket.read(&mut buffer[..room]) {
                Ok(0) => Happened::Finished(token),
                Ok(count) => {
                    happened.push(Happened::Received(token, buffer[..count].to_vec()));
                    left -= count;
                    continue;
                }
                // All is read. The next change is an event.
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => Happened::Lost(token, error.kind()),
            };
            self.clients.remove(&token);
            happened.push(gone);
            return;
        }
        self.list(token);
    }

    /// Puts a client on the list, unless it stands there.
    fn list(&mut self, token: Token) {
        if let Some(client) = self.clients.get_mut(&token)
            && !client.listed
        {
            client.listed = true;
            self.ready.push_back(token);
        }
    }
}
