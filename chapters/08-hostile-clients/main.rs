//! # Chapter 8: clients that do harm
//! *From earlier:* the engine of chapter 7, and in `naive.rs` a loop of the kind of chapters 2 to 6.
//! *New:* nothing in `room.rs`: what it takes to survive is in the engine. `attack.rs` plays the clients.
//! *Still wrong:* a crowd of honest clients looks like an attack. Nobody is asked who they are, and nothing is encrypted.

#[path = "../07-engine/ctrl_c.rs"]
mod ctrl_c;
mod room;
mod naive;
mod attack;

use std::io;
use std::process;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use chapters::{Args, Flag};
use reactor::Builder;
use signal_hook::consts::SIGPIPE;
use signal_hook::flag;

use attack::ATTACKS;
use naive::Naive;
use room::Room;

const ABOUT: &str = "A room: a line is told to everybody, and a line that is a number is a request for so many bytes.
With an attack it is not the room but its visitors: ADDR is then the room to visit.";
const FLAGS: &[Flag] = &[
    ("--idle SECONDS", "send away whoever neither sends nor takes a byte for so long; 60 unless given"),
    ("--naive", "flaw: a room without the engine, and with all its own faults"),
    ("--go-on", "flaw: naive, and if accept fails, say so and go on"),
];

fn main() {
    let known: Vec<Flag> = FLAGS.iter().copied().chain(ATTACKS.iter().map(|attack| attack.flag)).collect();
    let args = Args::from_env(ABOUT, &known);
    if let Some(attack) = ATTACKS.iter().find(|attack| args.has(attack.flag.0)) {
        return attack.play(args.addr);
    }
    if let Err(error) = open(&args) {
        eprintln!("error: {error}");
        process::exit(1)
    }
}

fn open(args: &Args) -> io::Result<()> {
    // Rust ignores this signal, and languages that do not are the majority. So both rooms run as they would in C.
    flag::register_conditional_default(SIGPIPE, Arc::new(AtomicBool::new(true)))?;
    if args.has("--naive") || args.has("--go-on") {
        Naive::new(args.addr, args.has("--go-on"))?.run()
    } else {
        run(args)
    }
}

// ANCHOR: run
fn run(args: &Args) -> io::Result<()> {
    let idle = Duration::from_secs(args.number("--idle").unwrap_or(60));
    let limits = Builder::new().idle_timeout(idle).stop_deadline(Duration::from_secs(10));
    let engine = limits.bind(args.addr, Room)?;
    ctrl_c::stop(engine.handle())?;
    chapters::announce(engine.local_addr()?);
    engine.run().map(drop)
}
// ANCHOR_END: run
