//! Server-sent events: what is pushed to a page that stays open. The WHATWG's HTML standard, section 9.2.
//!
//! A service answers with an [`EventStream`], which lists the client; a [`Publisher`] of the same stream, on any thread,
//! sends to all that are listed. The reactor takes a client off the list when it disconnects.

use reactor::{ClientId, Handle, SendError};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One event, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event(String);

impl Event {
    /// An event that the page hears as `message`.
    pub fn new(data: &str) -> Self {
        let mut text = String::new();
        // A line break would end the field, and two of them the event. So each line becomes a field of its own, and
        // the browser puts them together again. It knows three line ends: `\r\n`, `\n` and `\r`.
        for line in data.replace("\r\n", "\n").split(['\n', '\r']) {
            text.extend(["data: ", line, "\n"]);
        }
        Self(text + "\n")
    }

    /// An event that the page hears as `name`.
    pub fn named(name: &str, data: &str) -> Self {
        let name = name.replace(['\r', '\n'], " ");
        Self(format!("event: {name}\n{}", Self::new(data).0))
    }

    /// Nothing that the page hears. It tells routers, and an idle time-out, that the connection lives.
    pub fn heartbeat() -> Self {
        Self(":\n\n".to_owned())
    }

    /// The event as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who listens. A service answers with it ([`Response::events`](crate::Response::events)); clones share the list.
#[derive(Clone, Debug, Default)]
pub struct EventStream {
    // Locked for a moment only, never while something is sent.
    subscribers: Arc<Mutex<HashSet<ClientId>>>,
}

impl EventStream {
    /// A stream that nobody listens to yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many clients listen.
    pub fn subscribers(&self) -> usize {
        self.list().len()
    }

    pub(crate) fn subscribe(&self, id: ClientId) {
        self.list().insert(id);
    }

    pub(crate) fn unsubscribe(&self, id: ClientId) {
        self.list().remove(&id);
    }

    fn list(&self) -> MutexGuard<'_, HashSet<ClientId>> {
        // Nothing that is done under the lock can panic halfway.
        self.subscribers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Pushes events into a stream, from any thread. Never waits.
#[derive(Clone, Debug)]
pub struct Publisher {
    stream: EventStream,
    handle: Handle,
}

impl Publisher {
    /// Publishes what `stream`'s clients shall hear through the engine that `handle` belongs to.
    pub fn new(stream: EventStream, handle: Handle) -> Self {
        Self { stream, handle }
    }

    /// The stream that this publishes to.
    pub fn stream(&self) -> &EventStream {
        &self.stream
    }

    /// Sends `event` to everybody who listens, and returns how many they are. Each takes a place in the engine's mailbox
    /// until the reactor has had its turn.
    ///
    /// A subscriber that reads too slowly is the engine's affair: it is disconnected, and holds up nobody.
    ///
    /// # Errors
    /// [`PublishError`] if the engine has stopped, or took the event for some only because its mailbox is full.
    pub fn publish(&self, event: &Event) -> Result<usize, PublishError> {
        let everybody: Vec<ClientId> = self.stream.list().iter().copied().collect();
        self.publish_to(&everybody, event)
    }

    /// Sends `event` to these subscribers only: to those whom a full mailbox left out, when it has had time to empty.
    ///
    /// # Errors
    /// As [`Publisher::publish`].
    pub fn publish_to(&self, subscribers: &[ClientId], event: &Event) -> Result<usize, PublishError> {
        for (reached, id) in subscribers.iter().enumerate() {
            match self.handle.send(*id, event.as_str()) {
                Ok(()) => {}
                Err(SendError::Full(_)) => return Err(PublishError::Full { missed: subscribers[reached..].to_vec() }),
                Err(SendError::Stopped(_)) => return Err(PublishError::Stopped),
            }
        }
        Ok(subscribers.len())
    }
}

/// Why an event did not reach everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublishError {
    /// The engine's mailbox is full: these did not get the event.
    Full {
        /// Whom to try again with [`Publisher::publish_to`].
        missed: Vec<ClientId>,
    },
    /// The engine runs no more.
    Stopped,
}

impl std::fmt::Display for PublishError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Full { missed } => write!(f, "the mailbox is full: {} subscribers missed the event", missed.len()),
            Self::Stopped => f.write_str("the engine has stopped"),
        }
    }
}

impl std::error::Error for PublishError {}
