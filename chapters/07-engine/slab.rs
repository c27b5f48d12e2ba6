//! A table whose keys do not come back.

use std::fmt;

// ANCHOR: key
/// The name of a value in a [`Slab`]: where it is, and how many were there before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    index: u32,
    generation: u32,
}
// ANCHOR_END: key

/// Values in slots. A slot is used again; a key is not.
#[derive(Debug)]
pub(crate) struct Slab<T> {
    slots: Vec<Slot<T>>,
    /// The indices of the empty slots.
    free: Vec<u32>,
    /// Flaw: who moves into a slot gets the key of who was there before.
    reuse_ids: bool,
}

#[derive(Debug)]
struct Slot<T> {
    /// Counts the values that have left.
    generation: u32,
    value: Option<T>,
}

impl Key {
    /// In 64 bits, as epoll carries it with an event.
    pub(crate) fn to_u64(self) -> u64 {
        u64::from(self.generation) << 32 | u64::from(self.index)
    }

    pub(crate) fn from_u64(bits: u64) -> Self {
        Self { index: bits as u32, generation: (bits >> 32) as u32 }
    }
}

impl<T> Slab<T> {
    pub(crate) fn new(reuse_ids: bool) -> Self {
        Self { slots: Vec::new(), free: Vec::new(), reuse_ids }
    }

    // ANCHOR: slab
    pub(crate) fn insert(&mut self, value: T) -> Key {
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { generation: 0, value: None });
            self.slots.len() as u32 - 1
        });
        let slot = &mut self.slots[index as usize];
        slot.value = Some(value);
        Key { index, generation: slot.generation }
    }

    pub(crate) fn remove(&mut self, key: Key) -> Option<T> {
        let reuse_ids = self.reuse_ids;
        let slot = self.slot(key)?;
        let value = slot.value.take()?;
        if !reuse_ids {
            // From here on `key` is the name of nobody, and stays so.
            slot.generation = slot.generation.wrapping_add(1);
        }
        self.free.push(key.index);
        Some(value)
    }

    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        self.slot(key)?.value.as_mut()
    }

    fn slot(&mut self, key: Key) -> Option<&mut Slot<T>> {
        let slot = self.slots.get_mut(key.index as usize)?;
        (slot.generation == key.generation).then_some(slot)
    }
    // ANCHOR_END: slab

    /// Everybody, and their keys.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (Key, &mut T)> {
        (0..).zip(&mut self.slots).filter_map(|(index, slot)| {
            let key = Key { index, generation: slot.generation };
            slot.value.as_mut().map(|value| (key, value))
        })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.index, self.generation)
    }
}
