//! The article's ring, written afresh: slots of an item and a flag, an index `head` to take from next, an index `tail`
//! to fill next. Items are pointers there, and words here. It is in the book to be found wanting.

use super::sync::Ordering::{AcqRel, Relaxed};
use super::sync::{AtomicUsize, Plain};

// ANCHOR: types
#[derive(Debug)]
pub(crate) struct ArticleRing {
    slots: Box<[Slot]>,
    head: Plain,
    tail: AtomicUsize,
    test_first: bool,
}

#[derive(Debug)]
struct Slot {
    item: Plain,
    /// [`EMPTY`] or [`VALID`].
    flag: Plain,
}

const EMPTY: usize = 0;
const VALID: usize = 1;
// ANCHOR_END: types

impl ArticleRing {
    /// Makes a ring of `size` slots, of which it can use all but one.
    pub(crate) fn new(size: usize) -> Self {
        let slot = |_| Slot { item: Plain::new(0), flag: Plain::new(EMPTY) };
        let slots = (0..size).map(slot).collect();
        Self { slots, head: Plain::new(0), tail: AtomicUsize::new(0), test_first: false }
    }

    /// The repair that suggests itself: look whether the ring is full before claiming a slot, not after.
    #[allow(dead_code, reason = "tests and models only: the program shows the article's own order")]
    pub(crate) fn testing_first(size: usize) -> Self {
        Self { test_first: true, ..Self::new(size) }
    }

    // ANCHOR: put
    /// Puts `item` behind the others. `false`: the ring was full.
    pub(crate) fn put(&self, item: usize) -> bool {
        let Some(index) = self.claim() else { return false };
        self.slots[index].item.set(item);
        self.slots[index].flag.set(VALID);
        true
    }

    /// Moves `tail` on, and returns where it was: that slot is the caller's to fill.
    pub(crate) fn claim(&self) -> Option<usize> {
        let mut test = self.test_first;
        let mut tail = self.tail.load(Relaxed);
        loop {
            let next = (tail + 1) % self.slots.len();
            if test && next == self.head.get() {
                return None;
            }
            match self.tail.compare_exchange(tail, next, AcqRel, Relaxed) {
                // Too late: `tail` stands on `head` now, as in an empty ring.
                Ok(_) if !self.test_first && next == self.head.get() => return None,
                Ok(index) => return Some(index),
                // Another producer was faster. The article tests before each further try.
                Err(now) => (tail, test) = (now, true),
            }
        }
    }
    // ANCHOR_END: put

    // ANCHOR: get
    /// Takes the oldest item.
    pub(crate) fn get(&self) -> Option<usize> {
        if self.is_empty() {
            return None;
        }
        let head = self.head.get();
        let item = self.slots[head].item.get();
        self.slots[head].flag.set(EMPTY);
        self.head.set((head + 1) % self.slots.len());
        Some(item)
    }

    /// Whether [`get`](Self::get) would find nothing.
    pub(crate) fn is_empty(&self) -> bool {
        let head = self.head.get();
        head == self.tail.load(Relaxed) || self.slots[head].flag.get() == EMPTY
    }
    // ANCHOR_END: get
}
