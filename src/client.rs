//! One connection: its socket, what waits to be sent on it, and how far it is from its end.

use std::io::{self, Read};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use crate::handler::{Disconnect, Reason};
use crate::outbox::{Outbox, Progress};
use crate::stats::Stats;

/// How long a client that we closed has to close its side, before its socket is taken from it.
const LINGER: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(crate) struct Client {
    socket: TcpStream,
    outbox: Outbox,
    state: State,
    /// When bytes last went in or out.
    active: Instant,
    /// Bytes went out in this turn.
    wrote: bool,
    /// The kernel refused bytes, so an event will say when there is room.
    blocked: bool,
    /// Its outbox passed the high-water mark and has not come down to the low one.
    held_back: bool,
    /// It has sent its last byte.
    ended: bool,
    /// Nothing can be sent to it any more.
    hung_up: bool,
    /// It is in the list of those to be settled at the end of the turn.
    pub(crate) dirty: bool,
}

#[derive(Debug)]
enum State {
    Open,
    /// To be closed once all that is queued has been sent.
    Closing(Reason),
    /// All is sent and our side is shut. Closing a socket with bytes unread resets the connection, and a reset destroys
    /// what is still on its way to the client; so until this time we read, discard, and wait for the client to close.
    Lingering(Reason, Instant),
    /// To be removed at the end of the turn.
    Doomed(Reason),
}

/// What to do with the bytes that a client sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    Deliver,
    /// It reads too slowly. Its bytes wait in the kernel, which soon tells it to send no more.
    HoldBack,
    /// It is being closed.
    Discard,
    /// There are none: it has gone, or has sent its last byte.
    None,
}

/// What is to be done about a client at the end of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    Stays,
    /// It was held back and may be read from again. It is to be settled once more.
    Resumes,
    /// It is to be looked at again at this time.
    Lingers(Instant),
    /// It is to be removed.
    Ends,
}

impl Client {
    pub(crate) fn new(socket: TcpStream, high_water: usize, now: Instant) -> Self {
        Self {
            socket,
            outbox: Outbox::new(high_water),
            state: State::Open,
            active: now,
            wrote: false,
            blocked: false,
            held_back: false,
            ended: false,
            hung_up: false,
            dirty: false,
        }
    }

    pub(crate) fn socket(&self) -> &TcpStream {
        &self.socket
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Open)
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    pub(crate) fn queued(&self) -> usize {
        self.outbox.len()
    }

    // ANCHOR: send
    /// Queues `bytes`, or dooms the client if too many wait already.
    pub(crate) fn send(&mut self, bytes: &[u8], stats: &mut Stats) -> bool {
        if !self.is_open() {
            return false;
        }
        // It may only be that much was sent in one turn, or that the event which tells of room has not come yet. The
        // kernel's room counts before the client is judged.
        if self.outbox.is_overfull() {
            self.blocked = false;
            self.write(stats);
        }
        if self.outbox.is_overfull() {
            self.doom(Reason::TooSlow);
            return false;
        }
        self.outbox.push(bytes);
        if self.outbox.is_high() {
            self.write(stats);
        }
        // Whoever is held back already goes on when `settle` says so, which lists it to be read from.
        self.held_back |= self.outbox.is_high();
        true
    }
    // ANCHOR_END: send

    /// Reads once. `Ok(0)` is the end of the stream.
    pub(crate) fn read(&mut self, buffer: &mut [u8], now: Instant) -> io::Result<usize> {
        let count = self.socket.read(buffer)?;
        if count == 0 && self.hung_up {
            return Err(self.error());
        }
        // What is to be discarded keeps nobody alive.
        if self.is_open() {
            self.active = now;
        }
        self.ended = count == 0;
        Ok(count)
    }

    /// There is room in the socket again.
    pub(crate) fn unblock(&mut self, now: Instant) -> bool {
        self.active = now;
        std::mem::replace(&mut self.blocked, false)
    }

