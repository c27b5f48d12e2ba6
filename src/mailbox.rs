//! A queue whose consumer sleeps in `epoll_wait`: a ring, and a wake that is written only when it is needed.
//!
//! The flag `pending` means: the reactor will look into the ring before it next sleeps, so nobody needs to wake it.
//!
//! | a producer | the reactor |
//! |---|---|
//! | 1. push | 1. drain the ring |
//! | 2. swap `pending` to true | 2. swap `pending` to false |
//! | 3. if it was false: write the eventfd | 3. if the ring is not empty: go on; else sleep |
//!
//! Of two swaps of one word one comes first. If the producer's does, the reactor's sees it, hence sees the push, and
//! does not sleep. If the reactor's does, the producer's reads false and writes the eventfd. A plain store in place of
//! any of these swaps loses a wake-up: `models` holds the proof and the mutants.

use std::fmt;

use crate::queue::{self, Consumer, Full, Producer};
use crate::sync::Ordering::{AcqRel, Acquire, Release};
use crate::sync::{Arc, AtomicBool};
use crate::waker::Waker;

/// The end that any thread sends through.
#[derive(Debug)]
pub struct Sender<T> {
    producer: Producer<T>,
    shared: Arc<Shared>,
}

/// The reactor's end. Dropping it closes the mailbox, and drops what is in it.
#[derive(Debug)]
pub struct Mailbox<T> {
    consumer: Consumer<T>,
    shared: Arc<Shared>,
}

/// Why a value was not sent, and the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendError<T> {
    /// The mailbox holds as much as it can: the reactor is behind. Try again later.
    Full(T),
    /// The reactor has stopped, and what it did before is done. Nobody will ever read the value.
    Stopped(T),
}

#[derive(Debug)]
struct Shared {
    pending: AtomicBool,
    closed: AtomicBool,
    waker: Waker,
}

/// Makes a mailbox for `capacity` values. `waker` must be watched, edge-triggered, by whoever owns the mailbox.
///
/// # Panics
/// Unless `capacity` is a power of two, and at least 2.
pub fn mailbox<T>(capacity: usize, waker: Waker) -> (Sender<T>, Mailbox<T>) {
    let (producer, consumer) = queue::ring(capacity);
    let shared = Arc::new(Shared { pending: AtomicBool::new(false), closed: AtomicBool::new(false), waker });
    (Sender { producer, shared: Arc::clone(&shared) }, Mailbox { consumer, shared })
}

impl<T> Sender<T> {
    /// Puts `value` into the mailbox and wakes the reactor if it sleeps or is about to. Never blocks.
    ///
    /// `Ok` means queued. A reactor that stops at this moment may drop the value unread.
    ///
    /// # Errors
    /// [`SendError`], with the value, when the mailbox is full or its reactor has stopped.
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        // Acquire pairs with the Release in `Mailbox::drop`; one that is missed is the case that the docs admit.
        if self.shared.closed.load(Acquire) {
            return Err(SendError::Stopped(value));
        }
        self.producer.push(value).map_err(|Full(value)| SendError::Full(value))?;
        // AcqRel pairs with the swaps in `prepare_to_sleep` and `awake`: see the top of the file.
        if !self.shared.pending.swap(true, AcqRel) {
            self.wake();
        }
        Ok(())
    }

    /// Wakes the reactor, whatever it does.
    #[expect(clippy::missing_panics_doc, reason = "the eventfd is ours while `shared` lives, and takes every write")]
    pub fn wake(&self) {
        self.shared.waker.wake().expect("an open eventfd takes a write");
    }
}

impl<T> Mailbox<T> {
    /// Takes the oldest value.
    pub fn receive(&mut self) -> Option<T> {
        self.consumer.pop()
    }

    /// Announces that the reactor is about to sleep, and returns whether it may: not if there is something to receive.
    pub fn prepare_to_sleep(&mut self) -> bool {
        // AcqRel pairs with the swap in `send`: a push that did not write the eventfd is seen in the next line.
        self.shared.pending.swap(false, AcqRel);
        self.consumer.is_empty()
    }

    /// Tells the senders that the reactor no longer sleeps, and will look into the ring before it does.
    pub fn awake(&mut self) {
        // A swap, not a store: a store would hide the pushes of senders that came before from `prepare_to_sleep`.
        self.shared.pending.swap(true, AcqRel);
    }

    /// The descriptor to watch.
    pub fn waker(&self) -> &Waker {
        &self.shared.waker
    }
}

impl<T> Drop for Mailbox<T> {
    fn drop(&mut self) {
        // Release pairs with the Acquire in `send`.
        self.shared.closed.store(true, Release);
        // Senders may keep the ring for long; what is in it need not stay with them.
        while self.receive().is_some() {}
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self { producer: self.producer.clone(), shared: Arc::clone(&self.shared) }
    }
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "the mailbox is full",
            Self::Stopped(_) => "the engine has stopped",
        })
    }
}

impl<T: fmt::Debug> std::error::Error for SendError<T> {}
