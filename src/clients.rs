//! The clients as a handler sees them: somebody to send to. What they send is `inbound.rs`'s.

use std::collections::VecDeque;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::client::{Client, Input, Settled};
use crate::handler::{Disconnect, Reason};
use crate::slab::Slab;
use crate::stats::Stats;

/// The name of a client: `Copy`, `Send`, and stale for good once the client has gone.
pub use crate::slab::Key as ClientId;

/// All clients that are connected.
#[derive(Debug)]
pub struct Clients {
    slab: Slab<Client>,
    /// Those that have something to send, or to end, at the end of the turn.
    dirty: VecDeque<ClientId>,
    high_water: usize,
    pub(crate) stats: Stats,
}

impl Clients {
    pub(crate) fn new(high_water: usize) -> Self {
        Self { slab: Slab::new(), dirty: VecDeque::new(), high_water, stats: Stats::default() }
    }

    /// Queues `bytes` for a client, and returns whether it is there to be sent to. All that is queued for a client in a
    /// turn of the reactor leaves by one system call at its end.
    ///
    /// A client that has more than twice the high-water mark queued already is disconnected: [`Reason::TooSlow`].
    pub fn send(&mut self, id: ClientId, bytes: &[u8]) -> bool {
        let Some(client) = self.slab.get_mut(id) else { return false };
        let sent = client.send(bytes, &mut self.stats);
        self.mark_dirty(id);
        sent
    }

    /// Closes the connection of a client once all that is queued for it has been sent. From now on it can be sent
    /// nothing, and what it sends is discarded.
    pub fn close(&mut self, id: ClientId) {
        let ended = self.slab.get(id).is_some_and(Client::has_ended);
        self.close_because(id, if ended { Reason::Peer } else { Reason::Closed });
    }

    /// How many clients are connected.
    pub fn len(&self) -> usize {
        self.slab.len()
    }

    /// Whether nobody is connected.
    pub fn is_empty(&self) -> bool {
        self.slab.is_empty()
    }

    /// Everybody who is connected.
    pub fn ids(&self) -> impl Iterator<Item = ClientId> + '_ {
        self.slab.keys()
    }

    /// How many bytes are queued for a client. Those that the kernel has taken are not counted.
    pub fn queued(&self, id: ClientId) -> usize {
        self.slab.get(id).map_or(0, Client::queued)
    }

    /// The address that a client has connected from.
    ///
    /// # Errors
    /// `ENOTCONN` if it has gone.
    pub fn peer_addr(&self, id: ClientId) -> io::Result<SocketAddr> {
        let client = self.slab.get(id).ok_or_else(|| io::Error::from_raw_os_error(libc::ENOTCONN))?;
        client.socket().peer_addr()
    }

    pub(crate) fn insert(&mut self, socket: TcpStream, now: Instant) -> ClientId {
        self.slab.insert(Client::new(socket, self.high_water, now))
    }

    pub(crate) fn remove(&mut self, id: ClientId) -> Option<Disconnect> {
        self.slab.remove(id).map(Client::into_disconnect)
    }

    pub(crate) fn socket(&self, id: ClientId) -> Option<&TcpStream> {
        self.slab.get(id).map(Client::socket)
    }

    pub(crate) fn input(&self, id: ClientId) -> Input {
        self.slab.get(id).map_or(Input::None, Client::input)
    }

    /// Reads once. `Ok(0)` is the end of the stream.
    pub(crate) fn read(&mut self, id: ClientId, buffer: &mut [u8], now: Instant) -> io::Result<usize> {
        let Some(client) = self.slab.get_mut(id) else { return Ok(0) };
        let count = client.read(buffer, now).inspect_err(|error| {
            self.stats.eagains += u64::from(error.kind() == io::ErrorKind::WouldBlock);
        })?;
        self.stats.bytes_in += count as u64;
        if count == 0 {
            self.mark_dirty(id);
        }
        Ok(count)
    }

    /// There is room in the socket of a client again.
    pub(crate) fn writable(&mut self, id: ClientId, now: Instant) {
        if self.slab.get_mut(id).is_some_and(|client| client.unblock(now)) {
            self.mark_dirty(id);
        }
    }

    pub(crate) fn hang_up(&mut self, id: ClientId) {
        if let Some(client) = self.slab.get_mut(id) {
            client.hang_up();
            self.mark_dirty(id);
        }
    }

    pub(crate) fn close_because(&mut self, id: ClientId, reason: Reason) {
        if let Some(client) = self.slab.get_mut(id) {
            client.close(reason);
            self.mark_dirty(id);
        }
    }

    /// Ends a client with this turn, whatever is queued for it.
    pub(crate) fn doom(&mut self, id: ClientId, reason: Reason) {
        if let Some(client) = self.slab.get_mut(id) {
            client.doom(reason);
            self.mark_dirty(id);
        }
    }

    pub(crate) fn deadline(&self, id: ClientId, idle_timeout: Option<Duration>) -> Option<Instant> {
        self.slab.get(id)?.deadline(idle_timeout)
    }

    /// Sends what is queued for the next client that has something queued, and says what is next for it.
    pub(crate) fn settle_next(&mut self, now: Instant) -> Option<(ClientId, Settled)> {
        loop {
            let id = self.dirty.pop_front()?;
            let Some(client) = self.slab.get_mut(id) else { continue };
            let settled = client.settle(now, &mut self.stats);
            if settled == Settled::Resumes {
                self.mark_dirty(id);
            }
            return Some((id, settled));
        }
    }

    fn mark_dirty(&mut self, id: ClientId) {
        if let Some(client) = self.slab.get_mut(id)
            && !std::mem::replace(&mut client.dirty, true)
        {
            self.dirty.push_back(id);
        }
    }
}
