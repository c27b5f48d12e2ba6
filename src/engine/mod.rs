//! The loop: the article's reactor.

mod horizon;
mod turn;

use std::collections::VecDeque;
use std::fmt::Display;
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::thread;
use std::time::Instant;

use crate::builder::Builder;
use crate::clients::{ClientId, Clients};
use crate::deadlines::Deadlines;
use crate::epoll::{Epoll, Events, Interest, Token};
use crate::handle::{Command, Handle, Running, Shared};
use crate::handler::{Handler, Reason};
use crate::inbound::Inbound;
use crate::mailbox::{self, Mailbox};
use crate::socket;
use crate::sync::Arc;
use crate::waker::Waker;

use horizon::Horizon;

/// Tokens that are no client's: there is never an index this high.
const LISTENER: Token = Token(u64::MAX);
const WAKER: Token = Token(u64::MAX - 1);
/// How many of those there are.
const OWN: usize = 2;

const EVENTS_A_TURN: usize = 256;

/// A TCP server on one thread.
///
/// One turn of it: wait for events; accept; take what other threads have sent; read from each client that has
/// something to read, up to a budget, and hand its messages to the handler; send what was queued meanwhile.
#[derive(Debug)]
pub struct Engine<H: Handler> {
    handler: H,
    limits: Builder,
    epoll: Epoll,
    events: Events,
    listener: TcpListener,
    accepting: Accepting,
    mailbox: Mailbox<Command>,
    handle: Handle,
    shared: Arc<Shared>,
    clients: Clients,
    /// By the index of the client's id.
    inbound: Vec<Option<Inbound<H::Framing>>>,
    /// Who has something to read. Edge-triggered epoll says so once; who is not read empty must be remembered here.
    readable: VecDeque<ClientId>,
    deadlines: Deadlines,
    buffer: Box<[u8]>,
    now: Instant,
    horizon: Horizon,
    /// Set when the engine stops: when it gives up on what is still queued.
    stop_at: Option<Instant>,
}

/// Whether connections may be waiting. Edge-triggered, the listener says so once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Accepting {
    /// No: the next one is an event.
    Drained,
    /// Yes.
    Pending,
    /// Yes, but none can be had before this time.
    Again(Instant),
}

impl<H: Handler> Engine<H> {
    /// Makes an engine with the default limits, listening on `address`. Port 0 is any free port.
    ///
    /// # Errors
    /// As [`Builder::bind`].
    pub fn bind(address: impl ToSocketAddrs + Display, handler: H) -> io::Result<Self> {
        Builder::new().bind(address, handler)
    }

    pub(crate) fn with_limits(limits: Builder, address: impl ToSocketAddrs + Display, handler: H) -> io::Result<Self> {
        let listener = socket::listen(address)?;
        let epoll = Epoll::new()?;
        let (sender, mailbox) = mailbox::mailbox(limits.mailbox_capacity, Waker::new()?);
        epoll.add(&listener, LISTENER, Interest::READABLE | Interest::EDGE_TRIGGERED)?;
        epoll.add(mailbox.waker(), WAKER, Interest::READABLE | Interest::EDGE_TRIGGERED)?;
        let shared = Arc::new(Shared::default());
        let now = Instant::now();
        Ok(Self {
            handler,
            epoll,
            events: Events::with_capacity(EVENTS_A_TURN),
            listener,
            accepting: Accepting::Drained,
            mailbox,
            handle: Handle::new(sender, Arc::clone(&shared)),
            shared,
            clients: Clients::new(limits.high_water),
            inbound: Vec::new(),
            readable: VecDeque::new(),
            deadlines: Deadlines::default(),
            buffer: vec![0; limits.read_budget].into(),
            limits,
            now,
            horizon: Horizon::new(now),
            stop_at: None,
        })
    }

    /// Reaches the engine, from any thread.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// The address that the engine listens on.
    ///
    /// # Errors
    /// None is known for a socket that listens.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves on this thread until [`Handle::stop`], and gives the handler back.
    ///
    /// # Errors
    /// Only what befalls the engine's own descriptors, the listener and the epoll instance. What befalls a client ends
    /// that client.
    pub fn run(mut self) -> io::Result<H> {
        let served = self.serve();
        let ended = self.wind_down();
        served.and(ended).map(|()| self.handler)
    }

    /// Serves on a thread of its own.
    ///
    /// # Errors
    /// `EAGAIN` if the system has no room for another thread.
    pub fn start(self) -> io::Result<Running<H>>
    where
        H: Send + 'static,
        H::Framing: Send,
    {
        let (handle, local_addr) = (self.handle(), self.local_addr()?);
        let thread = thread::Builder::new().name("reactor".into()).spawn(move || self.run())?;
        Ok(Running::new(thread, handle, local_addr))
    }

    fn serve(&mut self) -> io::Result<()> {
        while !self.shared.is_stopping() {
            self.turn()?;
        }
        Ok(())
    }

    // ANCHOR: wind-down
    /// Sends what is queued, for as long as the limit allows, and ends everybody.
    fn wind_down(&mut self) -> io::Result<()> {
        self.limits.max_clients = 0;
        self.now = Instant::now();
        let stop_at = self.now + self.limits.stop_deadline;
        self.stop_at = Some(stop_at);
        self.take_commands();
        for id in self.clients.ids().collect::<Vec<_>>() {
            self.clients.close_because(id, Reason::Stopped);
        }
        self.end_all(|clients, id| clients.queued(id) == 0);
        let mut ended = Ok(());
        while ended.is_ok() && !self.clients.is_empty() && self.now < stop_at {
            ended = self.turn();
        }
        self.end_all(|_, _| true);
        self.clients.stats.clients = 0;
        self.shared.stats.publish(&self.clients.stats);
        ended
    }
    // ANCHOR_END: wind-down

    fn end_all(&mut self, which: fn(&Clients, ClientId) -> bool) {
        for id in self.clients.ids().collect::<Vec<_>>() {
            if which(&self.clients, id) {
                self.clients.doom(id, Reason::Stopped);
            }
        }
        self.settle();
    }
}
