//! A bounded queue for many producers and one consumer, without locks.
//!
//! After Dmitry Vyukov, *Bounded MPMC queue* (1024cores.net). Each slot carries a sequence number that says whose turn
//! it is. At position `p` (which counts up for ever; the slot is `p` modulo the capacity):
//!
//! | sequence | the slot |
//! |---|---|
//! | `p` | is free for the producer that claims position `p` |
//! | `p + 1` | holds the value of position `p`, for the consumer |
//! | `p + capacity` | is free again, for the next lap |
//!
//! Positions never repeat within a lap of `usize`, so a compare-and-swap that succeeds cannot have been fooled by a
//! ring that went round meanwhile (ABA).

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
    /// The position to pop next. Nobody else needs to know it: the sequence numbers tell the producers.
    head: usize,
}

/// The ring had no free slot: here is your value back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full<T>(pub T);

struct Ring<T> {
    slots: Box<[Slot<T>]>,
    /// The position to claim next.
    tail: OwnCacheLine<AtomicUsize>,
}

struct Slot<T> {
    sequence: AtomicUsize,
    value: UnsafeCell<MaybeUninit<T>>,
}

/// Keeps what all producers write away from what the consumer reads.
#[repr(align(64))]
struct OwnCacheLine<T>(T);

/// Makes a ring of `capacity` slots.
///
/// # Panics
/// Unless `capacity` is a power of two, and at least 2: with one slot, "full" and "free for the next lap" would be the
/// same number.
pub fn ring<T>(capacity: usize) -> (Producer<T>, Consumer<T>) {
    assert!(capacity.is_power_of_two() && capacity >= 2, "a ring's capacity is a power of two, at least 2");
    let slot = |position| Slot { sequence: AtomicUsize::new(position), value: UnsafeCell::new(MaybeUninit::uninit()) };
    let ring = Arc::new(Ring { slots: (0..capacity).map(slot).collect(), tail: OwnCacheLine(AtomicUsize::new(0)) });
    (Producer { ring: Arc::clone(&ring) }, Consumer { ring, head: 0 })
}

impl<T> Producer<T> {
    /// Puts `value` behind all that was pushed before. Never blocks.
    ///
    /// # Errors
    /// [`Full`], with the value, when no slot is free.
    pub fn push(&self, value: T) -> Result<(), Full<T>> {
        let ring = &*self.ring;
        let mut tail = ring.tail.0.load(Relaxed);
        loop {
            let slot = ring.slot(tail);
            // Acquire pairs with the Release in `pop`: seeing the slot free means that the old value has been taken.
            let sequence = slot.sequence.load(Acquire);
            match sequence.wrapping_sub(tail).cast_signed() {
                // Relaxed is enough: the claim only divides the slots among the producers; `sequence` publishes.
                0 => match ring.tail.0.compare_exchange_weak(tail, tail.wrapping_add(1), Relaxed, Relaxed) {
                    Ok(_) => {
                        slot.put(value);
                        // Release pairs with the Acquire in `pop`: seeing the sequence means seeing the value.
                        slot.sequence.store(tail.wrapping_add(1), Release);
                        return Ok(());
                    }
                    Err(now) => tail = now,
                },
                // The slot still belongs to the lap before, and so do all behind it.
                ..0 => return Err(Full(value)),
                // Another producer has claimed this position since `tail` was read.
                1.. => tail = ring.tail.0.load(Relaxed),
            }
        }
    }
}

impl<T> Consumer<T> {
    /// Takes the oldest value, if its producer has finished putting it there.
    pub fn pop(&mut self) -> Option<T> {
        let slot = self.ring.slot(self.head);
        // Acquire pairs with the Release in `push`: seeing the sequence means seeing the value.
        if slot.sequence.load(Acquire) != self.head.wrapping_add(1) {
            return None;
        }
        let value = slot.take();
        // Release pairs with the Acquire in `push`: whoever sees the slot free sees that the value has been taken.
        slot.sequence.store(self.head.wrapping_add(self.ring.slots.len()), Release);
        self.head = self.head.wrapping_add(1);
        Some(value)
    }

    /// Whether [`pop`](Self::pop) would find nothing.
    pub fn is_empty(&self) -> bool {
        // Relaxed would do, since `pop` looks again; Acquire, so that "not empty" means the same to any caller.
        self.ring.slot(self.head).sequence.load(Acquire) != self.head.wrapping_add(1)
    }
}

impl<T> Ring<T> {
    fn slot(&self, position: usize) -> &Slot<T> {
        &self.slots[position & (self.slots.len() - 1)]
    }
}

impl<T> Slot<T> {
    fn put(&self, value: T) {
        // SAFETY: the sequence number and the claim gave this slot to one producer, until it publishes.
        self.value.with_mut(|slot| unsafe { (*slot).write(value) });
    }

    fn take(&self) -> T {
        // SAFETY: the sequence number says that the slot holds a value for the one consumer, who takes it once.
        self.value.with_mut(|slot| unsafe { slot.cast::<T>().read() })
    }
}

impl<T> Drop for Ring<T> {
    fn drop(&mut self) {
        let lap = self.slots.len() - 1;
        for (index, slot) in self.slots.iter().enumerate() {
            // Relaxed is enough: the last owner of the `Arc` is alone, and has seen what all others did.
            let ahead = slot.sequence.load(Relaxed).wrapping_sub(index) & lap;
            // A free slot is a whole number of laps ahead of its index; one that holds a value is one more.
            if ahead == 1 {
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
