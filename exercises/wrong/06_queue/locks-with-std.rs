//! Expect: HANGS: in futex: a lock of std is taken, which loom cannot see

use std::fmt;
use std::mem::MaybeUninit;

use crate::sync::Ordering::{Acquire, Relaxed, Release};
use crate::sync::{Arc, AtomicUsize, UnsafeCell};

pub struct Producer<T> {
    ring: Arc<Ring<T>>,
}

pub struct Consumer<T> {
    ring: Arc<Ring<T>>,
    head: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full<T>(pub T);

struct Ring<T> {
    slots: Box<[Slot<T>]>,
    tail: AtomicUsize,
    lock: std::sync::Mutex<()>,
}

struct Slot<T> {
    sequence: AtomicUsize,
    value: UnsafeCell<MaybeUninit<T>>,
}

pub fn ring<T>(capacity: usize) -> (Producer<T>, Consumer<T>) {
    assert!(capacity >= 2 && capacity.is_power_of_two());
    let slots = (0..capacity)
        .map(|p| Slot { sequence: AtomicUsize::new(p), value: UnsafeCell::new(MaybeUninit::uninit()) })
        .collect();
    let ring = Arc::new(Ring { slots, tail: AtomicUsize::new(0), lock: std::sync::Mutex::new(()) });
    (Producer { ring: Arc::clone(&ring) }, Consumer { ring, head: 0 })
}

impl<T> Producer<T> {
    pub fn push(&self, value: T) -> Result<(), Full<T>> {
        let _g = self.ring.lock.lock().unwrap();
        let mut tail = self.ring.tail.load(Relaxed);
        loop {
            let slot = self.ring.slot(tail);
            let sequence = slot.sequence.load(Acquire);
            if sequence < tail {
                return Err(Full(value));
            }
            if sequence > tail {
                tail = self.ring.tail.load(Relaxed);
            } else {
                match self.ring.tail.compare_exchange(tail, tail + 1, Relaxed, Relaxed) {
                    Ok(_) => {
                        slot.put(value);
                        slot.sequence.store(tail + 1, Release);
                        return Ok(());
                    }
                    Err(now) => tail = now,
                }
            }
        }
    }
}

impl<T> Consumer<T> {
    pub fn pop(&mut self) -> Option<T> {
        if self.is_empty() {
            return None;
        }
        let slot = self.ring.slot(self.head);
        let value = slot.take();
        slot.sequence.store(self.head + self.ring.slots.len(), Release);
        self.head += 1;
        Some(value)
    }

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
    #[track_caller]
    fn put(&self, value: T) {
        // SAFETY: whoever calls this has claimed the slot, and has not published it yet.
        self.value.with_mut(|slot| unsafe { (*slot).write(value) });
    }

    #[track_caller]
    fn take(&self) -> T {
        // SAFETY: whoever calls this has seen that a value is published, and takes it once.
        self.value.with_mut(|slot| unsafe { slot.cast::<T>().read() })
    }
}

impl<T> Drop for Ring<T> {
    fn drop(&mut self) {
        for (i, slot) in self.slots.iter().enumerate() {
            let sequence = slot.sequence.load(Relaxed);
            if sequence % self.slots.len() != i {
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
