//! The exercises: what there is, how to test an answer, and what a learner is shown.
//!
//! An answer is tested by building its tests with cargo and running them. They write a report each, as JSON; the verdict
//! is that of the first test, in the order of the task sheet, that is not passed. What is known of each exercise is kept
//! in `.course/`, with a hash of what it is known of.

mod error;
mod catalogue;
mod process;
mod judgement;
mod judge;
mod progress;
mod tester;
mod aids;
pub mod doctor;
pub mod screen;
pub mod table;

pub use aids::{Hint, hint, reset, solution};
pub use catalogue::{Catalogue, Chapter, Exercise};
pub use error::Trouble;
pub use judge::judge;
pub use judgement::{Judgement, Move, Report, State};
pub use process::Stopper;
pub use progress::{Record, is_stub, test, test_saved};
pub use tester::Tester;
