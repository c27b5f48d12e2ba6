//! The chat as chapter 6 would write it: the same service, in among sockets and events.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use reactor::mailbox::{self, Mailbox, Sender};
use reactor::{Epoll, Event, Events, Interest, Token, Waker};

use crate::client::Client;
use crate::slab::{Key, Slab};

/// No key has an index this high.
const LISTENER: Token = Token(u64::MAX);
const WAKER: Token = Token(u64::MAX - 1);
const EDGE: Interest = Interest::EDGE_TRIGGERED;

/// What the desk types, and for whom.
type Answer = (Key, String);

pub(crate) struct ByHand {
    epoll: Epoll,
    listener: TcpListener,
    answers: Mailbox<Answer>,
    clients: Slab<Client>,
    /// Who may have more to read: no edge will say so again.
    readable: VecDeque<Key>,
    questions: mpsc::Sender<Key>,
}

impl ByHand {
    pub(crate) fn new(
        addr: SocketAddr,
        questions: mpsc::Sender<Key>,
        reuse_ids: bool,
    ) -> io::Result<(Self, Sender<Answer>)> {
        let listener = chapters::listen(addr);
        listener.set_nonblocking(true)?;
        let (sender, answers) = mailbox::mailbox(64, Waker::new()?);
        let epoll = Epoll::new()?;
        epoll.add(&listener, LISTENER, Interest::READABLE | EDGE)?;
        epoll.add(answers.waker(), WAKER, Interest::READABLE | EDGE)?;
        let (clients, readable) = (Slab::new(reuse_ids), VecDeque::new());
        Ok((Self { epoll, listener, answers, clients, readable, questions }, sender))
    }

    // ANCHOR: loop
    pub(crate) fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(256);
        loop {
            let done = self.readable.is_empty() && self.answers.prepare_to_sleep();
            let timeout = if done { None } else { Some(Duration::ZERO) };
            match self.epoll.wait(&mut events, timeout) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => result?,
            }
            self.answers.awake();
            for event in events.iter() {
                match event.token {
                    LISTENER => self.accept(),
                    WAKER => {}
                    Token(bits) => self.event(Key::from_u64(bits), event),
                }
            }
            self.pass_on_answers();
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
                Ok((socket, peer)) => {
                    self.connect(socket).unwrap_or_else(|error| eprintln!("{peer} refused: {error}"));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => return eprintln!("accept: {error}"),
            }
        }
    }

    fn connect(&mut self, socket: TcpStream) -> io::Result<()> {
        socket.set_nonblocking(true)?;
        let key = self.clients.insert(Client::new(socket));
        let interest = Interest::READABLE | Interest::WRITABLE | EDGE;
        let added =
            self.clients.get_mut(key).map(|client| self.epoll.add(&client.socket, Token(key.to_u64()), interest));
        if let Some(Err(error)) = added {
            self.clients.remove(key);
            return Err(error);
        }
        self.tell_all(&format!("{key} is here\n"));
        Ok(())
    }

    // ANCHOR: answers
    /// The desk has answered. What became of the clients meanwhile it cannot know.
    fn pass_on_answers(&mut self) {
        while let Some((key, answer)) = self.answers.receive() {
            match self.clients.get_mut(key) {
                Some(client) => client.send(&answer),
                None => eprintln!("{key} has left without its answer"),
            }
        }
    }
    // ANCHOR_END: answers

    fn event(&mut self, key: Key, event: Event) {
        let Some(client) = self.clients.get_mut(key) else { return };
        if event.is_writable() && client.flush() {
            return self.leave(key);
        }
        if event.is_readable() {
            self.list(key);
        }
    }

    fn list(&mut self, key: Key) {
        if let Some(client) = self.clients.get_mut(key)
            && !std::mem::replace(&mut client.listed, true)
        {
            self.readable.push_back(key);
        }
    }

    fn read(&mut self, key: Key) {
        let Some(client) = self.clients.get_mut(key) else { return };
        client.listed = false;
        match client.read() {
            Ok(Some(lines)) => {
                self.list(key);
                lines.iter().for_each(|line| self.line(key, line));
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => self.list(key),
            Ok(None) => {
                client.ended = true;
                if client.flush() {
                    self.leave(key);
                }
            }
            Err(_) => self.leave(key),
        }
    }

    fn leave(&mut self, key: Key) {
        self.clients.remove(key);
        self.tell_all(&format!("{key} has left\n"));
        // Someone may have waited for its descriptor.
        self.accept();
    }

    fn line(&mut self, from: Key, line: &str) {
        match line.strip_prefix('?') {
            Some(question) => {
                // Said behind it: whoever reads it may answer at once. If the desk has closed, the question stays open.
                let _ = self.questions.send(from);
                eprintln!("{from} asks:{question}");
            }
            None => self.tell_all(&format!("{from}: {line}\n")),
        }
    }

    fn tell_all(&mut self, line: &str) {
        eprint!("{line}");
        self.clients.iter_mut().for_each(|(_, client)| client.send(line));
    }
}
