//! When to look at a client again.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

use crate::slab::Key;

/// So few deadlines are not worth a look.
const FEW: usize = 64;

/// Clients by deadline. A deadline is never moved: whoever is due is asked for its current deadline, and put in again if
/// that is later. So a message costs nothing here.
#[derive(Debug, Default)]
pub(crate) struct Deadlines {
    heap: BinaryHeap<Reverse<(Instant, Key)>>,
}

impl Deadlines {
    pub(crate) fn add(&mut self, deadline: Instant, key: Key) {
        self.heap.push(Reverse((deadline, key)));
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((deadline, _))| *deadline)
    }

    /// Forgets those who have gone, once most of the deadlines are theirs: who is here has two at most. So the clients
    /// that are here bound the memory, and whoever leaves pays a constant time on average.
    pub(crate) fn forget(&mut self, here: usize, is_here: impl Fn(Key) -> bool) {
        if self.heap.len() > 4 * here + FEW {
            self.heap.retain(|Reverse((_, key))| is_here(*key));
        }
    }

    /// Takes the next client that is due.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<Key> {
        if self.next()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse((_, key))| key)
    }
}
