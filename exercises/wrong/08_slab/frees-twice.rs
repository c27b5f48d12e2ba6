//! Expect: WRONG: a slot is given to two values
//!
//! Counts when somebody moves in, and frees what is free.

use std::fmt;
use std::mem;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    index: u32,
    generation: u32,
}

#[derive(Debug)]
pub struct Slab<T> {
    slots: Vec<Slot<T>>,
    free: Option<u32>,
    len: usize,
}

#[derive(Debug)]
struct Slot<T> {
    generation: u32,
    state: State<T>,
}

#[derive(Debug)]
enum State<T> {
    Full(T),
    Free { next: Option<u32> },
}

impl Key {
    pub fn index(self) -> usize {
        self.index as usize
    }

    pub fn to_u64(self) -> u64 {
        u64::from(self.generation) << 32 | u64::from(self.index)
    }

    pub fn from_u64(bits: u64) -> Self {
        Self { index: bits as u32, generation: (bits >> 32) as u32 }
    }
}

impl<T> Slab<T> {
    pub fn new() -> Self {
        Self { slots: Vec::new(), free: None, len: 0 }
    }

    pub fn insert(&mut self, value: T) -> Key {
        let index = self.free.unwrap_or_else(|| self.grow());
        let slot = &mut self.slots[index as usize];
        if let State::Free { next } = mem::replace(&mut slot.state, State::Full(value)) {
            self.free = next;
        }
        self.len += 1;
        slot.generation += 1;
        Key { index, generation: slot.generation }
    }

    pub fn remove(&mut self, key: Key) -> Option<T> {
        let slot = self.slots.get_mut(key.index()).filter(|slot| slot.generation == key.generation)?;
        match mem::replace(&mut slot.state, State::Free { next: self.free }) {
            State::Full(value) => {
                self.free = Some(key.index);
                self.len -= 1;
                Some(value)
            }
            State::Free { .. } => {
                self.free = Some(key.index);
                None
            }
        }
    }

    pub fn get(&self, key: Key) -> Option<&T> {
        match self.slots.get(key.index())? {
            Slot { generation, state: State::Full(value) } if *generation == key.generation => Some(value),
            _ => None,
        }
    }

    pub fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        match self.slots.get_mut(key.index())? {
            Slot { generation, state: State::Full(value) } if *generation == key.generation => Some(value),
            _ => None,
        }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn keys(&self) -> impl Iterator<Item = Key> + '_ {
        (0..).zip(&self.slots).filter_map(|(index, slot)| match slot.state {
            State::Full(_) => Some(Key { index, generation: slot.generation }),
            State::Free { .. } => None,
        })
    }

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
