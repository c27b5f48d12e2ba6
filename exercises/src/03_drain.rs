//! Exercise 3: drain, within a budget.
//!
//! A server that only reads. Its sockets are watched edge-triggered: the kernel tells of each change once. So whoever has
//! been told of has to be read until `EAGAIN`, or nobody tells of the rest; but not all at once, or a client that sends
//! without end is the only one that is read from. Therefore a budget, and a list of one's own of who is not done.
//!
//! A server's [`turn`](Server::turn) waits, and then gives everybody who is ready a turn. `reactor` has the wrapper that
//! you know from exercise 2.

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
        todo!("wait or only look; accept whom the kernel tells of, list the others; read from all who are listed")
    }

    /// Takes in all who wait to be accepted: each gets a token of its own, and is watched edge-triggered.
    ///
    /// # Errors
    /// What `accept` says, except that nobody waits, or that somebody has given up (`ECONNABORTED`).
    fn accept(&mut self, happened: &mut Vec<Happened>) -> io::Result<()> {
        todo!("accept everybody: the kernel tells of them once")
    }

    /// Reads from a client until it has nothing more, or the budget is spent: then it stays on the list. One who has
    /// sent its last byte, or fails, is removed, which closes the socket.
    fn read(&mut self, token: Token, happened: &mut Vec<Happened>) {
        todo!("read until EAGAIN, but no more than the budget")
    }
}
