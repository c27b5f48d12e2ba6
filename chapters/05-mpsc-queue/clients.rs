//! Those who get the records.

use std::collections::HashMap;
use std::io;
use std::net::{Shutdown, SocketAddr, TcpStream};

use reactor::outbox::{Outbox, Progress};
use reactor::{Event, Token};

use crate::producer::Post;

/// All clients, by the name under which epoll knows them.
#[derive(Debug)]
pub(crate) struct Clients {
    by_token: HashMap<Token, Client>,
    /// How many records each client gets.
    records: usize,
}

#[derive(Debug)]
struct Client {
    socket: TcpStream,
    peer: SocketAddr,
    outbox: Outbox,
    /// How many records have come out of the ring for it.
    records: usize,
    /// All has been sent, and our side is shut down.
    write_closed: bool,
    /// It has shut down its side, and may still listen.
    read_closed: bool,
}

impl Clients {
    pub(crate) fn new(records: usize) -> Self {
        Self { by_token: HashMap::new(), records }
    }

    pub(crate) fn insert(&mut self, id: Token, socket: TcpStream, peer: SocketAddr) {
        let outbox = Outbox::new(usize::MAX);
        let client = Client { socket, peer, outbox, records: 0, write_closed: false, read_closed: false };
        self.by_token.insert(id, client);
    }

    // ANCHOR: queue
    /// Puts a record into its client's outbox. Returns the client if it has to be flushed.
    pub(crate) fn queue(&mut self, post: &Post) -> Option<Token> {
        // A client that has left gets nothing.
        let client = self.by_token.get_mut(&post.client)?;
        // If something waits already, the client is in the list, or will be heard of when
        // it is writable.
        let flush = client.outbox.is_empty().then_some(post.client);
        client.outbox.push(&post.record);
        client.records += 1;
        flush
    }
    // ANCHOR_END: queue

    pub(crate) fn flush(&mut self, id: Token) {
        let Some(client) = self.by_token.get_mut(&id) else { return };
        if !client.write_closed {
            let done = match client.outbox.write_to(&client.socket) {
                Ok(Progress::Blocked(_)) => return,
                Ok(Progress::Empty) if client.records < self.records => return,
                // Not twice: each shutdown is an event, and brings us here again.
                Ok(Progress::Empty) => client.socket.shutdown(Shutdown::Write),
                Err(error) => Err(error),
            };
            client.write_closed = done.is_ok();
        }
        // Closing before the client has would destroy what is still on its way, should it have sent us something.
        if !client.write_closed || client.read_closed {
            self.leave(id);
        }
    }

    pub(crate) fn event(&mut self, id: Token, event: Event) {
        if event.is_hangup() || event.is_error() {
            return self.leave(id);
        }
        if event.is_read_closed()
            && let Some(client) = self.by_token.get_mut(&id)
            && !client.read_closed
        {
            client.read_closed = true;
            eprintln!("{} says no more after {} of {} records", client.peer, client.records, self.records);
        }
        self.flush(id);
    }

    fn leave(&mut self, id: Token) {
        let Some(Client { socket, peer, records, .. }) = self.by_token.remove(&id) else { return };
        // Closing with bytes unread would destroy what is still on its way.
        let _ = io::copy(&mut &socket, &mut io::sink());
        eprintln!("{peer} left after {records} of {} records", self.records);
    }
}
