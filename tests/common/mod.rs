//! A server whose handler keeps a record, and clients that never wait for ever.
#![allow(dead_code, unused_imports, reason = "each test file uses its own part of this")]

mod alone;
pub(crate) mod os;
mod recorder;

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use reactor::framing::Lines;
use reactor::{Builder, ClientId, Clients, Framing, Handle, Running, Stats};

pub(crate) use alone::alone;
pub(crate) use recorder::{Log, Note, Recorder, Why};

/// How long to wait for what must happen. Only a test that fails waits as long as this.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A recording engine on a thread of its own. Its end checks that each client that connected has disconnected, once.
pub(crate) struct Server<F: Send + 'static> {
    running: Option<Running<Recorder<F>>>,
    pub(crate) handle: Handle,
    pub(crate) address: SocketAddr,
    pub(crate) log: Log,
}

impl<F> Server<F>
where
    F: for<'a> Framing<Message<'a> = &'a [u8]> + Send + 'static,
{
    pub(crate) fn start(limits: Builder, recorder: Recorder<F>) -> Self {
        let log = recorder.log.clone();
        let engine = limits.bind("127.0.0.1:0", recorder).expect("a free port");
        let (handle, address) = (engine.handle(), engine.local_addr().expect("an address"));
        log.knows(handle.clone());
        Self { running: Some(engine.start().expect("a thread")), handle, address, log }
    }

    /// Connects a client that gives up after [`PATIENCE`].
    pub(crate) fn connect(&self) -> TcpStream {
        connect(self.address)
    }

    /// Connects a client, and waits until the engine has named it.
    pub(crate) fn join(&self) -> (TcpStream, ClientId) {
        let before = self.log.connected().len();
        let client = self.connect();
        (client, self.log.wait("the client to connect", |log| log.connected().get(before).copied()))
    }

    pub(crate) fn stats(&self) -> Stats {
        self.handle.stats()
    }

    /// Stops the engine and hands the record out.
    pub(crate) fn stop(mut self) -> Log {
        self.end();
        self.log.clone()
    }
}

impl<F: Send + 'static> Server<F> {
    fn end(&mut self) {
        let Some(running) = self.running.take() else { return };
        within_patience("the engine to end", || running.stop()).expect("only its own descriptors can fail an engine");
        self.log.check();
    }
}

impl<F: Send + 'static> Drop for Server<F> {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.end();
        }
    }
}

/// A server that answers each line with the same line.
pub(crate) fn echo_server(limits: Builder) -> Server<Lines> {
    Server::start(limits, Recorder::new(Lines::default, echo))
}

pub(crate) fn echo(clients: &mut Clients, from: ClientId, line: &[u8]) {
    clients.send(from, &[line, b"\n"].concat());
}

/// More than the kernel holds for one connection, both ends together.
pub(crate) const TOO_MUCH: usize = 32 * 1024 * 1024;

/// Answers a line that starts with a number with so many bytes, and any other with itself.
pub(crate) fn generous(clients: &mut Clients, from: ClientId, line: &[u8]) {
    match str::from_utf8(line).ok().and_then(|line| line.parse().ok()) {
        Some(count) => drop(clients.send(from, &vec![b'x'; count])),
        None => echo(clients, from, line),
    }
}

pub(crate) fn generous_server(limits: Builder) -> Server<Lines> {
    Server::start(limits, Recorder::new(Lines::default, generous))
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let client = TcpStream::connect_timeout(&address, PATIENCE).expect("a connection");
    client.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    client.set_write_timeout(Some(PATIENCE)).expect("a time-out");
    client.set_nodelay(true).expect("no delay");
    client
}

/// Sends a line and returns the line that comes back.
pub(crate) fn ask(client: &mut TcpStream, line: &str) -> String {
    client.write_all(format!("{line}\n").as_bytes()).expect("a client can write");
    read_line(client)
}

/// Reads one line, without its end, and not a byte more.
pub(crate) fn read_line(mut client: &TcpStream) -> String {
    let mut line = Vec::new();
    loop {
        let mut byte = [0];
        match client.read(&mut byte) {
            Ok(1) if byte == *b"\n" => return String::from_utf8(line).expect("UTF-8"),
            Ok(1) => line.push(byte[0]),
            end => panic!("no line but {:?}, then {end:?}", String::from_utf8_lossy(&line)),
        }
    }
}

/// Reads exactly `count` bytes.
pub(crate) fn read_bytes(mut client: &TcpStream, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    let mut have = 0;
    while have < count {
        match client.read(&mut bytes[have..]) {
            Ok(1..) if bytes.is_empty() => unreachable!(),
            Ok(0) => panic!("the stream ended after {have} of {count} bytes"),
            Ok(more) => have += more,
            Err(error) => panic!("after {have} of {count} bytes: {error}"),
        }
    }
    bytes
}

/// Reads to the end of the stream.
pub(crate) fn read_all(mut client: &TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Err(error) = client.read_to_end(&mut bytes) {
        panic!("no end of the stream, but after {} bytes: {error}", bytes.len());
    }
    bytes
}

/// Writes as much of `bytes` as the kernel takes, until it takes no more although the server has had many turns.
/// Returns how many that were, and leaves the client non-blocking.
pub(crate) fn fill(mut client: &TcpStream, bytes: &[u8], mut turn: impl FnMut()) -> usize {
    const TURNS: usize = 100;
    client.set_nonblocking(true).expect("non-blocking");
    let (mut written, mut refused, started) = (0, 0, Instant::now());
    while refused < TURNS && written < bytes.len() {
        assert!(started.elapsed() < PATIENCE, "still not full after {written} bytes");
        match client.write(&bytes[written..]) {
            Ok(count) => (written, refused) = (written + count, 0),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                refused += 1;
                turn();
            }
            Err(error) => panic!("after {written} bytes: {error}"),
        }
    }
    written
}

/// Waits for a condition that nothing announces.
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < PATIENCE, "waited {PATIENCE:?} for {what}");
        thread::yield_now();
    }
}

/// Runs `work` on a thread of its own and waits for its result.
pub(crate) fn within_patience<T: Send + 'static>(what: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    let thread = thread::spawn(move || drop(sender.send(work())));
    match receiver.recv_timeout(PATIENCE) {
        Ok(value) => value,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("waited {PATIENCE:?} for {what}"),
        Err(mpsc::RecvTimeoutError::Disconnected) => match thread.join() {
            Err(panicked) => std::panic::resume_unwind(panicked),
            Ok(()) => unreachable!("it has sent before it ended"),
        },
    }
}
