//! The lines of the engine that threads share, under loom.
//!
//! `queue.rs` and `mailbox.rs` are the engine's own files, compiled a second time: here `crate::sync` is loom's, and
//! `crate::waker` is an eventfd made of loom's parts. loom runs a model again and again, and each time chooses another
//! order of the threads' steps and other values that the memory model lets a load return, until none is left.
//!
//! The models stand in `ring.rs` and `sleep.rs`. They are about `super::queue` and `super::mailbox`: here the lines
//! that ship, and in `tests/mutants.rs` the same lines with one mistake each, which the models must find.

#[path = "../../src/mailbox.rs"]
pub mod mailbox;
#[expect(unsafe_code, reason = "the ring hands values from thread to thread without a lock")]
#[path = "../../src/queue.rs"]
pub mod queue;

pub mod explore;
pub mod sync;
pub mod waker;

pub mod ring;
#[expect(clippy::missing_panics_doc, reason = "a panic is how a model says what is wrong")]
pub mod sleep;
