//! # Chapter 3: hear of each change once
//! *From earlier:* `reactor::Epoll`, the wrapper of chapter 2, and `reactor::outbox`, its bytes that wait.
//! *New:* `EPOLLET`: an event for each change, so the server itself remembers who is not done (`ready.rs`). Short reads
//! and `EPOLLRDHUP` (`client.rs`). A budget: everybody on the list has one read or one accept a turn (`server.rs`).
//! *Still wrong:* only a packet can wake the loop. Chapter 4 lets a thread do it. And an urgent byte cuts a read short,
//! with more behind it; the engine asks for `EPOLLPRI` and reads on.

mod ready;
mod client;
mod server;

use std::io::{self, ErrorKind};
use std::time::Duration;

use chapters::{Args, Flag};
use reactor::{Events, Interest};
use server::{Habits, Server};

const ABOUT: &str = "An echo server on one thread: edge-triggered epoll.";
const FLAGS: &[Flag] = &[
    ("--read-once", "flaw: read once for an event, and forget whether there is more"),
    ("--accept-once", "flaw: accept once for an event"),
    ("--no-rdhup", "flaw: do not ask for EPOLLRDHUP, and trust a short read all the same"),
    ("--no-budget", "flaw: read from a client until it has nothing more"),
    ("--buffer BYTES", "read at most so many at once; 16384 unless given"),
    ("--work MICROS", "let each read take so many microseconds longer, as if there were work to do"),
];

// ANCHOR: loop
fn main() -> io::Result<()> {
    let args = Args::from_env(ABOUT, FLAGS);
    let mut server = Server::new(args.addr, habits(&args))?;
    let mut events = Events::with_capacity(64);
    loop {
        // No event will come for those on our own list. So look for those of the others, but do not sleep.
        let timeout = if server.ready.is_empty() { None } else { Some(Duration::ZERO) };
        match server.epoll.wait(&mut events, timeout) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in events.iter() {
            server.note(event);
        }
        server.turn();
    }
}
// ANCHOR_END: loop

fn habits(args: &Args) -> Habits {
    let mut habits = Habits {
        read_once: args.has("--read-once"),
        accept_once: args.has("--accept-once"),
        no_budget: args.has("--no-budget"),
        ..Habits::default()
    };
    if args.has("--no-rdhup") {
        habits.interest = Interest::READABLE | Interest::WRITABLE | Interest::EDGE_TRIGGERED;
    }
    if let Some(bytes) = args.number("--buffer") {
        habits.buffer = bytes.clamp(1, 1 << 20) as usize;
    }
    if let Some(micros) = args.number("--work") {
        habits.work = Duration::from_micros(micros);
    }
    habits
}
