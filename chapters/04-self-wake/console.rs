//! A thread that reads lines from stdin and posts them to the loop, and what the loop keeps of their waiting.

use std::io::{self, BufRead};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::waker::Waker;

/// Something that another thread wants to be sent to all clients.
pub(crate) struct Message {
    pub(crate) line: Vec<u8>,
    pub(crate) posted: Instant,
}

// ANCHOR: start
/// Starts the thread. It ends with stdin, and then the receiver is disconnected.
pub(crate) fn start(waker: Arc<Waker>, no_wake: bool) -> io::Result<Receiver<Message>> {
    let (sender, receiver) = mpsc::channel();
    let wake = move || if no_wake { Ok(()) } else { waker.wake() };
    thread::Builder::new().name("console".into()).spawn(move || {
        if let Err(error) = post(sender, &wake).and_then(|()| wake()) {
            eprintln!("console: {error}");
        }
    })?;
    Ok(receiver)
}

fn post(sender: Sender<Message>, wake: &impl Fn() -> io::Result<()>) -> io::Result<()> {
    let mut stdin = io::stdin().lock();
    loop {
        let mut line = Vec::new();
        if stdin.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        if sender.send(Message { line, posted: Instant::now() }).is_err() {
            return Ok(()); // The loop has ended.
        }
        // Only now: woken before, the loop might look, find nothing and sleep again.
        wake()?;
    }
}
// ANCHOR_END: start

/// How long the messages have waited, and how often the loop was woken for them.
#[derive(Default)]
pub(crate) struct Waiting {
    times: Vec<Duration>,
    pub(crate) wakes: u64,
}

impl Waiting {
    pub(crate) fn add(&mut self, time: Duration) {
        self.times.push(time);
    }

    /// Says on stderr what there was.
    pub(crate) fn report(&mut self, turns: u64) {
        self.times.sort_unstable();
        let (wakes, lines) = (self.wakes, self.times.len());
        if let (Some(longest), Some(median)) = (self.times.last(), self.times.get(lines / 2)) {
            let ms = |time: &Duration| time.as_secs_f64() * 1000.0;
            eprintln!("lines: {lines}, wakes: {wakes}, turns of the loop: {turns}");
            eprintln!("a line waited for {:.3} ms (median), {:.3} ms (longest)", ms(median), ms(longest));
        }
    }
}
