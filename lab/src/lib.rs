//! The lab: small experiments that ask the running kernel what epoll does.
//!
//! An [`Experiment`] states a claim, names the article's sentence where there is one, asks the kernel with plain system
//! calls, and checks the answers. What it asked and what it heard is its transcript: the [`Line`]s of a [`Report`], in
//! the form `epoll_wait(max=8, timeout=50ms) = 1 [{IN|RDHUP, fd 5}]`. [`run`] gives each experiment a process of its
//! own: its descriptors start at 3, its limits and signals are nobody else's, and it ends by a deadline, whatever it
//! waits for.
//!
//! Not here: claims about code in user space, and numbers of nanoseconds. Timings are shown, never judged.

mod words;
#[expect(
    unsafe_code,
    reason = "the raw system calls: an experiment must be able to make the mistakes that types prevent"
)]
mod sys;
mod experiment;
mod transcript;
mod traced;
mod waiter;
mod prelude;
mod experiments;
mod runner;
mod command;

pub use command::command;
pub use experiment::{Experiment, Unproven, Verdict};
pub use runner::{Outcome, Report, run, run_with, serve_if_asked};
pub use transcript::{Kind, Line, Transcript};

/// Every experiment, in the order of the book.
pub fn all() -> &'static [Experiment] {
    experiments::ALL
}

/// The experiment of that name.
pub fn find(name: &str) -> Option<&'static Experiment> {
    all().iter().find(|experiment| experiment.name == name)
}
