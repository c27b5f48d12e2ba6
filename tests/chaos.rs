//! Clients that do all they can think of, in any order, to an engine with hardly any room.

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};

use pretty_assertions::assert_eq;
use quickcheck::{Arbitrary, Gen, QuickCheck};
use reactor::Builder;
use reactor::framing::Lines;

use common::{Server, ask, echo_server, os};

/// What one client, counted round and round, does next.
#[derive(Clone, Debug)]
enum Step {
    Connect,
    Write(u8, Vec<u8>),
    WriteALot(u8),
    Read(u8, u8),
    HalfClose(u8),
    Leave(u8),
    Reset(u8),
    /// The server closes somebody who has been there once.
    Close(u8),
}

/// A client, what it has sent, and what it has got back.
struct Client {
    socket: TcpStream,
    sent: Vec<u8>,
    received: Vec<u8>,
    half_closed: bool,
    /// Allowed only after the server has closed: a client that goes on sending for long is cut off.
    reset: bool,
}

impl Arbitrary for Step {
    fn arbitrary(g: &mut Gen) -> Self {
        let who = u8::arbitrary(g);
        match u8::arbitrary(g) % 32 {
            0..6 => Self::Connect,
            6..16 => {
                let byte = |g: &mut Gen| *g.choose(b"ab\n").unwrap();
                Self::Write(who, (0..u8::arbitrary(g) % 64).map(|_| byte(g)).collect())
            }
            16..20 => Self::WriteALot(who),
            20..26 => Self::Read(who, u8::arbitrary(g)),
            26 | 27 => Self::HalfClose(who),
            28 => Self::Leave(who),
            29 => Self::Reset(who),
            _ => Self::Close(who),
        }
    }
}

impl Client {
    fn connect(server: &Server<Lines>) -> Self {
        let socket = server.connect();
        socket.set_nonblocking(true).unwrap();
        Self { socket, sent: Vec::new(), received: Vec::new(), half_closed: false, reset: false }
    }

    /// Writes what the kernel takes. A client that the server has closed may find its connection reset.
    fn write(&mut self, bytes: &[u8]) {
        if !self.half_closed {
            let written = self.socket.write(bytes).unwrap_or(0);
            self.sent.extend_from_slice(&bytes[..written]);
        }
    }

    fn read(&mut self, most: usize) {
        let mut bytes = vec![0; most];
        match self.socket.read(&mut bytes) {
            Ok(count) => self.received.extend_from_slice(&bytes[..count]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => self.reset = true,
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
    }

    fn half_close(&mut self) {
        self.half_closed = true;
        // It fails if both ends have been closed already.
        drop(self.socket.shutdown(Shutdown::Write));
    }

    /// Says its last, reads what is left, and compares.
    fn finish(mut self, closed_by_server: bool) {
        self.half_close();
        self.socket.set_nonblocking(false).unwrap();
        if let Err(error) = self.socket.read_to_end(&mut self.received) {
            assert_eq!(error.kind(), ErrorKind::ConnectionReset, "after {} bytes", self.received.len());
            self.reset = true;
        }

        let whole = self.sent.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        assert!(closed_by_server || !self.reset, "reset");
        if closed_by_server {
            assert!(self.sent[..whole].starts_with(&self.received), "not what it has sent");
        } else {
            assert!(self.sent[..whole] == self.received, "{} of {whole} bytes came back", self.received.len());
        }
    }
}

fn survives(steps: Vec<Step>) {
    let limits = Builder::new().max_clients(3).read_budget(64).high_water(100).mailbox_capacity(2);
    let server = echo_server(limits);
    let mut clients: Vec<Client> = Vec::new();
    let mut closes = 0;

    for step in steps {
        let count = clients.len().max(1);
        let place = |who: u8| usize::from(who) % count;
        match step {
            Step::Connect => clients.push(Client::connect(&server)),
            Step::Close(who) => {
                let ids = server.log.connected();
                if let Some(id) = ids.get(usize::from(who) % ids.len().max(1)) {
                    closes += usize::from(server.handle.close(*id).is_ok());
                }
            }
            _ if clients.is_empty() => {}
            Step::Write(who, bytes) => clients[place(who)].write(&bytes),
            Step::WriteALot(who) => clients[place(who)].write(&b"a line of some length\n".repeat(5_000)),
            Step::Read(who, most) => clients[place(who)].read(usize::from(most) + 1),
            Step::HalfClose(who) => clients[place(who)].half_close(),
            Step::Leave(who) => drop(clients.remove(place(who))),
            Step::Reset(who) => os::reset(clients.remove(place(who)).socket),
        }
    }

    // In the order in which they came: only three have a place.
    clients.into_iter().for_each(|client| client.finish(closes > 0));
    assert_eq!(ask(&mut server.connect(), "alive"), "alive");
    // The end of the server checks that each has been told of, once.
}

#[test]
fn an_engine_survives_whatever_its_clients_do() {
    QuickCheck::new().tests(10).quickcheck(survives as fn(Vec<Step>));
}
