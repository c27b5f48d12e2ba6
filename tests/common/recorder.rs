//! A handler that writes down who came and who went.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant};

use pretty_assertions::assert_eq;
use reactor::{ClientId, Clients, Disconnect, Framing, FramingError, Handle, Handler, Reason};

use super::PATIENCE;

type OnMessage = Box<dyn FnMut(&mut Clients, ClientId, &[u8]) + Send>;
type OnChange = Box<dyn FnMut(&mut Clients, ClientId) + Send>;

/// A handler made of closures. Each connection, half-close and disconnection goes into its [`Log`].
pub(crate) struct Recorder<F> {
    framing: Box<dyn FnMut() -> F + Send>,
    on_message: OnMessage,
    on_connected: OnChange,
    on_half_closed: OnChange,
    on_disconnected: OnChange,
    pub(crate) log: Log,
}

/// What happened, in order. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Shared>);

#[derive(Default)]
struct Shared {
    notes: Mutex<Vec<Note>>,
    added: Condvar,
    handle: OnceLock<Handle>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Note {
    Connected(ClientId),
    /// Only if `on_message` asks for it, by [`Log::message`].
    Message(ClientId, String),
    HalfClosed(ClientId),
    Disconnected(ClientId, Why, usize),
}

/// [`Reason`], comparable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Why {
    Peer,
    Closed,
    Framing(FramingError),
    TooSlow,
    Idle,
    Stopped,
    Error(Option<i32>),
}

impl<F> Recorder<F> {
    pub(crate) fn new(
        framing: impl FnMut() -> F + Send + 'static,
        on_message: impl FnMut(&mut Clients, ClientId, &[u8]) + Send + 'static,
    ) -> Self {
        Self {
            framing: Box::new(framing),
            on_message: Box::new(on_message),
            on_connected: Box::new(|_, _| {}),
            on_half_closed: Box::new(Clients::close),
            on_disconnected: Box::new(|_, _| {}),
            log: Log::default(),
        }
    }

    pub(crate) fn on_connected(mut self, act: impl FnMut(&mut Clients, ClientId) + Send + 'static) -> Self {
        self.on_connected = Box::new(act);
        self
    }

    /// In place of the default, which closes.
    pub(crate) fn on_half_closed(mut self, act: impl FnMut(&mut Clients, ClientId) + Send + 'static) -> Self {
        self.on_half_closed = Box::new(act);
        self
    }

    pub(crate) fn on_disconnected(mut self, act: impl FnMut(&mut Clients, ClientId) + Send + 'static) -> Self {
        self.on_disconnected = Box::new(act);
        self
    }

    /// In place of a log of its own, for an `on_message` that writes into it.
    pub(crate) fn logging_to(mut self, log: &Log) -> Self {
        self.log = log.clone();
        self
    }
}

impl<F> Handler for Recorder<F>
where
    F: for<'a> Framing<Message<'a> = &'a [u8]>,
{
    type Framing = F;

    fn framing(&mut self) -> F {
        (self.framing)()
    }

    fn on_connected(&mut self, clients: &mut Clients, id: ClientId) {
        self.log.add(Note::Connected(id));
        (self.on_connected)(clients, id);
    }

    fn on_message(&mut self, clients: &mut Clients, from: ClientId, message: &[u8]) {
        (self.on_message)(clients, from, message);
    }

    fn on_half_closed(&mut self, clients: &mut Clients, id: ClientId) {
        self.log.add(Note::HalfClosed(id));
        (self.on_half_closed)(clients, id);
    }

    fn on_disconnected(&mut self, clients: &mut Clients, id: ClientId, why: Disconnect) {
        (self.on_disconnected)(clients, id);
        self.log.add(Note::Disconnected(id, Why::from(&why.reason), why.unsent));
    }
}

impl Log {
    pub(crate) fn add(&self, note: Note) {
        self.notes().push(note);
        self.0.added.notify_all();
    }

