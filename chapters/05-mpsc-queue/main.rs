//! # Chapter 5: any thread may send
//! *From earlier:* `Epoll`, edge-triggered (chapters 2 and 3), `Outbox` (chapter 2), and `Waker`, an eventfd (chapter 4).
//! *New:* a queue for many producers and one consumer (`queue.rs`), and a wake that is written only when the reactor
//! sleeps or is about to (`mailbox.rs`). Four threads send whole records to the clients of one reactor.
//! *Still wrong:* the clients have nothing to say: chapter 6 makes messages of what they send. Who reads slowly has all
//! its records in our memory, and a failed accept waits for the next client: chapter 8.

mod sync;
#[expect(unsafe_code, reason = "the ring hands values from thread to thread without a lock")]
mod queue;
mod article_ring;
mod shelf;
mod mailbox;
mod producer;
mod clients;
mod options;
#[expect(unsafe_code, reason = "std cannot set the size of a socket's buffer")]
mod send_buffer;

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use reactor::{Epoll, Events, Interest, Token, Waker};

use crate::clients::Clients;
use crate::mailbox::{Mailbox, mailbox};
use crate::options::Options;
use crate::producer::{Order, Post};

/// How many records the ring has room for.
const RING: usize = 64;
const LISTENER: Token = Token(0);
const WAKER: Token = Token(1);
const FIRST_CLIENT: u64 = 2;

struct Reactor {
    epoll: Epoll,
    listener: TcpListener,
    mailbox: Mailbox<Post>,
    producers: Vec<mpsc::Sender<Order>>,
    clients: Clients,
    next: u64,
    options: Options,
}

fn main() {
    let options = Options::from_env();
    let listener = chapters::listen(options.addr);
    if let Err(error) = Reactor::new(options, listener).and_then(Reactor::run) {
        eprintln!("error: {error}");
        process::exit(1)
    }
}

impl Reactor {
    fn new(options: Options, listener: TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let (sender, mailbox) = mailbox(RING, Waker::new()?, options.flaws);
        let epoll = Epoll::new()?;
        epoll.add(&listener, LISTENER, Interest::READABLE | Interest::EDGE_TRIGGERED)?;
        epoll.add(mailbox.waker(), WAKER, Interest::READABLE | Interest::EDGE_TRIGGERED)?;
        let producers = [b'A', b'B', b'C', b'D'].map(|letter| producer::start(letter, options.records, sender.clone()));
        let clients = Clients::new(producers.len().saturating_mul(options.records.count));
        Ok(Self { epoll, listener, mailbox, producers: producers.into(), clients, next: FIRST_CLIENT, options })
    }

    // ANCHOR: run
    fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(256);
        loop {
            thread::sleep(self.options.nap);
            // A time-out of zero takes the events that are there, and does not sleep.
            let awake = !self.mailbox.prepare_to_sleep();
            match self.epoll.wait(&mut events, awake.then_some(Duration::ZERO)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => result?,
            }
            self.mailbox.awake();
            for event in events.iter() {
                match event.token {
                    LISTENER => self.accept(),
                    // The mailbox is looked into in each turn.
                    WAKER => {}
                    id => self.clients.event(id, event),
                }
            }
            self.deliver();
        }
    }
    // ANCHOR_END: run

    // ANCHOR: deliver
    /// Moves what the ring holds to the outboxes, and sends what can be sent.
    fn deliver(&mut self) {
        let mut filled = Vec::new();
        // Not more than the ring has room for, or threads that never stop sending would be
        // all that is served.
        for _ in 0..RING {
            let Some(post) = self.mailbox.receive() else { break };
            filled.extend(self.clients.queue(&post));
        }
        for id in filled {
            self.clients.flush(id);
        }
    }
    // ANCHOR_END: deliver

    fn accept(&mut self) {
        loop {
            match self.listener.accept() {
                Ok((socket, peer)) => {
                    if let Err(error) = self.connect(socket, peer) {
                        eprintln!("{peer} refused: {error}");
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => return eprintln!("accept: {error}"),
            }
        }
    }

    fn connect(&mut self, socket: TcpStream, peer: SocketAddr) -> io::Result<()> {
        socket.set_nonblocking(true)?;
        if let Some(bytes) = self.options.send_buffer {
            send_buffer::set(&socket, bytes)?;
        }
        let order = if self.options.directly {
            Order::Socket(Arc::new(socket))
        } else {
            let id = Token(self.next);
            self.next += 1;
            let interest = Interest::WRITABLE | Interest::READ_CLOSED | Interest::EDGE_TRIGGERED;
            self.epoll.add(&socket, id, interest)?;
            self.clients.insert(id, socket, peer);
            Order::Mailbox(id)
        };
        // Before the producers hear of it: a fast one may be done, and say so, at once.
        eprintln!("{peer} connected");
        for producer in &self.producers {
            producer.send(order.clone()).expect("the producers live as long as the process");
        }
        Ok(())
    }
}
