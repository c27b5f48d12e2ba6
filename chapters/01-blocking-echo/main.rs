//! # Chapter 1: one thread, one client
//! *From earlier:* nothing. `chapters/lib.rs` reads the arguments and listens, for every program of the book.
//! *New:* a socket is two queues; `read` and `write` wait for them; short writes, EOF, EINTR, a reset.
//! *Still wrong:* the second client waits until the first has left. `--threads` cures that with a thread for each, and
//! then a thousand clients who say nothing hold a thousand threads. Chapter 2 needs one thread for all.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use chapters::{Args, Flag};

const ABOUT: &str = "A blocking echo server. It serves one client at a time, unless it is told otherwise.";
const FLAGS: &[Flag] = &[
    ("--threads", "serve each client on a thread of its own"),
    ("--write-once", "flaw: call write once for what was read, however little it takes"),
    ("--idle SECONDS", "disconnect a client that for so long neither sends nor reads"),
];

/// How much is read at once. A thread that waits for its client has this on its stack, whether anything comes or not.
const BUFFER: usize = 16 * 1024;

/// How long to leave alone a kernel that has no descriptor left for a new client.
const A_MOMENT: Duration = Duration::from_millis(100);

#[derive(Clone, Copy)]
struct Options {
    write_once: bool,
    idle: Option<Duration>,
}

// ANCHOR: main
fn main() {
    let args = Args::from_env(ABOUT, FLAGS);
    let options = Options {
        write_once: args.has("--write-once"),
        idle: args.number("--idle").filter(|&seconds| seconds > 0).map(Duration::from_secs),
    };
    let listener = chapters::listen(args.addr);
    loop {
        match listener.accept() {
            Ok((client, peer)) if args.has("--threads") => spawn(client, peer, options),
            Ok((client, peer)) => serve(client, peer, options),
            // One client's failure, or no descriptor left: no reason to stop serving the others.
            Err(error) => {
                eprintln!("accept: {error}");
                thread::sleep(A_MOMENT);
            }
        }
    }
}
// ANCHOR_END: main

// ANCHOR: spawn
fn spawn(client: TcpStream, peer: SocketAddr, options: Options) {
    let thread = thread::Builder::new().spawn(move || serve(client, peer, options));
    if let Err(error) = thread {
        // The closure that was not run has been dropped, and the client with it: it sees EOF.
        eprintln!("{peer} refused: no thread for it: {error}");
    }
}
// ANCHOR_END: spawn

// ANCHOR: serve
fn serve(mut client: TcpStream, peer: SocketAddr, options: Options) {
    eprintln!("{peer} connected");
    match echo(&mut client, options) {
        Ok(bytes) => eprintln!("{peer} left after {bytes} bytes"),
        Err(error) => eprintln!("{peer} lost: {error}"),
    }
}
// ANCHOR_END: serve

// ANCHOR: echo
/// Sends back what the client sends, until it has no more to say. Returns how many bytes it read.
fn echo(client: &mut TcpStream, options: Options) -> io::Result<usize> {
    client.set_read_timeout(options.idle)?;
    client.set_write_timeout(options.idle)?;
    let mut buffer = [0; BUFFER];
    let mut echoed = 0;
    loop {
        match client.read(&mut buffer) {
            Ok(0) => return Ok(echoed), // EOF: the client has shut down its side.
            Ok(n) => {
                send(client, &buffer[..n], options)?;
                echoed += n;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => eprintln!("read: EINTR, so again"),
            Err(error) => return Err(error),
        }
    }
}
// ANCHOR_END: echo

// ANCHOR: send
/// Hands all of `bytes` to the kernel, in as many writes as it takes.
fn send(client: &mut TcpStream, mut bytes: &[u8], options: Options) -> io::Result<()> {
    loop {
        match client.write(bytes) {
            Ok(taken) if taken == bytes.len() => return Ok(()),
            Ok(taken) => {
                eprintln!("short write: the kernel took {taken} of {} bytes", bytes.len());
                if options.write_once {
                    return Ok(());
                }
                bytes = &bytes[taken..];
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => eprintln!("write: EINTR, so again"),
            Err(error) => return Err(error),
        }
    }
}
// ANCHOR_END: send