    pub(crate) fn message(&self, from: ClientId, message: &[u8]) {
        self.add(Note::Message(from, String::from_utf8_lossy(message).into_owned()));
    }

    pub(crate) fn all(&self) -> Vec<Note> {
        self.notes().clone()
    }

    pub(crate) fn connected(&self) -> Vec<ClientId> {
        self.pick(|note| if let Note::Connected(id) = note { Some(*id) } else { None })
    }

    pub(crate) fn messages(&self) -> Vec<String> {
        self.pick(|note| if let Note::Message(_, message) = note { Some(message.clone()) } else { None })
    }

    /// Waits for the end of a client.
    pub(crate) fn end_of(&self, id: ClientId) -> (Why, usize) {
        self.wait("the client to be disconnected", |log| log.ended(id))
    }

    /// Waits until `find` finds something in the log.
    pub(crate) fn wait<T>(&self, what: &str, find: impl FnMut(&Self) -> Option<T>) -> T {
        let found = self.wait_at_most(PATIENCE, find);
        found.unwrap_or_else(|| panic!("waited {PATIENCE:?} for {what}; so far: {:?}", self.notes()))
    }

    /// Waits until `find` finds something in the log, or the time is over.
    pub(crate) fn wait_at_most<T>(&self, time: Duration, mut find: impl FnMut(&Self) -> Option<T>) -> Option<T> {
        let started = Instant::now();
        loop {
            let before = self.notes().len();
            if let Some(found) = find(self) {
                return Some(found);
            }
            let rest = time.saturating_sub(started.elapsed());
            let unchanged = |notes: &mut Vec<Note>| notes.len() == before;
            let wait = self.0.added.wait_timeout_while(self.notes(), rest, unchanged);
            if wait.expect("nobody panics with the log in hand").1.timed_out() {
                return None;
            }
        }
    }

    /// How a client has ended, if it has.
    pub(crate) fn ended(&self, id: ClientId) -> Option<(Why, usize)> {
        let ends = self.pick(|note| match note {
            Note::Disconnected(who, why, unsent) if *who == id => Some((*why, *unsent)),
            _ => None,
        });
        ends.first().copied()
    }

    /// The handle of the engine that keeps this log, for a handler to use.
    pub(crate) fn handle(&self) -> Handle {
        self.0.handle.get().expect("the engine has been made").clone()
    }

    pub(crate) fn knows(&self, handle: Handle) {
        drop(self.0.handle.set(handle));
    }

    /// Each client has connected once, then disconnected once, and nothing came from it outside that time.
    pub(crate) fn check(&self) {
        let mut there: HashMap<ClientId, bool> = HashMap::new();
        for note in self.notes().iter() {
            match note {
                Note::Connected(id) => assert_eq!(there.insert(*id, true), None, "{id} has connected twice"),
                Note::Disconnected(id, ..) => assert_eq!(there.insert(*id, false), Some(true), "{note:?}"),
                Note::Message(id, _) | Note::HalfClosed(id) => assert_eq!(there.get(id), Some(&true), "{note:?}"),
            }
        }
        let left: Vec<_> = there.iter().filter(|(_, there)| **there).map(|(id, _)| *id).collect();
        assert_eq!(left, [], "never disconnected");
    }

    fn notes(&self) -> MutexGuard<'_, Vec<Note>> {
        self.0.notes.lock().expect("nobody panics with the log in hand")
    }

    fn pick<T>(&self, pick: impl FnMut(&Note) -> Option<T>) -> Vec<T> {
        self.notes().iter().filter_map(pick).collect()
    }
}

impl From<&Reason> for Why {
    fn from(reason: &Reason) -> Self {
        match reason {
            Reason::Peer => Self::Peer,
            Reason::Closed => Self::Closed,
            Reason::Framing(error) => Self::Framing(*error),
            Reason::TooSlow => Self::TooSlow,
            Reason::Idle => Self::Idle,
            Reason::Stopped => Self::Stopped,
            Reason::Error(error) => Self::Error(error.raw_os_error()),
        }
    }
}
