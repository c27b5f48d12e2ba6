//! The listener, the clients, and what one turn of the loop does for those of them who have something to do.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::thread;
use std::time::Duration;

use chapters::Turns;
use reactor::{Epoll, Event, Interest, Token};

use crate::client::{Client, Next};
use crate::ready::Ready;

/// No descriptor has this number.
const LISTENER: Token = Token(u64::MAX);
/// How long to leave alone a kernel that has no descriptor left for a new client.
const A_MOMENT: Duration = Duration::from_millis(100);

pub(crate) struct Server {
    pub(crate) epoll: Epoll,
    pub(crate) ready: Ready,
    pub(crate) turns: Turns,
    pub(crate) clients: HashMap<Token, Client>,
    listener: TcpListener,
    /// No descriptor was left for a client: the listener is put on the ready list when somebody leaves.
    full: bool,
    buffer: Box<[u8]>,
    habits: Habits,
}

/// What the flags change.
pub(crate) struct Habits {
    pub(crate) interest: Interest,
    pub(crate) read_once: bool,
    pub(crate) accept_once: bool,
    pub(crate) no_budget: bool,
    pub(crate) buffer: usize,
    pub(crate) work: Duration,
}

impl Default for Habits {
    fn default() -> Self {
        // ANCHOR: interest
        let interest = Interest::READABLE | Interest::WRITABLE | Interest::READ_CLOSED | Interest::EDGE_TRIGGERED;
        // ANCHOR_END: interest
        let (buffer, work) = (16 * 1024, Duration::ZERO);
        Self { interest, read_once: false, accept_once: false, no_budget: false, buffer, work }
    }
}

impl Server {
    // ANCHOR: new
    pub(crate) fn new(addr: SocketAddr, habits: Habits) -> io::Result<Self> {
        let listener = chapters::listen(addr);
        listener.set_nonblocking(true)?;
        let epoll = Epoll::new()?;
        epoll.add(&listener, LISTENER, Interest::READABLE | Interest::EDGE_TRIGGERED)?;
        Ok(Self {
            epoll,
            ready: Ready::default(),
            turns: Turns::default(),
            clients: HashMap::new(),
            listener,
            full: false,
            buffer: vec![0; habits.buffer].into(),
            habits,
        })
    }
    // ANCHOR_END: new

    // ANCHOR: note
    /// Lists whom the event concerns.
    pub(crate) fn note(&mut self, event: Event) {
        let listed = match event.token {
            LISTENER => true,
            token => self.clients.get_mut(&token).is_some_and(|client| client.concerns(event)),
        };
        if listed {
            self.ready.push(event.token);
        }
    }

    /// Gives everybody on the list one turn. Who is listed again meanwhile has had it.
    pub(crate) fn turn(&mut self) {
        self.turns.count();
        for _ in 0..self.ready.len() {
            match self.ready.pop() {
                Some(LISTENER) => self.accept(),
                Some(token) => self.serve(token),
                None => {}
            }
        }
    }
    // ANCHOR_END: note

    // ANCHOR: accept
    fn accept(&mut self) {
        match self.listener.accept() {
            Ok((socket, peer)) => {
                match self.admit(socket, peer) {
                    Ok(()) => eprintln!("{peer} connected"),
                    Err(error) => eprintln!("{peer} refused: {error}"),
                }
                if !self.habits.accept_once {
                    self.ready.push(LISTENER);
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => {
                eprintln!("accept: {error}");
                // No event tells of a free descriptor. Somebody's leaving does.
                self.full = !self.clients.is_empty();
                if !self.full {
                    // Nobody will leave. Others have the descriptors.
                    thread::sleep(A_MOMENT);
                    self.ready.push(LISTENER);
                }
            }
        }
    }
    // ANCHOR_END: accept

    fn admit(&mut self, socket: TcpStream, peer: SocketAddr) -> io::Result<()> {
        socket.set_nonblocking(true)?;
        let token = Token(socket.as_raw_fd().unsigned_abs().into());
        self.epoll.add(&socket, token, self.habits.interest)?;
        self.clients.insert(token, Client::new(socket, peer));
        Ok(())
    }

    // ANCHOR: serve
    fn serve(&mut self, token: Token) {
        let Some(client) = self.clients.get_mut(&token) else { return };
        let why = loop {
            if !self.habits.work.is_zero() {
                thread::sleep(self.habits.work);
            }
            match client.turn(&mut self.buffer) {
                Ok(Next::Again) if self.habits.no_budget => {}
                Ok(Next::Again) if self.habits.read_once => return,
                Ok(Next::Again) => return self.ready.push(token),
                Ok(Next::Wait) => return,
                Ok(Next::Left) => break "left".to_string(),
                Err(error) => break format!("lost ({error})"),
            }
        };
        eprintln!("{} {why} after {} bytes, in turn {}", client.peer, client.received, self.turns.so_far());
        self.clients.remove(&token);
        if std::mem::take(&mut self.full) {
            self.ready.push(LISTENER);
        }
    }
    // ANCHOR_END: serve
}
