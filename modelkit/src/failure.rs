//! What loom says when an execution fails, in the learner's terms.

use std::panic::PanicHookInfo;

use crate::cause::Race;
use crate::log::{Step, What, log};

/// How an execution failed.
#[derive(Clone, Debug)]
pub enum Failure {
    /// Two threads were at one slot.
    Race(Race),
    /// A thread does the same over and over, and waits so for another: its name.
    Spins(String),
    /// All threads wait.
    Deadlock,
    /// Something was shared by an `Arc`, and is never dropped.
    Leak,
}

impl Failure {
    /// What this panic of loom's means.
    pub(crate) fn of(info: &PanicHookInfo<'_>) -> Option<Self> {
        let text = words(info)?;
        let mut log = log();
        if text.contains("Causality violation") {
            let second = Step { what: What::Race, ..log.begun? };
            let race = log.race(&second);
            log.steps.push(second);
            return Some(Self::Race(race));
        }
        if text.contains("maximum number of branches") {
            return Some(Self::Spins(log.busiest()));
        }
        if text.starts_with("deadlock") {
            return Some(Self::Deadlock);
        }
        text.contains("Arc leaked").then_some(Self::Leak)
    }

    /// What was seen, whichever mistake it is.
    pub fn sentence(&self) -> String {
        match self {
            Self::Race(race) => {
                let [first, second] = &race.threads;
                format!("{second} is at a slot that {first} is not known to be done with.")
            }
            Self::Spins(thread) => format!("{thread} goes round and round, and would wait for ever."),
            Self::Deadlock => "All threads wait, and nobody is left who could go on.".into(),
            Self::Leak => "The ring is never dropped.".into(),
        }
    }
}

/// What a panic says; a thread of loom's ends by one without words.
pub(crate) fn words<'a>(info: &'a PanicHookInfo<'_>) -> Option<&'a str> {
    let payload = info.payload();
    payload.downcast_ref::<String>().map(String::as_str).or_else(|| payload.downcast_ref().copied())
}
