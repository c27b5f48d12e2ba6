//! A queue whose consumer sleeps in `epoll_wait`: a ring, and a wake that is written only when it is needed.
//!
//! The flag `pending` means: the reactor will look into the ring before it next sleeps, so nobody needs to wake it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::AcqRel};

use reactor::Waker;

use crate::queue::{self, Consumer, Full, Producer};
use crate::shelf::Shelf;

/// The flaws to watch, and the article's way of waking.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flaws {
    pub(crate) article_ring: bool,
    pub(crate) always_wake: bool,
    pub(crate) no_second_look: bool,
}

/// The end that any thread sends through.
#[derive(Debug)]
pub(crate) struct Sender<T> {
    ring: PushEnd<T>,
    shared: Arc<Shared>,
}

/// The reactor's end.
#[derive(Debug)]
pub(crate) struct Mailbox<T> {
    ring: PopEnd<T>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    pending: AtomicBool,
    waker: Waker,
    flaws: Flaws,
}

#[derive(Debug)]
enum PushEnd<T> {
    Ours(Producer<T>),
    Article(Arc<Shelf<T>>),
}

#[derive(Debug)]
enum PopEnd<T> {
    Ours(Consumer<T>),
    Article(Arc<Shelf<T>>),
}

/// Makes a mailbox for `capacity` values. `waker` must be watched, edge-triggered, by whoever owns the mailbox.
pub(crate) fn mailbox<T>(capacity: usize, waker: Waker, flaws: Flaws) -> (Sender<T>, Mailbox<T>) {
    let (push_end, pop_end) = if flaws.article_ring {
        let shelf = Arc::new(Shelf::new(capacity));
        (PushEnd::Article(Arc::clone(&shelf)), PopEnd::Article(shelf))
    } else {
        let (producer, consumer) = queue::ring(capacity);
        (PushEnd::Ours(producer), PopEnd::Ours(consumer))
    };
    let shared = Arc::new(Shared { pending: AtomicBool::new(false), waker, flaws });
    (Sender { ring: push_end, shared: Arc::clone(&shared) }, Mailbox { ring: pop_end, shared })
}

impl<T> Sender<T> {
    // ANCHOR: send
    /// Puts `value` into the mailbox and wakes the reactor if it sleeps or is about to.
    /// Never blocks. Returns whether the eventfd was written.
    pub(crate) fn send(&self, value: T) -> Result<bool, Full<T>> {
        match &self.ring {
            PushEnd::Ours(ring) => ring.push(value)?,
            PushEnd::Article(ring) => ring.push(value)?,
        }
        // AcqRel pairs with the swaps in `prepare_to_sleep` and `awake`.
        let pending = self.shared.pending.swap(true, AcqRel);
        let wake = !pending || self.shared.flaws.always_wake;
        if wake {
            self.shared.waker.wake().expect("an open eventfd takes a write");
        }
        Ok(wake)
    }
    // ANCHOR_END: send
}

impl<T> Mailbox<T> {
    /// Takes the oldest value.
    pub(crate) fn receive(&mut self) -> Option<T> {
        match &mut self.ring {
            PopEnd::Ours(ring) => ring.pop(),
            PopEnd::Article(ring) => ring.pop(),
        }
    }

    // ANCHOR: sleep
    /// Announces that the reactor is about to sleep, and returns whether it may: not if
    /// there is something to receive.
    pub(crate) fn prepare_to_sleep(&mut self) -> bool {
        // AcqRel pairs with the swap in `send`: a push that did not write the eventfd is
        // seen in the next line.
        self.shared.pending.swap(false, AcqRel);
        self.shared.flaws.no_second_look || self.is_empty()
    }

    /// Tells the senders that the reactor no longer sleeps, and will look into the ring
    /// before it does.
    pub(crate) fn awake(&mut self) {
        // A swap, not a store: a store would hide the pushes of senders that came before
        // from `prepare_to_sleep`.
        self.shared.pending.swap(true, AcqRel);
    }
    // ANCHOR_END: sleep

    /// The descriptor to watch.
    pub(crate) fn waker(&self) -> &Waker {
        &self.shared.waker
    }

    fn is_empty(&self) -> bool {
        match &self.ring {
            PopEnd::Ours(ring) => ring.is_empty(),
            PopEnd::Article(ring) => ring.is_empty(),
        }
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        let ring = match &self.ring {
            PushEnd::Ours(ring) => PushEnd::Ours(ring.clone()),
            PushEnd::Article(ring) => PushEnd::Article(Arc::clone(ring)),
        };
        Self { ring, shared: Arc::clone(&self.shared) }
    }
}
