//! Exercise 6: the queue.
//!
//! A ring of slots for many producers and one consumer, without locks. Positions count up for ever; position `p` is in
//! slot `p` modulo the capacity. Each slot carries a sequence number that says whose turn it is at position `p`:
//!
//! | sequence | the slot |
//! |---|---|
//! | `p` | is free for the producer that claims position `p` |
//! | `p + 1` | holds the value of position `p`, for the consumer |
//! | `p + capacity` | is free again, for the next lap |
//!
//! This is a building block: it has the public interface of `src/queue.rs`, so that the engine can be compiled with it.
//! Use what `crate::sync` has, and no atomic of `std`: the tests explore your lines with loom, which sees nothing else.
//! Its atomics have what those of `std` have, but for `get_mut` and `into_inner`.
//! Chapter 5 has all that is needed.

use std::fmt;
use std::mem::MaybeUninit;

use crate::sync::Ordering::{Acquire, Relaxed, Release};
use crate::sync::{Arc, AtomicUsize, UnsafeCell};

/// The end that any number of threads push into.
pub struct Producer<T> {
    ring: Arc<Ring<T>>,
}

/// The end that one thread pops from: not `Clone`, and `pop` takes `&mut self`.
pub struct Consumer<T> {
    ring: Arc<Ring<T>>,
    /// The position to pop next. Nobody else needs to know it.
    head: usize,
}

/// The ring had no free slot: here is your value back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full<T>(pub T);

struct Ring<T> {
    slots: Box<[Slot<T>]>,
    /// The position to claim next.
    tail: AtomicUsize,
}

struct Slot<T> {
    sequence: AtomicUsize,
    value: UnsafeCell<MaybeUninit<T>>,
}

/// Makes a ring of `capacity` slots.
///
/// # Panics
/// Unless `capacity` is a power of two, and at least 2: with one slot, "full" and "free for the next lap" would be the
/// same number.
pub fn ring<T>(capacity: usize) -> (Producer<T>, Consumer<T>) {
    todo!("check the capacity, make the slots, each free for its first position, and the two ends")
}

impl<T> Producer<T> {
    /// Puts `value` behind all that was pushed before. Never blocks.
    ///
    /// # Errors
    /// [`Full`], with the value, when no slot is free.
    pub fn push(&self, value: T) -> Result<(), Full<T>> {
        todo!("claim a position whose slot is free, put the value there, and publish it")
    }
}

impl<T> Consumer<T> {
    /// Takes the oldest value, if its producer has finished putting it there. Never blocks.
    pub fn pop(&mut self) -> Option<T> {
        todo!("take the value at the head, if it is published, and free its slot for the next lap")
    }

    /// Whether [`pop`](Self::pop) would find nothing.
    pub fn is_empty(&self) -> bool {
        todo!("look at the slot at the head")
    }
}

impl<T> Ring<T> {
    fn slot(&self, position: usize) -> &Slot<T> {
        todo!("the slot of that position")
    }
}

impl<T> Slot<T> {
    /// Puts a value here. The slot must be the caller's, and hold none.
    #[track_caller]
    fn put(&self, value: T) {
        // SAFETY: whoever calls this has claimed the slot, and has not published it yet.
        self.value.with_mut(|slot| unsafe { (*slot).write(value) });
    }

    /// Takes the value. The slot must be the caller's, and hold one; afterwards it holds none.
    #[track_caller]
    fn take(&self) -> T {
        // SAFETY: whoever calls this has seen that a value is published, and takes it once.
        self.value.with_mut(|slot| unsafe { slot.cast::<T>().read() })
    }
}

impl<T> Drop for Ring<T> {
    /// The last end is gone, and nobody else is here.
    fn drop(&mut self) {
        todo!("drop what was pushed and not popped")
    }
}

impl<T> Clone for Producer<T> {
    fn clone(&self) -> Self {
        Self { ring: Arc::clone(&self.ring) }
    }
}

// SAFETY: a value is moved from the thread that pushes to the thread that pops, and never shared between them.
unsafe impl<T: Send> Send for Ring<T> {}
// SAFETY: the sequence numbers give each slot to one thread at a time.
unsafe impl<T: Send> Sync for Ring<T> {}

impl<T> fmt::Debug for Producer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producer").field("capacity", &self.ring.slots.len()).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Consumer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer").field("capacity", &self.ring.slots.len()).finish_non_exhaustive()
    }
}

impl<T> fmt::Display for Full<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the ring is full")
    }
}

impl<T: fmt::Debug> std::error::Error for Full<T> {}
