//! The other side of what the learner writes: clients that wait as long as it takes, for the watch-dog is there.

use std::fmt::Display;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::process;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::child::{label, step, this_thread, this_thread_is};
use crate::kernel;
use crate::threads::Proc;

/// How often to look at what the kernel tells nobody about.
const A_GLANCE: Duration = Duration::from_millis(1);
/// How seldom, when there has been nothing to see for a while: looking computes, and who computes for long is spinning.
const AT_LEAST: Duration = Duration::from_millis(20);

/// A client of what the learner writes. Its calls have no time-outs: when nothing can happen any more, the watch-dog sees.
#[derive(Debug)]
pub struct Client {
    socket: TcpStream,
    said: String,
}

/// Two ends of a TCP connection over loopback: a client, and the socket that the answer is to serve.
///
/// # Panics
/// If the machine has no loopback network, or no port left.
pub fn connection() -> (Client, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let client = Client::connect(listener.local_addr().expect("a listener has an address"));
    let (yours, _) = listener.accept().expect("the client is connected");
    label(&yours, "your socket");
    (client, yours)
}

/// As [`connection`], with so little room in the kernel that a client which does not read stops who sends soon.
///
/// # Panics
/// If the machine has no loopback network, or no port left.
pub fn narrow_connection() -> (Client, TcpStream) {
    let (client, yours) = connection();
    kernel::make_narrow(&client.socket);
    kernel::make_narrow(&yours);
    (client, yours)
}

/// A thread that runs what the learner wrote.
#[derive(Debug)]
pub struct Yours<T> {
    thread: JoinHandle<T>,
}

/// Runs what the learner wrote on a thread of its own, so that a verdict can say *your thread*.
///
/// # Panics
/// If the machine has no room for a thread.
pub fn yours<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> Yours<T> {
    spawn(Box::new(body))
}

fn spawn<T: Send + 'static>(body: Box<dyn FnOnce() -> T + Send>) -> Yours<T> {
    let thread = thread::Builder::new().name("yours".into());
    let body = move || {
        this_thread_is("yours");
        body()
    };
    Yours { thread: thread.spawn(body).expect("the machine has room for a thread") }
}

impl<T> Yours<T> {
    /// Sends the thread a signal that a handler takes: a call in which it sleeps fails with `EINTR`.
    pub fn interrupt(&self) {
        kernel::interrupt(&self.thread);
    }

    /// Waits for what the learner wrote to return.
    ///
    /// # Panics
    /// Never: a panic has ended the test before.
    pub fn join(self) -> T {
        self.thread.join().expect("a panic ends the test")
    }
}

/// Waits until all threads but this one sleep, none with a time-out, and what was sent has arrived: nothing happens any
/// more until this thread does something. If one of them spins, the watch-dog sees. Returns whether the kernel lets it be seen.
pub fn wait_until_still() -> bool {
    /// So many looks in a row that find the same.
    const STILL: usize = 3;
    let proc = Proc::new(process::id());
    let Some(own) = this_thread().filter(|own| proc.read(format!("task/{own}/syscall")).is_some()) else {
        return false;
    };
    let mut before = Vec::new();
    let mut same = 0;
    let mut pause = A_GLANCE * 3;
    while same < STILL {
        let others = proc.tids().into_iter().filter(|tid| *tid != own);
        let others: Vec<_> = others.filter_map(|tid| Some((tid, proc.glance(tid)?))).collect();
        let rests = others.iter().all(|(_, (sleeps, _))| *sleeps)
            && kernel::network_is_at_rest(&proc.numbers("fd").unwrap_or_default());
        same = if rests && others == before { same + 1 } else { 0 };
        before = others;
        // The kernel tells nobody when a thread goes to sleep.
        thread::sleep(pause);
        pause = AT_LEAST.min(pause + A_GLANCE);
    }
    true
}

/// Waits until so many connections wait to be accepted.
pub fn wait_for_connections(listener: &impl AsFd, count: usize) {
    while kernel::connections_waiting(listener) < count {
        thread::sleep(A_GLANCE);
    }
}

impl Client {
    /// Connects to what the learner wrote.
    ///
    /// # Panics
    /// If nobody listens there.
    pub fn connect(server: SocketAddr) -> Self {
        let socket = TcpStream::connect(server).expect("somebody listens on loopback");
        label(&socket, "the client's socket");
        Self { socket, said: "the client has connected".into() }
    }

    /// Sends all of `bytes`, and waits for room as long as it takes. A peer that has gone is no failure of the client's.
    pub fn send(&mut self, bytes: &[u8]) {
        self.tell(format!("the client sends {} bytes", bytes.len()));
        let _ = self.socket.write_all(bytes);
        self.said = format!("the client has sent {} bytes", bytes.len());
    }

    /// As [`send`](Self::send), and waits until the bytes are in the peer's socket, to be read.
    pub fn deliver(&mut self, bytes: &[u8]) {
        self.send(bytes);
        self.wait_for_arrival();
    }

    /// As [`send`](Self::send), on a thread of its own: a client that sends much must read meanwhile.
    ///
    /// # Panics
    /// If the machine has no descriptor left.
    pub fn sends_meanwhile(&mut self, bytes: Vec<u8>) -> JoinHandle<()> {
        self.said = format!("the client sends {} bytes", bytes.len());
        let mut socket = self.socket.try_clone().expect("a socket can be cloned");
        label(&socket, "the client's socket");
        thread::spawn(move || {
            this_thread_is("the client's");
            let _ = socket.write_all(&bytes);
        })
    }

    /// Waits for `count` bytes. They are fewer only if the peer finishes before, or resets the connection.
    pub fn receive(&mut self, count: usize) -> Vec<u8> {
        self.tell(format!("{} and waits for {count} to come back", self.said));
        let mut bytes = vec![0; count];
        let mut got = 0;
        while got < count {
            match self.socket.read(&mut bytes[got..]) {
                Ok(0) => break,
                Ok(more) => got += more,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        bytes.truncate(got);
        bytes
    }

    /// Whether the peer has finished, and sent nothing before. Waits for it.
    pub fn sees_the_end(&mut self) -> bool {
        self.tell(format!("{} and waits for the end of the connection", self.said));
        self.receive(1).is_empty()
    }

    /// Says that no more will be sent; it still receives. Waits until the peer's socket knows.
    pub fn finish(&mut self) {
        let _ = self.socket.shutdown(Shutdown::Write);
        self.wait_for_arrival();
        self.said += ", has finished";
        self.tell(&self.said);
    }

    /// Goes away without a word, as a machine does that is switched off and on: the peer gets a reset.
    pub fn reset(self) {
        step("the client resets the connection");
        kernel::reset(self.socket);
    }

    /// What the kernel calls this end of the connection; the peer's `peer_addr`.
    ///
    /// # Panics
    /// If the machine has no loopback network.
    pub fn address(&self) -> SocketAddr {
        self.socket.local_addr().expect("a socket has an address")
    }

    fn wait_for_arrival(&self) {
        while kernel::bytes_under_way(&self.socket) > 0 {
            thread::sleep(A_GLANCE);
        }
    }

    fn tell(&self, what: impl Display) {
        step(what);
    }
}