    /// Both directions are shut. While ours is not, that is a reset. One that follows the end of the stream is met by
    /// no read, nor by a write while nothing is sent: this event is all that tells of it.
    pub(crate) fn hang_up(&mut self) {
        self.hung_up = true;
        if self.ended {
            self.doom(Reason::Error(self.error()));
        }
    }

    fn error(&self) -> io::Error {
        let error = self.socket.take_error().unwrap_or_else(Some);
        error.unwrap_or_else(|| io::Error::from_raw_os_error(libc::EPIPE))
    }

    pub(crate) fn input(&self) -> Input {
        match self.state {
            State::Doomed(_) => Input::None,
            _ if self.ended => Input::None,
            State::Closing(_) | State::Lingering(..) => Input::Discard,
            State::Open if self.held_back => Input::HoldBack,
            State::Open => Input::Deliver,
        }
    }

    /// Closes it once all that is queued has been sent. The first reason stands.
    pub(crate) fn close(&mut self, reason: Reason) {
        if self.is_open() {
            self.state = State::Closing(reason);
        }
    }

    /// Ends it with this turn, whatever is queued. The first reason stands.
    pub(crate) fn doom(&mut self, reason: Reason) {
        self.state = match std::mem::replace(&mut self.state, State::Open) {
            State::Open => State::Doomed(reason),
            State::Closing(first) | State::Lingering(first, _) | State::Doomed(first) => State::Doomed(first),
        };
    }

    /// When it will have been idle, or have lingered, for long enough.
    pub(crate) fn deadline(&self, idle_timeout: Option<Duration>) -> Option<Instant> {
        match self.state {
            State::Lingering(_, until) => Some(until),
            _ => Some(self.active + idle_timeout?),
        }
    }

    /// Sends what is queued and decides what is next.
    pub(crate) fn settle(&mut self, now: Instant, stats: &mut Stats) -> Settled {
        self.dirty = false;
        self.write(stats);
        if std::mem::take(&mut self.wrote) {
            self.active = now;
        }
        // Whoever is being closed may be one that reads its replies when it has sent all it has to say.
        if self.held_back && (self.outbox.is_low() || !self.is_open()) {
            self.held_back = false;
            return Settled::Resumes;
        }
        match self.state {
            State::Closing(_) if self.outbox.is_empty() => self.linger(now + LINGER),
            State::Lingering(..) if self.ended => Settled::Ends,
            State::Doomed(_) => Settled::Ends,
            _ => Settled::Stays,
        }
    }

    pub(crate) fn into_disconnect(self) -> Disconnect {
        let reason = match self.state {
            State::Open => Reason::Stopped,
            State::Closing(reason) | State::Lingering(reason, _) | State::Doomed(reason) => reason,
        };
        Disconnect { reason, unsent: self.outbox.len() }
    }

    fn write(&mut self, stats: &mut Stats) {
        if self.blocked || !matches!(self.state, State::Open | State::Closing(_)) {
            return;
        }
        let queued = self.outbox.len();
        match self.outbox.write_to(&self.socket) {
            Ok(Progress::Empty) => {}
            Ok(Progress::Blocked(count)) => {
                self.blocked = true;
                stats.eagains += u64::from(count == 0);
            }
            Err(error) => self.doom(Reason::Error(error)),
        }
        let written = queued - self.outbox.len();
        self.wrote |= written > 0;
        stats.bytes_out += written as u64;
    }

    // ANCHOR: linger
    fn linger(&mut self, until: Instant) -> Settled {
        // An error says that the client has gone already.
        if self.ended || self.socket.shutdown(Shutdown::Write).is_err() {
            return Settled::Ends;
        }
        if let State::Closing(reason) = std::mem::replace(&mut self.state, State::Open) {
            self.state = State::Lingering(reason, until);
        }
        Settled::Lingers(until)
    }
    // ANCHOR_END: linger
}
