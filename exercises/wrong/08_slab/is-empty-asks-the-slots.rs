//! Expect: WRONG: is_empty says something else than len

use std::fmt;
use std::mem;

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
        u64::from(self.generation) << 32 | u64::from(self.index)
    }

    /// The key that [`to_u64`](Self::to_u64) turned into `bits`.
    pub fn from_u64(bits: u64) -> Self {
        Self { index: bits as u32, generation: (bits >> 32) as u32 }
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
        let index = self.free.unwrap_or_else(|| self.grow());
        let slot = &mut self.slots[index as usize];
        if let State::Free { next } = mem::replace(&mut slot.state, State::Full(value)) {
            self.free = next;
        }
        self.len += 1;
        Key { index, generation: slot.generation }
    }

    /// Takes the value out. Its slot is free for another, its key stale. `None`, and nothing happens, if the key is stale,
    /// or none of this slab's.
    pub fn remove(&mut self, key: Key) -> Option<T> {
        let slot = self.slots.get_mut(key.index()).filter(|slot| slot.generation == key.generation)?;
        match mem::replace(&mut slot.state, State::Free { next: self.free }) {
            State::Full(value) => {
                // At once: from here on the key is nobody's, and who moves in next finds the number of its own key.
                slot.generation = slot.generation.wrapping_add(1);
                self.free = Some(key.index);
                self.len -= 1;
                Some(value)
            }
            // A key that this slab has not given yet. The slot stays where it is in the list.
            free => {
                slot.state = free;
                None
            }
        }
    }

    /// The value, or `None` if the key is stale, or none of this slab's.
    pub fn get(&self, key: Key) -> Option<&T> {
        match self.slots.get(key.index())? {
            Slot { generation, state: State::Full(value) } if *generation == key.generation => Some(value),
            _ => None,
        }
    }

    /// The value, or `None` if the key is stale, or none of this slab's.
    pub fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        match self.slots.get_mut(key.index())? {
            Slot { generation, state: State::Full(value) } if *generation == key.generation => Some(value),
            _ => None,
        }
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The keys of all values, by slot.
    pub fn keys(&self) -> impl Iterator<Item = Key> + '_ {
        (0..).zip(&self.slots).filter_map(|(index, slot)| match slot.state {
            State::Full(_) => Some(Key { index, generation: slot.generation }),
            State::Free { .. } => None,
        })
    }

    /// Makes a free slot, at the end.
    fn grow(&mut self) -> u32 {
        let index = u32::try_from(self.slots.len()).expect("a slab has fewer than 2^32 slots");
        self.slots.push(Slot { generation: 0, state: State::Free { next: None } });
        index
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
