//! # Chapter 7: names that do not come back
//! *From earlier:* the loop of chapters 2 to 6, with `Lines`, `Outbox` and the mailbox: `by_hand.rs` puts them together.
//! *New:* a slab whose keys are never used again (`slab.rs`); `Handler`, `Engine` and `Handle`, so that `chat.rs` is about
//! the chat alone. A thread of its own, the help desk (`desk.rs`), sends through the handle.
//! *Still wrong:* nothing that a well-behaved client would notice. Chapter 8 sends the others.

mod slab;
mod desk;
mod chat;
mod client;
mod by_hand;
mod ctrl_c;

use std::io;
use std::process;
use std::sync::mpsc;

use chapters::{Args, Flag, count};
use reactor::Engine;

use by_hand::ByHand;
use chat::Chat;

const ABOUT: &str = "A chat. A line is told to everybody; one that starts with ? is a question for the desk, \
which is you: type the answer to the oldest open question.";
const FLAGS: &[Flag] = &[
    ("--by-hand", "the same chat without the engine"),
    ("--reuse-ids", "flaw: by hand, and who connects may get the name of one who has left"),
];

fn main() {
    let args = Args::from_env(ABOUT, FLAGS);
    let by_hand = args.has("--by-hand") || args.has("--reuse-ids");
    let run = if by_hand { run_by_hand } else { run };
    if let Err(error) = run(&args) {
        eprintln!("error: {error}");
        process::exit(1)
    }
}

// ANCHOR: run
fn run(args: &Args) -> io::Result<()> {
    let (questions, asked) = mpsc::channel();
    let engine = Engine::bind(args.addr, Chat::new(questions))?;
    let handle = engine.handle();
    ctrl_c::stop(handle.clone())?;
    let desk = handle.clone();
    desk::start(asked, move |id, answer| desk.send(id, answer).is_ok())?;
    chapters::announce(engine.local_addr()?);
    engine.run()?;
    let stats = handle.stats();
    let [clients, lines] = [(stats.connections, "client"), (stats.messages, "line")].map(|(n, of)| count(n, of));
    eprintln!("{clients}, {lines}, {} too late", count(stats.undelivered, "answer"));
    Ok(())
}
// ANCHOR_END: run

fn run_by_hand(args: &Args) -> io::Result<()> {
    let (questions, asked) = mpsc::channel();
    let (server, answers) = ByHand::new(args.addr, questions, args.has("--reuse-ids"))?;
    desk::start(asked, move |key, answer| answers.send((key, answer)).is_ok())?;
    server.run()
}
