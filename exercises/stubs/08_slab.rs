//! Exercise 8: names that do not come back.
//!
//! A loop keeps its clients in slots, and the kernel and other threads keep their names. A slot is used again when its
//! client has gone; the name must not be. So a name is an index and a generation, which counts who has left the slot.
//!
//! Free slots are a list without memory of its own: `free` is the first, and each holds the index of the next. Chapter 7
//! has the same table with a second array in place of the list. What you write has the public interface of `src/slab.rs`,
//! so that the engine can run on it.

use std::fmt;

/// The name of a value in a [`Slab`]. When the value is removed, its key is stale for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    index: u32,
    generation: u32,
}

/// Values in slots that are used again. Each is found by its [`Key`], put in and taken out in constant time.
#[derive(Debug)]
pub struct Slab<T> {
    slots: Vec<Slot<T>>,
    /// The first of the free slots.
    free: Option<u32>,
    len: usize,
}

#[derive(Debug)]
struct Slot<T> {
    /// Counts the values that have left this slot.
    generation: u32,
    state: State<T>,
}

#[derive(Debug)]
enum State<T> {
    Full(T),
    /// `next` is the free slot behind this one.
    Free {
        next: Option<u32>,
    },
}

impl Key {
    /// The slot. Of the values that are in the slab now, no two have the same.
    pub fn index(self) -> usize {
        self.index as usize
    }

    /// The key in 64 bits, as epoll carries it with an event.
    pub fn to_u64(self) -> u64 {
        todo!("put both numbers into one")
    }

    /// The key that [`to_u64`](Self::to_u64) turned into `bits`.
    pub fn from_u64(bits: u64) -> Self {
        todo!("take both numbers out again")
    }
}

impl<T> Slab<T> {
    /// Makes an empty slab.
    pub fn new() -> Self {
        Self { slots: Vec::new(), free: None, len: 0 }
    }

    /// Puts `value` into a free slot, or a new one if none is free, and returns its key.
    ///
    /// # Panics
    /// At 2^32 values.
    pub fn insert(&mut self, value: T) -> Key {
        todo!("find a slot, fill it, and name it")
    }

    /// Takes the value out. Its slot is free for another, its key stale. `None`, and nothing happens, if the key is stale,
    /// or none of this slab's.
    pub fn remove(&mut self, key: Key) -> Option<T> {
        todo!("take the value out, if it is still there, and free its slot")
    }

    /// The value, or `None` if the key is stale, or none of this slab's.
    pub fn get(&self, key: Key) -> Option<&T> {
        todo!("look into the slot, and see whether it is the right value")
    }

    /// The value, or `None` if the key is stale, or none of this slab's.
    pub fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        todo!("look into the slot, and see whether it is the right value")
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The keys of all values, by slot.
    pub fn keys(&self) -> impl Iterator<Item = Key> + '_ {
        (0..).zip(&self.slots).filter_map(|(index, slot)| match slot.state {
            State::Full(_) => todo!("the key of the value in this slot"),
            State::Free { .. } => None,
        })
    }
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.index, self.generation)
    }
}
