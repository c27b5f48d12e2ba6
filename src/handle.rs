//! The engine as other threads see it.

use std::io;
use std::net::SocketAddr;
use std::panic;
use std::thread::JoinHandle;

use crate::clients::ClientId;
use crate::mailbox::{self, Sender};
use crate::stats::{Published, Stats};
use crate::sync::Ordering::{Acquire, Release};
use crate::sync::{Arc, AtomicBool};

/// Why bytes were not sent, and the bytes.
pub type SendError = mailbox::SendError<Vec<u8>>;

/// Reaches an engine from any thread. It may outlive the engine, and keeps one descriptor open, the eventfd.
#[derive(Clone, Debug)]
pub struct Handle {
    sender: Sender<Command>,
    shared: Arc<Shared>,
}

/// An engine that runs on a thread of its own. Dropping it stops the engine.
#[derive(Debug)]
pub struct Running<H> {
    thread: Option<JoinHandle<io::Result<H>>>,
    handle: Handle,
    local_addr: SocketAddr,
}

/// What another thread wants of the reactor.
#[derive(Debug)]
pub(crate) enum Command {
    Send(ClientId, Vec<u8>),
    Close(ClientId),
}

#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) stats: Published,
    stop: AtomicBool,
}

impl Shared {
    pub(crate) fn is_stopping(&self) -> bool {
        // Acquire pairs with the Release in `Handle::stop`: what was sent before it is in the mailbox.
        self.stop.load(Acquire)
    }
}

impl Handle {
    pub(crate) fn new(sender: Sender<Command>, shared: Arc<Shared>) -> Self {
        Self { sender, shared }
    }

    /// Queues `bytes` for a client. Never blocks; the bytes of one call arrive whole, and in the order of the calls of
    /// one thread. If the client has gone meanwhile, they are counted in [`Stats::undelivered`].
    ///
    /// # Errors
    /// [`SendError`], with the bytes, when the mailbox is full or the engine has stopped.
    pub fn send(&self, id: ClientId, bytes: impl Into<Vec<u8>>) -> Result<(), SendError> {
        self.submit(Command::Send(id, bytes.into()))
    }

    /// Closes the connection of a client once all that was queued for it has been sent.
    ///
    /// # Errors
    /// [`SendError`], with no bytes, when the mailbox is full or the engine has stopped.
    pub fn close(&self, id: ClientId) -> Result<(), SendError> {
        self.submit(Command::Close(id))
    }

    /// Asks the engine to stop: it sends what is queued, until a deadline, and tells the handler of each client's end.
    /// Returns at once. What this thread has sent before is queued, unless just then another thread is in the middle of
    /// a [`send`](Self::send) that began earlier.
    pub fn stop(&self) {
        // Release pairs with the Acquire in `Shared::is_stopping`.
        self.shared.stop.store(true, Release);
        self.sender.wake();
    }

    /// What the engine has done so far, as of its last turn.
    pub fn stats(&self) -> Stats {
        self.shared.stats.read()
    }

    fn submit(&self, command: Command) -> Result<(), SendError> {
        self.sender.send(command).map_err(|refused| match refused {
            mailbox::SendError::Full(command) => SendError::Full(command.into_bytes()),
            mailbox::SendError::Stopped(command) => SendError::Stopped(command.into_bytes()),
        })
    }
}

impl Command {
    fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Send(_, bytes) => bytes,
            Self::Close(_) => Vec::new(),
        }
    }
}

impl<H> Running<H> {
    pub(crate) fn new(thread: JoinHandle<io::Result<H>>, handle: Handle, local_addr: SocketAddr) -> Self {
        Self { thread: Some(thread), handle, local_addr }
    }

    /// Reaches the engine, from any thread.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// The address that the engine listens on.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Stops the engine, waits for its end, and gives the handler back.
    ///
    /// # Errors
    /// What [`Engine::run`](crate::Engine::run) returned.
    ///
    /// # Panics
    /// If the handler did.
    pub fn stop(mut self) -> io::Result<H> {
        self.end().expect("an engine ends once, and `self` is gone")
    }

    fn end(&mut self) -> Option<io::Result<H>> {
        self.handle.stop();
        let ended = self.thread.take()?.join();
        Some(ended.unwrap_or_else(|panicked| panic::resume_unwind(panicked)))
    }
}

impl<H> Drop for Running<H> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // The engine stops as soon as it can, but a second panic, or a wait, would hide the first.
            self.handle.stop();
        } else if let Some(Err(error)) = self.end() {
            eprintln!("the engine ended with an error: {error}");
        }
    }
}
