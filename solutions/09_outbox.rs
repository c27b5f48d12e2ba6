//! Exercise 9: the bytes that wait for one client. The solution is the engine's own module, `src/outbox.rs`.

#[path = "../src/outbox.rs"]
mod outbox;

pub use outbox::{Outbox, Progress};
