//! Expect: WRONG: the bytes before the end get lost
//!
//! Takes `EPOLLRDHUP` for the end, and what was sent before it is not read.

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
        let mut happened = Vec::new();
        match self.epoll.wait(&mut self.events, timeout) {
            Err(e) if e.kind() == ErrorKind::Interrupted => return Ok(happened),
            r => r?,
        }
        let events: Vec<Event> = self.events.iter().collect();
        for event in events {
            if event.token == LISTENER {
                self.accept(&mut happened)?;
            } else if let Some(client) = self.clients.get_mut(&event.token) {
                if event.is_read_closed() {
                    self.clients.remove(&event.token);
                    happened.push(Happened::Finished(event.token));
                } else if !client.listed {
                    client.listed = true;
                    self.ready.push_back(event.token);
                }
            }
        }
        for _ in 0..self.ready.len() {
            let Some(token) = self.ready.pop_front() else { break };
            if let Some(client) = self.clients.get_mut(&token) {
                client.listed = false;
            }
            self.read(token, &mut happened);
        }
        Ok(happened)
    }

    fn accept(&mut self, happened: &mut Vec<Happened>) -> io::Result<()> {
        loop {
            match self.listener.accept() {
                Ok((socket, _)) => {
                    socket.set_nonblocking(true)?;
                    let token = Token(self.next);
                    self.next += 1;
                    self.epoll.add(
                        &socket,
                        token,
                        Interest::READABLE | Interest::READ_CLOSED | Interest::EDGE_TRIGGERED,
                    )?;
                    self.clients.insert(token, Client { socket, listed: false });
                    happened.push(Happened::Connected(token));
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(e) if e.kind() == ErrorKind::ConnectionAborted => {}
                Err(e) => return Err(e),
            }
        }
    }

    fn read(&mut self, token: Token, happened: &mut Vec<Happened>) {
        let Some(client) = self.clients.get_mut(&token) else { return };
        let mut left = self.budget;
        let mut buffer = [0; 4096];
        while left > 0 {
            let room = left.min(buffer.len());
            match client.socket.read(&mut buffer[..room]) {
                Ok(0) => {
                    happened.push(Happened::Finished(token));
                    self.clients.remove(&token);
                    return;
                }
                Ok(n) => {
                    left -= n;
                    happened.push(Happened::Received(token, buffer[..n].to_vec()));
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => return,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => {
                    happened.push(Happened::Lost(token, e.kind()));
                    self.clients.remove(&token);
                    return;
                }
            }
        }
        client.listed = true;
        self.ready.push_back(token);
    }
}
