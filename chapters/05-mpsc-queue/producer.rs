//! The threads that have something to send.

use std::io::{self, ErrorKind, Write};
use std::net::TcpStream;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use reactor::{Epoll, Events, Interest, Token};

use crate::mailbox::Sender;
use crate::queue::Full;

/// How long to wait for a reactor that is behind.
const A_MOMENT: Duration = Duration::from_millis(1);

/// A record on its way to a client.
#[derive(Debug)]
pub(crate) struct Post {
    pub(crate) client: Token,
    pub(crate) record: Vec<u8>,
}

/// What a thread sends to each client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Records {
    pub(crate) count: usize,
    pub(crate) size: usize,
}

/// Send your records to this client.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    /// Through the mailbox.
    Mailbox(Token),
    /// By yourself. Who has sent the last record lets go of the socket, and that closes it.
    Socket(Arc<TcpStream>),
}

/// Starts a thread that sends lines of `letter` to each client that it is given.
pub(crate) fn start(letter: u8, records: Records, sender: Sender<Post>) -> mpsc::Sender<Order> {
    let (orders, inbox) = mpsc::channel();
    thread::spawn(move || {
        for order in inbox {
            match order {
                Order::Mailbox(client) => send_all(letter, records, &sender, client),
                Order::Socket(socket) => write_all(letter, records, &socket),
            }
        }
    });
    orders
}

// ANCHOR: send_all
fn send_all(letter: u8, records: Records, sender: &Sender<Post>, client: Token) {
    let mut wakes = 0;
    for _ in 0..records.count {
        let mut post = Post { client, record: record(letter, records.size) };
        wakes += loop {
            match sender.send(post) {
                Ok(woke) => break u64::from(woke),
                Err(Full(refused)) => post = refused,
            }
            thread::sleep(A_MOMENT);
        };
    }
    eprintln!("{}: {} records accepted, eventfd written {wakes} times", char::from(letter), records.count);
}
// ANCHOR_END: send_all

fn record(letter: u8, size: usize) -> Vec<u8> {
    let mut record = vec![letter; size];
    record[size - 1] = b'\n';
    record
}

// ANCHOR: write_all
fn write_all(letter: u8, records: Records, socket: &TcpStream) {
    let mut cut = 0;
    for sent in 0..records.count {
        match write_record(&record(letter, records.size), socket) {
            Ok(1) => {}
            Ok(_) => cut += 1,
            Err(error) => return eprintln!("{}: {error} after {sent} records", char::from(letter)),
        }
    }
    eprintln!("{}: {} records written, {cut} of them in pieces", char::from(letter), records.count);
}

/// The article's thread B: writes what the kernel takes, waits until it takes more, writes the rest. Returns in how
/// many pieces the record went out.
fn write_record(mut rest: &[u8], mut socket: &TcpStream) -> io::Result<usize> {
    let mut pieces = 0;
    while !rest.is_empty() {
        match socket.write(rest) {
            Ok(taken) => (rest, pieces) = (&rest[taken..], pieces + 1),
            Err(error) if error.kind() == ErrorKind::WouldBlock => wait_until_writable(socket)?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(pieces)
}
// ANCHOR_END: write_all

fn wait_until_writable(socket: &TcpStream) -> io::Result<()> {
    let epoll = Epoll::new()?;
    epoll.add(socket, Token(0), Interest::WRITABLE)?;
    match epoll.wait(&mut Events::with_capacity(1), None) {
        Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
        result => result,
    }
}
