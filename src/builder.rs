//! The limits of an engine.

use std::fmt::Display;
use std::io;
use std::net::ToSocketAddrs;
use std::time::Duration;

use crate::engine::Engine;
use crate::handler::Handler;

/// As good as never; and unlike `Duration::MAX` it can be added to any time.
const A_CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// The limits of an engine. Each has a default that suits a small server.
#[derive(Clone, Debug)]
pub struct Builder {
    pub(crate) max_clients: usize,
    pub(crate) high_water: usize,
    pub(crate) read_budget: usize,
    pub(crate) mailbox_capacity: usize,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) stop_deadline: Duration,
}

impl Builder {
    /// The default limits.
    pub fn new() -> Self {
        Self {
            max_clients: 10_000,
            high_water: 1024 * 1024,
            read_budget: 64 * 1024,
            mailbox_capacity: 4096,
            idle_timeout: None,
            stop_deadline: Duration::from_secs(1),
        }
    }

    /// How many clients may be connected at a time (default 10,000). The next one waits in the kernel, connected but
    /// not accepted, until one leaves.
    #[must_use]
    pub fn max_clients(mut self, clients: usize) -> Self {
        self.max_clients = clients;
        self
    }

    /// How many bytes may be queued for a client before it is no longer read from (default 1 MiB). With more than
    /// twice as many queued, the next message for it disconnects it. One message may be of any size.
    #[must_use]
    pub fn high_water(mut self, bytes: usize) -> Self {
        self.high_water = bytes;
        self
    }

    /// How many bytes are read from a client before the others have their turn (default 64 KiB). The engine's one
    /// buffer has this size.
    ///
    /// # Panics
    /// If it is 0.
    #[must_use]
    pub fn read_budget(mut self, bytes: usize) -> Self {
        assert!(bytes > 0, "a read of 0 bytes would look like the end of the stream");
        self.read_budget = bytes;
        self
    }

    /// How many messages of other threads may wait for the reactor (default 4,096): a power of two, at least 2.
    ///
    /// # Panics
    /// If it is not.
    #[must_use]
    pub fn mailbox_capacity(mut self, messages: usize) -> Self {
        assert!(messages.is_power_of_two() && messages >= 2, "a mailbox's capacity is a power of two, at least 2");
        self.mailbox_capacity = messages;
        self
    }

    /// After how long without a byte in or out a client is disconnected (default: never).
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout.min(A_CENTURY));
        self
    }

    /// How long an engine that is stopped goes on sending what is queued (default 1 s).
    #[must_use]
    pub fn stop_deadline(mut self, deadline: Duration) -> Self {
        self.stop_deadline = deadline.min(A_CENTURY);
        self
    }

    /// Makes an engine with these limits, listening on `address`. Port 0 is any free port.
    ///
    /// # Errors
    /// `EADDRINUSE` if somebody else listens there, `EACCES` for a port below 1024 without the right, `EADDRNOTAVAIL`
    /// for an address of another machine, `EMFILE` out of descriptors, and what resolving a name may answer. The
    /// message names the address.
    ///
    /// # Panics
    /// If the read budget or the mailbox is larger than the address space.
    pub fn bind<H: Handler>(self, address: impl ToSocketAddrs + Display, handler: H) -> io::Result<Engine<H>> {
        Engine::with_limits(self, address, handler)
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}
