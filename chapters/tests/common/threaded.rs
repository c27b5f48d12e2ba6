//! Chapter 1's server with a thread for each client, and as many clients as somebody asks for.
#![allow(unreachable_pub, reason = "two files of tests compile this one")]

use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;

use crate::common::{self, Program};

/// What the test says when it fails: no backtrace follows, whatever the environment asks for.
pub struct Failure(pub String);

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A server, and descriptors for so many clients.
pub fn server(clients: usize) -> Program {
    common::allow_descriptors(clients as u64 + 1000);
    let mut server = Command::new(env!("CARGO_BIN_EXE_01-blocking-echo"));
    // If it dies, its last words are to be its own, and not those of a backtrace.
    Program::spawn(server.args(["127.0.0.1:0", "--threads"]).env("RUST_BACKTRACE", "0"))
}

/// What the server says when the kernel refuses it a thread, and when a thread that it has got cannot begin.
pub const NO_THREAD: &str = "no thread for it";
pub const NO_MAPPING: &str = "fatal runtime error";

/// So many clients, each of whom has said one word and heard it.
pub fn connect(server: &mut Program, clients: usize) -> Result<Vec<TcpStream>, Failure> {
    let connected: Result<_, _> = (1..=clients).map(|number| one(server.addr()).map_err(|why| (number, why))).collect();
    connected.map_err(|(number, error)| {
        // The client hears of it before the server has said why.
        server.until("its last words", |server| {
            let log = server.log();
            (log.contains(NO_THREAD) || log.contains(NO_MAPPING)).then_some(())
        });
        Failure(format!("client {number}: {error}; stderr ends:\n{}", server.log_end()))
    })
}

fn one(server: SocketAddr) -> io::Result<TcpStream> {
    let mut client = TcpStream::connect(server)?;
    client.set_read_timeout(Some(common::DEADLINE))?;
    client.write_all(b"hello")?;
    // Heard and not read: who is closed with bytes unread is reset, and not remembered in TIME_WAIT for a minute. Sixteen
    // thousand of those make the kernel's table of sockets slow to read, for the tests behind this one.
    let heard = client.peek(&mut [0; 5])?;
    if heard == 0 { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(client) }
}
