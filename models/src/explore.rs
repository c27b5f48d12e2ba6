//! How the models are run.

use std::env;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use loom::thread;

/// One exploration at a time: each execution maps a stack for each of its threads, and what changes the mappings of a
/// process does so one after the other. Two at once take half as long again as one after the other; as two processes,
/// half as long.
static ALONE: Mutex<()> = Mutex::new(());

/// Where the consumer runs.
///
/// loom leaves out some interleavings when a thread loads a variable and then stores to it (its issues 166 and 392),
/// as every push does; which ones depends on the order in which the threads were made and run. With the consumer in
/// the main thread no pop ever finds a value that is pushed meanwhile; with the consumer spawned last or yielding, other
/// meetings are left out. So every model runs in all three places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The consumer is spawned after all producers, and the main thread only waits.
    SpawnedLast,
    /// The consumer is the main thread.
    Main,
    /// The consumer is the main thread, and lets the others go first.
    MainYielding,
}

/// Counts, over all executions of a model, how often something was seen to happen: a model that never saw what it is
/// about proves nothing.
///
/// An atomic of `std`, not of loom: it outlives an execution, and is no part of the model.
#[derive(Clone, Debug, Default)]
pub struct Witness(Arc<AtomicU64>);

/// Runs `model` in every order of its threads' steps, with at most `preemptions` switches away from a thread that
/// could go on (`None`: any number), and with the consumer in every place. Returns the number of executions.
pub fn explore(preemptions: Option<usize>, model: impl Fn(Place) + Clone + Send + Sync + 'static) -> u64 {
    // A model that failed, as a mutant's must, is no reason not to explore the next.
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let executions = Witness::default();
    for place in [Place::SpawnedLast, Place::Main, Place::MainYielding] {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = preemptions;
        let (model, executions) = (model.clone(), executions.clone());
        builder.check(move || {
            executions.note();
            model(place);
        });
    }
    executions.count()
}

/// Runs a test of this program again, as the only one of a new process, which is told so by a `variable`.
///
/// # Panics
/// If the process cannot be started.
pub fn again(test: &str, (variable, value): (&str, &str)) -> Output {
    let this = env::current_exe().expect("a test knows where it is");
    let child = Command::new(this).args(["--exact", test, "--nocapture"]).env(variable, value).output();
    child.expect("a test can be started once more")
}

/// Runs the producers and the consumer as threads of the model, and returns what they return when all are done.
///
/// # Panics
/// If a thread does.
pub fn threads<P, A, C, B>(place: Place, producers: impl IntoIterator<Item = P>, consumer: C) -> (Vec<A>, B)
where
    P: FnOnce() -> A + Send + 'static,
    A: Send + 'static,
    C: FnOnce() -> B + Send + 'static,
    B: Send + 'static,
{
    let producers: Vec<_> = producers.into_iter().map(thread::spawn).collect();
    let consumed = match place {
        Place::SpawnedLast => thread::spawn(consumer).join().expect("the consumer finishes"),
        Place::Main => consumer(),
        Place::MainYielding => {
            thread::yield_now();
            consumer()
        }
    };
    let produced = producers.into_iter().map(|producer| producer.join().expect("each producer finishes")).collect();
    (produced, consumed)
}

impl Witness {
    /// It happened, in this execution.
    pub fn note(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    /// It happened, if `seen`.
    pub fn note_if(&self, seen: bool) {
        if seen {
            self.note();
        }
    }

    /// How often it happened.
    pub fn count(&self) -> u64 {
        self.0.load(Relaxed)
    }

    /// Checks that it happened at all.
    ///
    /// # Panics
    /// If it never did.
    #[track_caller]
    pub fn expect(&self, what: &str) {
        assert!(self.count() > 0, "no execution saw {what}");
    }
}
