//! What the exercises' tests are written with: a watch-dog that says which mistake was made.
//!
//! Each test runs in a process of its own. If it fails, a check says so in the learner's terms. If it hangs, the
//! watch-dog asks the kernel, as any user may: which system call each thread sleeps in, what each descriptor is, how
//! many bytes wait in it, what an epoll instance watches. From that it names the mistake, if the evidence fits one.
//!
//! A test does not wait with time-outs. Once every thread sleeps, none with a time-out, and the network is at rest,
//! nothing can happen any more; that is a proof, and takes half a second. A thread that computes for half a second is
//! spinning. Whatever is neither is ended after ten. `TESTKIT_SECONDS` sets these ten, and the others in proportion.
//!
//! # How to add an exercise, in six steps
//!
//! Exercise 1 is the model for each of them.
//!
//! 1. **The stub**: `exercises/stubs/NN_name.rs`, and the same file as `exercises/src/NN_name.rs`, which is the learner's
//!    to change. Types and documentation are complete; the bodies are `todo!("what, not how")`. If it rebuilds a module of
//!    the engine, it says ``has the public interface of `src/epoll.rs` ``, and a test compares the two. The solution:
//!    `solutions/NN_name.rs`; it may be the engine's own module, by `#[path]`.
//! 2. **The task sheet**: `exercises/tests/NN_name.rs`. It opens with the sentence to prove, and names the answer:
//!
//!    ```text
//!    #[cfg_attr(feature = "solutions", path = "../../solutions/01_echo.rs")]
//!    #[cfg_attr(not(feature = "solutions"), path = "../src/01_echo.rs")]
//!    #[allow(clippy::todo, missing_docs, unreachable_pub, unused, reason = "it may be a beginning")]
//!    mod answer;
//!    ```
//!
//!    The tests go from easy to nasty; the last is a [`property`]. `#[test]` stands right above `fn name() {`, and the
//!    body is one call of [`run`], or of [`Task::run`] with what this test knows of hangs. It checks with [`check!`],
//!    [`check_eq!`], [`check_bytes!`]: each wants a [`Mistake`] and what was seen. What the learner wrote runs on a thread
//!    made by [`yours`], unless it cannot sleep. A sheet uses no file but its answer. What the answer names as
//!    `crate::...`, for it stands in for a module of the engine, the sheet imports at its top: `use reactor::sys;`. So
//!    does the file of step 5. A test computes for less than 0.1 s, so that half a second of it is surely too much; only a
//!    model may take longer, as a [`Task::busy`]. Exercise 6 shows how models are written: its `crate::sync` is that of the
//!    package `modelkit`, loom's in a model and `std`'s elsewhere, and a verdict shows the steps that led to it.
//! 3. **Hints**: `exercises/hints/NN_name.md`, three headings: the concept, the approach, nearly the code.
//! 4. **Wrong answers**: `exercises/wrong/NN_name/what-it-does.rs`, five or more, complete files. The first line is
//!    `//! Expect: ` and the verdict: `WRONG: a short write is ignored`. It is that of the first test, in the sheet's
//!    order, that the answer does not pass; the other tests must name a mistake too.
//! 5. **The proof**: `exercises/checks/tests/NN_name.rs`, three lines that differ by the number and the name only.
//!    `cargo test -p checks --test NN_name` proves the stub NOT STARTED, the solution PASSED, and each wrong answer's
//!    verdict, in seconds.
//! 6. **The box in the book**: in the chapter's page, under `## Exercise`, a fence that says what to write. It is also what
//!    puts the exercise under its chapter in `cargo course list`. The minutes are those of a reader who has only the page,
//!    the stub and the hints. The line of facts at the top of the page counts the exercises.
//!
//!    ````text
//!    ```exercise 01 minutes=25
//!    Write the echo: every byte back and none twice, whatever a call returns.
//!    ```
//!    ````
//!
//! Then write five wrong answers more, in a hurry as a learner would, and look: a verdict without a name is a hole.

mod mistake;
mod lanes;
mod verdict;
mod wire;
mod heard;
mod call;
mod threads;
mod net;
mod fds;
mod evidence;
pub mod diagnosis;
mod child;
#[expect(unsafe_code, reason = "ptrace(2) is reached through a system call")]
mod trace;
#[expect(unsafe_code, reason = "std has no signals")]
mod whereabouts;
#[expect(unsafe_code, reason = "std has no process groups that can be ended as a whole")]
mod group;
mod rest;
mod run;
mod watch;
#[expect(unsafe_code, reason = "std does not ask a socket what is under way")]
mod kernel;
mod peers;
pub mod interface;
pub mod sheet;
pub mod scripted;
mod taker;
mod memory;
#[macro_use]
mod check;

pub use call::{Call, Made};
pub use check::{check_equal, check_same_bytes, same_start, show};
pub use child::{fact, fail, fail_at, label, panic_means, panics, pass, property, show_moves, step, watches};
pub use evidence::{Evidence, Way};
pub use fds::{Fd, Kind, Watch};
pub use kernel::few_descriptors;
pub use lanes::{Move, columns};
pub use memory::memory;
pub use mistake::{Chapter, Mistake};
pub use net::Tcp;
pub use peers::{Client, Yours, connection, narrow_connection, wait_for_connections, wait_until_still, yours};
pub use run::{Task, run};
pub use scripted::{Scripted, is_errno};
pub use taker::{Answer, Taker};
pub use threads::{Thread, computed};
pub use verdict::{Report, Verdict};
