//! What you write: the article's `TcpEngine`.

use std::io;

use crate::clients::{ClientId, Clients};
use crate::framing::{Framing, FramingError};

// ANCHOR: handler
/// A server's own part. All its methods are called on the reactor's thread, one at a time, so they need no
/// lock; while one of them runs nobody else is served, so they must not block.
pub trait Handler {
    /// How the bytes of a client become messages.
    type Framing: Framing;

    /// Makes the framing of a new client.
    fn framing(&mut self) -> Self::Framing;

    /// A client has connected.
    fn on_connected(&mut self, clients: &mut Clients, id: ClientId) {
        let _ = (clients, id);
    }

    /// A whole message has arrived, and this one only.
    fn on_message(&mut self, clients: &mut Clients, from: ClientId, message: <Self::Framing as Framing>::Message<'_>);

    /// The client has sent its last message, and may still read: it was closed, or half closed by `shutdown`,
    /// and TCP does not tell which. Unless you answer later, from another thread, the default is right: it
    /// closes the connection once all that is queued has been sent.
    fn on_half_closed(&mut self, clients: &mut Clients, id: ClientId) {
        clients.close(id);
    }

    /// The client has gone, and `id` is stale. Called once for each [`on_connected`](Self::on_connected).
    fn on_disconnected(&mut self, clients: &mut Clients, id: ClientId, why: Disconnect) {
        let _ = (clients, id, why);
    }
}
// ANCHOR_END: handler

/// How a connection ended.
#[derive(Debug)]
pub struct Disconnect {
    /// Why.
    pub reason: Reason,
    /// How many bytes were still queued. What the kernel has taken is not counted, though the client may not have
    /// received that either: TCP does not tell.
    pub unsent: usize,
}

/// Why a connection ended.
#[derive(Debug)]
pub enum Reason {
    /// The client closed it.
    Peer,
    /// [`Clients::close`] or [`Handle::close`](crate::Handle::close) was called.
    Closed,
    /// What it sent can never become a message.
    Framing(FramingError),
    /// It reads more slowly than it is sent to, and holding back its own requests did not help.
    TooSlow,
    /// Nothing came from it and nothing could be sent to it for the idle time-out.
    Idle,
    /// The engine has stopped.
    Stopped,
    /// A system call on its socket failed: `ECONNRESET`, `EPIPE`, `ETIMEDOUT` ...
    Error(io::Error),
}
