//! One turn of the reactor.

use std::collections::VecDeque;
use std::io;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::{Accepting, EVENTS_A_TURN, Engine, LISTENER, OWN, WAKER};
use crate::client::{Input, Settled};
use crate::clients::ClientId;
use crate::epoll::{Event, Interest, Token};
use crate::handle::Command;
use crate::handler::{Handler, Reason};
use crate::inbound::Inbound;
use crate::socket::{self, Accepted};

const CONNECTIONS_A_TURN: usize = 64;

/// When accept fails for want of something, a descriptor for example, it is tried again when a client leaves, or after
/// this time, since others may have taken it.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

impl<H: Handler> Engine<H> {
    // ANCHOR: turn
    pub(super) fn turn(&mut self) -> io::Result<()> {
        self.wait()?;
        self.accept()?;
        self.take_commands();
        self.read();
        // All that may take long is done, and what is sent now is sent now.
        self.now = Instant::now();
        // In this order, since who is sent something in this turn is not idle.
        self.settle();
        self.expire();
        self.settle();
        self.clients.stats.clients = self.clients.len() as u64;
        self.shared.stats.publish(&self.clients.stats);
        Ok(())
    }
    // ANCHOR_END: turn

    fn wait(&mut self) -> io::Result<()> {
        let timeout = self.timeout();
        let before = self.now;
        let waited = self.epoll.wait(&mut self.events, timeout);
        self.now = Instant::now();
        match waited {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => {
                result?;
                let (events, descriptors) = (self.events.len(), self.clients.len() + OWN);
                if events < EVENTS_A_TURN {
                    self.horizon.has_seen_all(before);
                } else {
                    self.horizon.has_seen_some(self.now, events, descriptors);
                }
            }
        }
        self.mailbox.awake();
        self.clients.stats.wakeups += u64::from(!self.events.is_empty());
        for event in self.events.iter() {
            match event.token {
                LISTENER => self.accepting = Accepting::Pending,
                // The mailbox is looked into in each turn.
                WAKER => {}
                Token(bits) => {
                    let id = ClientId::from_u64(bits);
                    if event.is_writable() {
                        self.clients.writable(id, self.now);
                    }
                    if event.is_hangup() {
                        self.clients.hang_up(id);
                    }
                    // A stale event, of a client that has gone, must not touch who has its index now.
                    if is_input(event) && self.clients.input(id) != Input::None {
                        list(&mut self.inbound, &mut self.readable, id, reads_on(event));
                    }
                }
            }
        }
        Ok(())
    }

    /// How long to sleep: not at all while there is something to do.
    fn timeout(&mut self) -> Option<Duration> {
        let room = self.clients.len() < self.limits.max_clients;
        if !self.readable.is_empty() || (room && self.accepting == Accepting::Pending) {
            return Some(Duration::ZERO);
        }
        let again = match self.accepting {
            Accepting::Again(time) if room => Some(time),
            _ => None,
        };
        let deadline = [self.deadlines.next(), again, self.stop_at].into_iter().flatten().min();
        if !self.mailbox.prepare_to_sleep() {
            return Some(Duration::ZERO);
        }
        deadline.map(|deadline| deadline.saturating_duration_since(self.now))
    }

    fn accept(&mut self) -> io::Result<()> {
        if matches!(self.accepting, Accepting::Again(time) if time <= self.now) {
            self.accepting = Accepting::Pending;
        }
        for _ in 0..CONNECTIONS_A_TURN {
            if self.accepting != Accepting::Pending || self.clients.len() >= self.limits.max_clients {
                break;
            }
            match socket::accept(&self.listener)? {
                Accepted::Client(socket) => self.connect(socket),
                Accepted::Drained => self.accepting = Accepting::Drained,
                Accepted::Later => self.accepting = Accepting::Again(self.now + ACCEPT_AGAIN),
            }
        }
        Ok(())
    }

    fn connect(&mut self, socket: TcpStream) {
        let interest = Interest::READABLE
            | Interest::WRITABLE
            | Interest::READ_CLOSED
            | Interest::PRIORITY
            | Interest::EDGE_TRIGGERED;
        let id = self.clients.insert(socket, self.now);
        let added = self.clients.socket(id).map(|socket| self.epoll.add(socket, Token(id.to_u64()), interest));
        let Some(Ok(())) = added else {
            // ENOSPC or ENOMEM: a client that cannot be watched cannot be served.
            self.clients.remove(id);
            return;
        };
        self.clients.stats.connections += 1;
        if self.inbound.len() <= id.index() {
            self.inbound.resize_with(id.index() + 1, || None);
        }
        self.inbound[id.index()] = Some(Inbound::new(self.handler.framing()));
        if let Some(deadline) = self.clients.deadline(id, self.limits.idle_timeout) {
            self.deadlines.add(deadline, id);
        }
        self.handler.on_connected(&mut self.clients, id);
    }

