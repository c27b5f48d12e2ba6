//! What the exercises' models are written with: loom, and the learner's own lines of what it found.
//!
//! An answer names `crate::sync`; the sheet puts [`sync`] there. In a [`Model`] its types are loom's, elsewhere those of
//! `std`, so that the same lines are run by real threads and explored by loom. In a model each step is noted, as a [`Step`]:
//! which line, in which thread, what it saw. If an execution fails, the steps of that execution are the interleaving
//! that led there, and `testkit` shows them with the verdict, a column for each thread.

#![allow(clippy::duplicate_mod, reason = "exercise 5 judges the same lines over different variables")]

mod calls;
mod cause;
mod failure;
pub mod judge;
mod log;
mod model;
pub mod rings;
pub mod sync;

pub use calls::{Call, Seen};
pub use cause::{Cause, Claim, Race};
pub use failure::Failure;
pub use log::{Step, What};
pub use model::{Explain, Explored, Handle, Model, Place, Witness, spawn, yield_now};
