//! Expect: WRONG: a slot is used before its position is claimed

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
    assert!(capacity.is_power_of_two() && capacity >= 2, "a power of two, at least 2");
    let slot = |position| Slot { sequence: AtomicUsize::new(position), value: UnsafeCell::new(MaybeUninit::uninit()) };
    let ring = Arc::new(Ring { slots: (0..capacity).map(slot).collect(), tail: AtomicUsize::new(0) });
    (Producer { ring: Arc::clone(&ring) }, Consumer { ring, head: 0 })
}

impl<T> Producer<T> {
    /// Puts `value` behind all that was pushed before. Never blocks.
    ///
    /// # Errors
    /// [`Full`], with the value, when no slot is free.
    pub fn push(&self, mut value: T) -> Result<(), Full<T>> {
        let ring = &*self.ring;
        let mut tail = ring.tail.load(Relaxed);
        loop {
            let slot = ring.slot(tail);
            let sequence = slot.sequence.load(Acquire);
            if sequence == tail {
                slot.put(value);
                match ring.tail.compare_exchange_weak(tail, tail + 1, Relaxed, Relaxed) {
                    Ok(_) => {
                        slot.sequence.store(tail + 1, Release);
                        return Ok(());
                    }
                    Err(now) => {
                        value = slot.take();
                        tail = now;
                    }
                }
            } else if sequence < tail {
                return Err(Full(value));
            } else {
                tail = ring.tail.load(Relaxed);
            }
        }
    }
}

impl<T> Consumer<T> {
    /// Takes the oldest value, if its producer has finished putting it there. Never blocks.
    pub fn pop(&mut self) -> Option<T> {
        let slot = self.ring.slot(self.head);
        if slot.sequence.load(Acquire) != self.head + 1 {
            return None;
        }
        let value = slot.take();
        slot.sequence.store(self.head + self.ring.slots.len(), Release);
        self.head += 1;
        Some(value)
    }

    /// Whether [`pop`](Self::pop) would find nothing.
    pub fn is_empty(&self) -> bool {
        self.ring.slot(self.head).sequence.load(Acquire) != self.head + 1
    }
}

impl<T> Ring<T> {
    fn slot(&self, position: usize) -> &Slot<T> {
        &self.slots[position % self.slots.len()]
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
        for index in 0..self.slots.len() {
            let slot = self.slot(index);
            if slot.sequence.load(Relaxed) % self.slots.len() == (index + 1) % self.slots.len() {
                drop(slot.take());
            }
        }
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
