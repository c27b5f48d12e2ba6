//! A thread that sleeps in `epoll_wait`, for the experiments about being woken.

use crate::experiment::Unproven;
use crate::sys::{self, epoll, file, process, socket};
use crate::transcript::{A_MOMENT, SOON, Transcript};
use crate::words::{EEXIST, Event, Fd, IN};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What a waiting thread came back with, and how long it was away.
#[derive(Debug)]
pub(crate) struct Woken {
    pub(crate) answer: sys::Result<Vec<Event>>,
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
    pub(crate) fn start(t: &mut Transcript, on: Fd, max: i32, timeout_ms: i32) -> Result<Self, Unproven> {
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

    /// Whether the thread has come back.
    pub(crate) fn is_back(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits for the thread's return.
    pub(crate) fn join(self) -> Result<Woken, Unproven> {
        self.thread.join().map_err(|_| Unproven::Refuted("a thread panicked".to_owned()))
    }
}

/// How many of the threads that sleep in `epolls`, one each, are woken by one client of `listener`.
///
/// It waits for `at_least` of them, and a moment more for others.
pub(crate) fn woken_by_one_client(
    t: &mut Transcript,
    epolls: &[Fd],
    listener: Fd,
    at_least: usize,
) -> Result<usize, Unproven> {
    let stop = file::eventfd(0, libc::EFD_CLOEXEC)?;
    for epoll in epolls {
        match epoll::epoll_ctl(*epoll, epoll::Op::Add, stop, IN) {
            // Several threads may share one instance.
            Ok(()) | Err(EEXIST) => {}
            Err(other) => return Err(other.into()),
        }
    }
    let threads = epolls.iter().map(|epoll| Waiter::start(t, *epoll, 8, 4 * SOON)).collect::<Result<Vec<_>, _>>()?;

    socket::client_of(listener)?;
    let back = || threads.iter().filter(|thread| thread.is_back()).count();
    t.until("the threads are woken", || back() >= at_least)?;
    file::poll(stop, IN, 2 * A_MOMENT)?;
    let woken = back();

    file::write(stop, &1_u64.to_ne_bytes())?;
    for thread in threads {
        thread.join()?.answer?;
    }
    Ok(woken)
}
