//! Exercise 6: the queue. The engine's own module.

#[path = "../src/queue.rs"]
mod queue;

pub use queue::{Consumer, Full, Producer, ring};
