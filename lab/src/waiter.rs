//! A thread that sleeps in `epoll_wait`, for the experiments about being woken.

use crate::experiment::Unproven;
use crate::sys::{Result, epoll, process};
use crate::transcript::Transcript;
use crate::words::{Event, Fd};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What a waiting thread came back with, and how long it was away.
#[derive(Debug)]
pub(crate) struct Woken {
    pub(crate) answer: Result<Vec<Event>>,
    pub(crate) after: Duration,
}

/// A thread inside `epoll_wait`.
#[derive(Debug)]
pub(crate) struct Waiter {
    thread: JoinHandle<Woken>,
    /// Its number, for signals.
    pub(crate) number: i32,
}

impl Waiter {
    /// Starts a thread, and returns once it sleeps in the kernel.
    pub(crate) fn start(t: &mut Transcript, on: Fd, max: i32, timeout_ms: i32) -> std::result::Result<Self, Unproven> {
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let _ = sender.send(process::own_thread());
            let begin = Instant::now();
            let answer = epoll::epoll_wait(on, max, timeout_ms);
            Woken { answer, after: begin.elapsed() }
        });
        let number = receiver.recv().map_err(|_| Unproven::Refuted("a thread did not start".to_owned()))?;
        // After its message the thread makes no other call that sleeps.
        t.until("the thread sleeps", || process::state(&format!("self/task/{number}")) == Ok('S'))?;
        Ok(Waiter { thread, number })
    }

    /// Waits for the thread's return.
    pub(crate) fn join(self) -> std::result::Result<Woken, Unproven> {
        self.thread.join().map_err(|_| Unproven::Refuted("a thread panicked".to_owned()))
    }
}
