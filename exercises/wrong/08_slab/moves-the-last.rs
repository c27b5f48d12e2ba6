//! Expect: WRONG: a value that is there is not found
//!
//! The last value fills the gap, and its key does not know.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    index: u32,
    generation: u32,
}

#[derive(Debug)]
pub struct Slab<T> {
    values: Vec<(u32, T)>,
    next: u32,
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
        Self { values: Vec::new(), next: 0 }
    }

    pub fn insert(&mut self, value: T) -> Key {
        let key = Key { index: self.values.len() as u32, generation: self.next };
        self.values.push((self.next, value));
        self.next += 1;
        key
    }

    pub fn remove(&mut self, key: Key) -> Option<T> {
        self.get(key)?;
        Some(self.values.swap_remove(key.index()).1)
    }

    pub fn get(&self, key: Key) -> Option<&T> {
        let (number, value) = self.values.get(key.index())?;
        (*number == key.generation).then_some(value)
    }

    pub fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        let (number, value) = self.values.get_mut(key.index())?;
        (*number == key.generation).then_some(value)
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub fn keys(&self) -> impl Iterator<Item = Key> + '_ {
        (0..).zip(&self.values).map(|(index, (generation, _))| Key { index, generation: *generation })
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
