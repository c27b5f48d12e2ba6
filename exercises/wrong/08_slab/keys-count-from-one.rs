//! Expect: WRONG: keys lists slots that are not there
//!
//! Takes the first slot for number 1.

use std::fmt;

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
        self.len += 1;
        match self.free {
            Some(index) => {
                let slot = &mut self.slots[index as usize];
                let State::Free { next } = slot.state else { unreachable!() };
                self.free = next;
                slot.state = State::Full(value);
                Key { index, generation: slot.generation }
            }
            None => {
                let index = u32::try_from(self.slots.len()).expect("too many");
                self.slots.push(Slot { generation: 0, state: State::Full(value) });
                Key { index, generation: 0 }
            }
        }
    }

    pub fn remove(&mut self, key: Key) -> Option<T> {
        let slot = self.slots.get_mut(key.index())?;
        if slot.generation != key.generation || matches!(slot.state, State::Free { .. }) {
            return None;
        }
        slot.generation = slot.generation.wrapping_add(1);
        let old = std::mem::replace(&mut slot.state, State::Free { next: self.free });
        self.free = Some(key.index);
        self.len -= 1;
        match old {
            State::Full(value) => Some(value),
            State::Free { .. } => None,
        }
    }

    pub fn get(&self, key: Key) -> Option<&T> {
        let slot = self.slots.get(key.index())?;
        if slot.generation != key.generation {
            return None;
        }
        match &slot.state {
            State::Full(v) => Some(v),
            _ => None,
        }
    }

    pub fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        let slot = self.slots.get_mut(key.index())?;
        if slot.generation != key.generation {
            return None;
        }
        match &mut slot.state {
            State::Full(v) => Some(v),
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
        (1..).zip(&self.slots).filter_map(|(index, slot)| match slot.state {
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
