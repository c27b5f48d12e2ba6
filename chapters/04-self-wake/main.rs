//! # Chapter 4: wake the loop from a thread
//! *From earlier:* the edge-triggered loop of chapter 3, with its clients and its ready list.
//! *New:* an eventfd (`waker.rs`), watched like a client: a write to it from any thread ends `epoll_wait`.
//! *Still wrong:* what threads post waits in a queue of std without end, and so do the bytes for a client who never reads.
//! Each post is a system call, though the loop is awake; and while posts come faster than they are delivered, the loop
//! does nothing else. Chapter 5 mends the queue, the calls and the turn, chapter 8 the client.

mod options;
#[expect(unsafe_code, reason = "an eventfd is made by a system call")]
mod waker;
mod console;
#[path = "../03-edge-triggered/ready.rs"]
mod ready;
#[path = "../03-edge-triggered/client.rs"]
mod client;
#[path = "../03-edge-triggered/server.rs"]
mod server;

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::thread;
use std::time::Duration;

use console::{Message, Waiting};
use options::{Options, Order};
use reactor::{Events, Interest, Token};
use server::{Habits, Server};
use waker::Waker;

/// No descriptor has this number, nor does the listener.
const WAKER: Token = Token(u64::MAX - 1);

/// What other threads have posted.
struct Mail {
    waker: Arc<Waker>,
    posted: Receiver<Message>,
    waiting: Option<Waiting>,
    options: Options,
}

// ANCHOR: loop
fn main() -> io::Result<()> {
    let options = Options::from_env();
    let mut server = Server::new(options.args.addr, Habits::default())?;
    let mut mail = Mail::new(&server, options)?;
    let mut events = Events::with_capacity(64);
    loop {
        let timeout = if server.ready.is_empty() { mail.options.timeout } else { Some(Duration::ZERO) };
        match server.epoll.wait(&mut events, timeout) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in events.iter() {
            server.note(event);
        }
        server.turn();
        let woken = events.iter().any(|event| event.token == WAKER);
        mail.take(&mut server, woken)?;
    }
}
// ANCHOR_END: loop

impl Mail {
    // ANCHOR: new
    fn new(server: &Server, options: Options) -> io::Result<Self> {
        let waker = Arc::new(Waker::new()?);
        let level = Interest::READABLE;
        let interest = if options.edge_triggered { level | Interest::EDGE_TRIGGERED } else { level };
        server.epoll.add(&*waker, WAKER, interest)?;
        let posted = console::start(Arc::clone(&waker), options.no_wake)?;
        Ok(Self { waker, posted, waiting: Some(Waiting::default()), options })
    }
    // ANCHOR_END: new

    // ANCHOR: take
    fn take(&mut self, server: &mut Server, woken: bool) -> io::Result<()> {
        if !woken {
            self.deliver(server);
            return Ok(());
        }
        self.waiting.iter_mut().for_each(|waiting| waiting.wakes += 1);
        match self.options.order {
            Order::NeverRead => {
                thread::sleep(self.options.pause);
                // Whoever posts from here on makes a new edge, whether the counter was read or not.
                self.deliver(server);
            }
            Order::ReadFirst => {
                self.waker.read()?;
                // Whoever posts from here on finds the counter at 0 and makes it ready again.
                thread::sleep(self.options.pause);
                self.deliver(server);
            }
            Order::DrainFirst => {
                self.deliver(server);
                thread::sleep(self.options.pause);
                // Fetches also what was written after `deliver` had found nothing more: that wake is lost.
                self.waker.read()?;
            }
        }
        Ok(())
    }
    // ANCHOR_END: take

    // ANCHOR: deliver
    fn deliver(&mut self, server: &mut Server) {
        loop {
            match self.posted.try_recv() {
                Ok(message) => self.send_to_all(server, &message),
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => break,
            }
        }
        if let Some(mut waiting) = self.waiting.take() {
            waiting.report(server.turns.so_far());
        }
    }

    fn send_to_all(&mut self, server: &mut Server, message: &Message) {
        for (token, client) in &mut server.clients {
            client.outbox.push(&message.line);
            // If there is no room, an event will say when there is. If the client is lost, its turn will find out.
            if client.flush().is_err() {
                server.ready.push(*token);
            }
        }
        self.waiting.iter_mut().for_each(|waiting| waiting.add(message.posted.elapsed()));
    }
    // ANCHOR_END: deliver
}
