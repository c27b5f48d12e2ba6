//! Exercise 5: find the bug.
//!
//! The article's ring has slots of an item and a flag, an index `head` to take from next, and an index `tail` to fill
//! next, both modulo the size. It uses all slots but one:
//!
//! ```text
//! put(item):                                      get:
//!     tail = self.tail                                if head == tail, or the flag of slot head is not set: None
//!     next = (tail + 1) % size                        item = the item of slot head
//!     exchange self.tail from tail to next,           clear the flag
//!         and on failure begin again                  head = (head + 1) % size
//!     if next == head: return false                   Some(item)
//!     store the item, then set the flag
//!     true
//! ```
//!
//! You do not repair it. You write the model that catches it: loom runs [`model`] again and again, each time with another
//! order of the threads' steps, and the model panics when a ring has done what no ring may do. It is tried on broken
//! rings, which it must reject, and on sound ones, which it must accept: the article's, some that were made for this
//! exercise, a lock around a deque, and the ring of exercise 6.
//!
//! A ring promises: what `put` accepts comes out of `get`, once, and each producer's items in the order in which it put
//! them. An empty ring accepts an item. It does not promise more: a `get` may find nothing while a producer is not
//! finished, and between two producers there is no order. Chapter 5 has all that is needed.

use std::sync::Arc;

use super::{Ring, spawn, yield_now};

/// One execution. Makes a ring with `R::new(size)`, and uses it from threads that it makes with `spawn(|| ...)`: four at
/// most. `join()` waits for one, and returns what it returned. `ring.put(item)` takes a `usize` and returns whether it was
/// accepted; `ring.get()` returns an `Option<usize>`. Of its slots a sound ring may leave one empty.
///
/// # Panics
/// If the ring is broken.
pub fn model<R: Ring>() {
    todo!("let threads put and get, and compare what was accepted with what came out")
}
