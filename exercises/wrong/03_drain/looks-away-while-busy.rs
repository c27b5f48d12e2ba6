//! Expect: WRONG: one client's flood starves the others
//!
//! Does not ask the kernel while somebody is on its own list.

use std::collections::{HashMap, VecDeque};
use std::io::{self, ErrorKind, Read};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use reactor::{Epoll, Event, Events, Interest, Token};

const LISTENER: Token = Token(u64::MAX);

#[derive(Debug, PartialEq, Eq)]
pub enum Happened {
    Connected(Token),
    Received(Token, Vec<u8>),
    Finished(Token),
    Lost(Token, ErrorKind),
}

#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    clients: HashMap<Token, Client>,
    ready: VecDeque<Token>,
    budget: usize,
    next: u64,
    epoll: Epoll,
    events: Events,
}

#[derive(Debug)]
struct Client {
    socket: TcpStream,
    listed: bool,
}

impl Server {
    pub fn new(listener: TcpListener, budget: usize) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let epoll = Epoll::new()?;
        epoll.add(&listener, LISTENER, Interest::READABLE | Interest::EDGE_TRIGGERED)?;
        let (clients, ready, events) = (HashMap::new(), VecDeque::new(), Events::with_capacity(64));
        Ok(Self { listener, clients, ready, budget, next: 0, epoll, events })
    }

    pub fn turn(&mut self) -> io::Result<Vec<Happened>> {
        let timeout = if self.ready.is_empty() { None } else { Some(Duration::ZERO) };
        if timeout.is_none() {
            match self.epoll.wait(&mut self.events, timeout) {
                Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(Vec::new()),
                result => result?,
            }
        } else {
            self.events = Events::with_capacity(64);
        }
        let mut happened = Vec::new();
        let events: Vec<Event> = self.events.iter().collect();
        for event in events {
            match event.token {
                LISTENER => self.accept(&mut happened)?,
                client => self.list(client),
            }
        }
        for _ in 0..self.ready.len() {
            if let Some(token) = self.ready.pop_front() {
                self.read(token, &mut happened);
            }
        }
        Ok(happened)
    }

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

    fn list(&mut self, token: Token) {
        if let Some(client) = self.clients.get_mut(&token)
            && !client.listed
        {
            client.listed = true;
            self.ready.push_back(token);
        }
    }
}
