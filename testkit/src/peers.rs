//! The other side of what the learner writes: clients that wait as long as it takes, for the watch-dog is there.

use std::fmt::Display;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

use crate::child::{label, step, this_thread_is};

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

/// Runs what the learner wrote on a thread of its own, so that a verdict can say *your thread*.
///
/// # Panics
/// If the machine has no room for a thread.
pub fn yours<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    let thread = thread::Builder::new().name("yours".into());
    let body = || {
        this_thread_is("yours");
        body()
    };
    thread.spawn(body).expect("the machine has room for a thread")
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

    /// Says that no more will be sent; it still receives.
    pub fn finish(&mut self) {
        let _ = self.socket.shutdown(Shutdown::Write);
        self.said += ", has finished";
        self.tell(&self.said);
    }

    fn tell(&self, what: impl Display) {
        step(what);
    }
}
