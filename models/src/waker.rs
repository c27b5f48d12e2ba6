//! The engine's `Waker`, modelled: an eventfd in an epoll instance that watches it edge-triggered.

use std::io;

use loom::sync::{Condvar, Mutex, MutexGuard};

/// Ends a [`wait`](Waker::wait) from another thread.
#[derive(Debug)]
pub struct Waker {
    eventfd: Mutex<Eventfd>,
    written: Condvar,
}

#[derive(Debug)]
struct Eventfd {
    /// The counter: nobody reads it, so it counts the writes.
    writes: u64,
    /// The counter at the last `epoll_wait`. A higher one is an edge.
    reported: u64,
}

impl Waker {
    /// Makes an eventfd and watches it.
    #[expect(clippy::new_without_default, reason = "the engine's cannot be made without an error either")]
    pub fn new() -> Self {
        Self { eventfd: Mutex::new(Eventfd { writes: 0, reported: 0 }), written: Condvar::new() }
    }

    /// Writes the eventfd.
    ///
    /// # Errors
    /// None: the signature is the engine's.
    pub fn wake(&self) -> io::Result<()> {
        self.lock().writes += 1;
        self.written.notify_one();
        Ok(())
    }

    /// Sleeps in `epoll_wait` until there is an edge, and takes it. Returns whether it had to sleep for it.
    ///
    /// A wake-up that is lost shows here: the thread sleeps for ever, and loom reports a deadlock.
    pub fn wait(&self) -> bool {
        let mut eventfd = self.lock();
        let slept = eventfd.reported == eventfd.writes;
        while eventfd.reported == eventfd.writes {
            eventfd = self.written.wait(eventfd).unwrap_or_else(|_| unreachable!("loom's mutexes are not poisoned"));
        }
        eventfd.reported = eventfd.writes;
        slept
    }

    /// `epoll_wait` with a time-out of zero: takes the edge, if there is one.
    pub fn poll(&self) {
        let mut eventfd = self.lock();
        eventfd.reported = eventfd.writes;
    }

    /// How often the eventfd has been written.
    pub fn writes(&self) -> u64 {
        self.lock().writes
    }

    fn lock(&self) -> MutexGuard<'_, Eventfd> {
        self.eventfd.lock().unwrap_or_else(|_| unreachable!("loom's mutexes are not poisoned"))
    }
}
