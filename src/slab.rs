//! A table whose keys do not come back: an index, and a generation that tells the tenants of a slot apart.

use std::fmt;

/// The name of a value in a [`Slab`]. When the value is removed, its key is stale for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    index: u32,
    generation: u32,
}

/// Values in slots that are used again; each found by its [`Key`] in constant time.
#[derive(Debug)]
pub struct Slab<T> {
    slots: Vec<Slot<T>>,
    /// The slot that was freed last, the first of a list through all free slots.
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
    Free { next: Option<u32> },
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

    /// Puts `value` into a free slot, or a new one, and returns its key.
    ///
    /// # Panics
    /// At 2^32 values.
    pub fn insert(&mut self, value: T) -> Key {
        self.len += 1;
        if let Some(index) = self.free {
            let slot = &mut self.slots[index as usize];
            if let State::Free { next } = slot.state {
                self.free = next;
            }
            slot.state = State::Full(value);
            return Key { index, generation: slot.generation };
        }
        let index = u32::try_from(self.slots.len()).expect("a slab has fewer than 2^32 slots");
        self.slots.push(Slot { generation: 0, state: State::Full(value) });
        Key { index, generation: 0 }
    }

    /// Takes the value out. Its slot is free for another, its key stale.
    pub fn remove(&mut self, key: Key) -> Option<T> {
        self.get(key)?;
        let slot = &mut self.slots[key.index()];
        // After 2^32 tenants of one slot a generation comes back; a stale key would have to be that old to do harm.
        slot.generation = slot.generation.wrapping_add(1);
        let State::Full(value) = std::mem::replace(&mut slot.state, State::Free { next: self.free }) else {
            unreachable!("get has found it");
        };
        self.free = Some(key.index);
        self.len -= 1;
        Some(value)
    }

    /// The value, or `None` if the key is stale.
    pub fn get(&self, key: Key) -> Option<&T> {
        match self.slots.get(key.index())? {
            Slot { generation, state: State::Full(value) } if *generation == key.generation => Some(value),
            _ => None,
        }
    }

    /// The value, or `None` if the key is stale.
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
        self.len == 0
    }

    /// The keys of all values, by slot.
    pub fn keys(&self) -> impl Iterator<Item = Key> + '_ {
        (0..).zip(&self.slots).filter_map(|(index, slot)| match slot.state {
            State::Full(_) => Some(Key { index, generation: slot.generation }),
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