    // ANCHOR: commands
    pub(super) fn take_commands(&mut self) {
        // Not more than the mailbox holds, or threads that never stop sending would be all that is served.
        for _ in 0..self.limits.mailbox_capacity {
            match self.mailbox.receive() {
                Some(Command::Send(id, bytes)) => {
                    let sent = self.clients.send(id, &bytes);
                    self.clients.stats.undelivered += u64::from(!sent);
                }
                Some(Command::Close(id)) => self.clients.close(id),
                None => break,
            }
        }
    }
    // ANCHOR_END: commands

    fn read(&mut self) {
        // Those who are listed meanwhile have had their turn.
        for _ in 0..self.readable.len() {
            if let Some(id) = self.readable.pop_front() {
                self.read_from(id);
            }
        }
    }

    fn read_from(&mut self, id: ClientId) {
        let input = self.clients.input(id);
        let Some(Some(inbound)) = self.inbound.get_mut(id.index()) else { return };
        if input == Input::None {
            return;
        }
        inbound.listed = false;
        let again = match input {
            Input::HoldBack | Input::None => false,
            Input::Deliver if inbound.unframed => {
                inbound.deliver(&[], &mut self.handler, &mut self.clients, id);
                true
            }
            Input::Deliver | Input::Discard => match self.clients.read(id, &mut self.buffer, self.now) {
                Ok(0) => {
                    if input == Input::Deliver {
                        self.handler.on_half_closed(&mut self.clients, id);
                    }
                    false
                }
                Ok(count) => {
                    if input == Input::Deliver {
                        inbound.deliver(&self.buffer[..count], &mut self.handler, &mut self.clients, id);
                    }
                    // A short read has emptied the socket, so the EAGAIN need not be fetched; epoll(7) says the same.
                    count == self.buffer.len() || inbound.more
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    inbound.more = false;
                    false
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => true,
                Err(error) => {
                    self.clients.doom(id, Reason::Error(error));
                    false
                }
            },
        };
        if again {
            list(&mut self.inbound, &mut self.readable, id, false);
        }
    }

    fn expire(&mut self) {
        let seen = self.horizon.seen();
        while let Some(id) = self.deadlines.pop_due(seen) {
            match self.clients.deadline(id, self.limits.idle_timeout) {
                Some(deadline) if deadline <= seen => self.clients.doom(id, Reason::Idle),
                Some(deadline) => self.deadlines.add(deadline, id),
                None => {}
            }
        }
    }

    // ANCHOR: settle
    /// Sends what was queued, and ends who is to end; which may queue more.
    pub(super) fn settle(&mut self) {
        while let Some((id, settled)) = self.clients.settle_next(self.now) {
            match settled {
                Settled::Stays => {}
                Settled::Resumes => list(&mut self.inbound, &mut self.readable, id, false),
                Settled::Lingers(until) if self.stop_at.is_none() => self.deadlines.add(until, id),
                Settled::Lingers(_) | Settled::Ends => self.disconnect(id),
            }
        }
    }
    // ANCHOR_END: settle

    fn disconnect(&mut self, id: ClientId) {
        if self.stop_at.is_some() {
            self.discard(id);
        }
        let Some(why) = self.clients.remove(id) else { return };
        self.inbound[id.index()] = None;
        self.deadlines.forget(self.clients.len(), |id| self.clients.socket(id).is_some());
        if let Accepting::Again(_) = self.accepting {
            self.accepting = Accepting::Pending;
        }
        self.handler.on_disconnected(&mut self.clients, id, why);
    }

    /// An engine that stops does not linger. But a socket that is closed with bytes unread resets the connection, and
    /// what was sent last may be lost to the client; so it reads what is there, within reason.
    fn discard(&mut self, id: ClientId) {
        const BYTES: usize = 1024 * 1024;
        let mut rest = BYTES;
        // Not the reactor's, which may be as small as one likes.
        let mut buffer = [0; 16 * 1024];
        while rest > 0 {
            match self.clients.read(id, &mut buffer, self.now) {
                Ok(count @ 1..) => rest = rest.saturating_sub(count),
                _ => break,
            }
        }
    }
}

/// Whether a read will find something: bytes, an end, an error.
fn is_input(event: Event) -> bool {
    event.is_readable() || reads_on(event)
}

/// Whether there may be something behind the first short read: the end of the stream, an error, or the bytes behind an
/// urgent one, before which a read stops.
fn reads_on(event: Event) -> bool {
    event.is_read_closed() || event.is_hangup() || event.is_error() || event.is_priority()
}

/// Lists a client as readable, once.
fn list<F>(inbound: &mut [Option<Inbound<F>>], readable: &mut VecDeque<ClientId>, id: ClientId, more: bool) {
    if let Some(Some(inbound)) = inbound.get_mut(id.index()) {
        inbound.more |= more;
        if !std::mem::replace(&mut inbound.listed, true) {
            readable.push_back(id);
        }
    }
}
