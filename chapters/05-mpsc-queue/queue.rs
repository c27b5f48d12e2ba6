//! A bounded queue for many producers and one consumer, without locks.
//!
//! After Dmitry Vyukov, *Bounded MPMC queue* (1024cores.net). A position counts up for ever; its slot is the position
//! modulo the capacity. Each slot carries a sequence number that says whose turn it is, for the position `p`:
//!
//! | sequence | the slot |
//! |---|---|
//! | `p` | is free for the producer that claims position `p` |
//! | `p + 1` | holds the value of position `p`, for the consumer |
//! | `p + capacity` | is free again, for the next lap |

use crate::sync::Ordering::{Acquire, Relaxed, Release};
use crate::sync::{Arc, AtomicUsize, UnsafeCell};

// ANCHOR: types
/// The end that any number of threads push into.
#[derive(Debug)]
pub(crate) struct Producer<T> {
    ring: Arc<Ring<T>>,
}

/// The end that one thread pops from: not `Clone`, and `pop` takes `&mut self`.
#[derive(Debug)]
pub(crate) struct Consumer<T> {
    ring: Arc<Ring<T>>,
    /// The position to pop next. Nobody else needs to know it: the sequence numbers tell
    /// the producers.
    head: usize,
}

/// The ring had no free slot: here is your value back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full<T>(pub(crate) T);

#[derive(Debug)]
struct Ring<T> {
    slots: Box<[Slot<T>]>,
    /// The position to claim next.
    tail: AtomicUsize,
}

#[derive(Debug)]
struct Slot<T> {
    sequence: AtomicUsize,
    value: UnsafeCell<Option<T>>,
}
// ANCHOR_END: types

// ANCHOR: ring
/// Makes a ring of `capacity` slots.
///
/// # Panics
/// Unless `capacity` is a power of two, and at least 2: with one slot, "full" and "free
/// for the next lap" would be the same number.
pub(crate) fn ring<T>(capacity: usize) -> (Producer<T>, Consumer<T>) {
    assert!(capacity.is_power_of_two() && capacity >= 2, "a ring's capacity is a power of two, at least 2");
    let slot = |position| Slot { sequence: AtomicUsize::new(position), value: UnsafeCell::new(None) };
    let ring = Arc::new(Ring { slots: (0..capacity).map(slot).collect(), tail: AtomicUsize::new(0) });
    (Producer { ring: Arc::clone(&ring) }, Consumer { ring, head: 0 })
}
// ANCHOR_END: ring

impl<T> Producer<T> {
    // ANCHOR: push
    /// Puts `value` behind all that was pushed before. Never blocks.
    pub(crate) fn push(&self, value: T) -> Result<(), Full<T>> {
        let ring = &*self.ring;
        let mut tail = ring.tail.load(Relaxed);
        loop {
            let (slot, next) = (ring.slot(tail), tail.wrapping_add(1));
            // Acquire pairs with the Release in `pop`: seeing the slot free means that the
            // old value has been taken.
            let sequence = slot.sequence.load(Acquire);
            match sequence.wrapping_sub(tail).cast_signed() {
                // Relaxed is enough: the claim only divides the slots among the producers;
                // `sequence` publishes.
                0 => match ring.tail.compare_exchange_weak(tail, next, Relaxed, Relaxed) {
                    Ok(_) => {
                        slot.put(value);
                        // Release pairs with the Acquire in `pop`: seeing the sequence
                        // means seeing the value.
                        slot.sequence.store(next, Release);
                        return Ok(());
                    }
                    Err(now) => tail = now,
                },
                // The slot still belongs to the lap before, and so do all behind it.
                ..0 => return Err(Full(value)),
                // Another producer has claimed this position since `tail` was read.
                1.. => tail = ring.tail.load(Relaxed),
            }
        }
    }
    // ANCHOR_END: push
}

impl<T> Consumer<T> {
    // ANCHOR: pop
    /// Takes the oldest value, if its producer has finished putting it there.
    pub(crate) fn pop(&mut self) -> Option<T> {
        if self.is_empty() {
            return None;
        }
        let slot = self.ring.slot(self.head);
        let value = slot.take();
        // Release pairs with the Acquire in `push`: whoever sees the slot free sees that
        // the value has been taken.
        slot.sequence.store(self.head.wrapping_add(self.ring.slots.len()), Release);
        self.head = self.head.wrapping_add(1);
        value
    }

    /// Whether [`pop`](Self::pop) would find nothing.
    pub(crate) fn is_empty(&self) -> bool {
        // Acquire pairs with the Release in `push`: seeing the sequence means seeing the
        // value.
        self.ring.slot(self.head).sequence.load(Acquire) != self.head.wrapping_add(1)
    }
    // ANCHOR_END: pop
}

impl<T> Ring<T> {
    fn slot(&self, position: usize) -> &Slot<T> {
        &self.slots[position & (self.slots.len() - 1)]
    }
}

// ANCHOR: unsafe
impl<T> Slot<T> {
    fn put(&self, value: T) {
        // SAFETY: the sequence number and the claim gave this slot to one producer, until
        // it publishes.
        self.value.with_mut(|slot| unsafe { *slot = Some(value) });
    }

    fn take(&self) -> Option<T> {
        // SAFETY: the sequence number gives this slot to the one consumer, until it frees
        // it.
        self.value.with_mut(|slot| unsafe { (*slot).take() })
    }
}

// SAFETY: the sequence numbers give each slot to one thread at a time, and a value goes
// from one thread to another.
unsafe impl<T: Send> Sync for Ring<T> {}
// ANCHOR_END: unsafe

impl<T> Clone for Producer<T> {
    fn clone(&self) -> Self {
        Self { ring: Arc::clone(&self.ring) }
    }
}
