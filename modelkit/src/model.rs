//! How a model is run: again and again, until each order of its threads' steps has been seen.

use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use loom::thread;
use testkit::Mistake;

use crate::calls;
use crate::failure::{Failure, words};
use crate::log::{log, modelling, set_modelling};

/// What the failures of a model mean: the mistake.
pub type Explain = fn(&Failure) -> Mistake;

/// A model: what it may explore, and what its failures mean.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    preemptions: Option<usize>,
    explain: Explain,
}

/// Where the consumer runs.
///
/// loom leaves out some interleavings when a thread loads a variable and then stores to it (its issues 166 and 392), and
/// which ones depends on the order in which the threads were made. So each model runs with its consumer in all places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The consumer is spawned after all producers, and the main thread only waits.
    SpawnedLast,
    /// The consumer is the main thread.
    Main,
    /// The consumer is the main thread, and lets the others go first.
    MainYielding,
}

/// How much of the answer a model has seen, in all executions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Explored {
    /// How many steps on atomics.
    pub atomics: u64,
    /// How many steps on cells.
    pub cells: u64,
    /// How many were shared by an `Arc`.
    pub arcs: u64,
}

/// Counts, over all executions, how often something was seen: a model that never saw what it is about proves nothing.
///
/// An atomic of `std`: it outlives an execution, and is no part of the model.
#[derive(Clone, Debug, Default)]
pub struct Witness(Arc<AtomicU64>);

/// A thread of a model.
#[derive(Debug)]
pub struct Handle<T> {
    thread: thread::JoinHandle<T>,
}

impl Model {
    /// A model whose failures `explain` names. All interleavings are explored.
    pub fn new(explain: Explain) -> Self {
        Self { preemptions: None, explain }
    }

    /// At most so many switches in an execution away from a thread that could go on.
    pub fn preemptions(mut self, most: usize) -> Self {
        self.preemptions = Some(most);
        self
    }

    /// Explores `model` with the consumer in every place. Ends the test if an execution fails.
    pub fn check(self, model: impl Fn(Place) + Clone + Send + Sync + 'static) -> Explored {
        for place in [Place::SpawnedLast, Place::Main, Place::MainYielding] {
            let model = model.clone();
            self.explore(move || model(place));
        }
        log().explored
    }

    /// Explores `model`. Ends the test if an execution fails.
    pub fn explore(self, model: impl Fn() + Send + Sync + 'static) {
        // loom is compiled for each type of model, and so there is but one.
        self.explore_one(Box::new(model));
    }

    fn explore_one(self, model: Box<dyn Fn() + Send + Sync>) {
        testkit::show_moves(|| if modelling() { log().moves() } else { Vec::new() });
        let before = Arc::new(panic::take_hook());
        let otherwise = Arc::clone(&before);
        panic::set_hook(Box::new(move |info| match Failure::of(info) {
            Some(failure) => report(self.explain, &failure),
            // A panic without words is how a thread of loom's ends.
            None if words(info).is_none() => {}
            None => otherwise(info),
        }));
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = self.preemptions;
        set_modelling(true);
        builder.check(move || {
            log().clear();
            model();
        });
        set_modelling(false);
        panic::set_hook(Box::new(move |info| before(info)));
    }
}

fn report(explain: Explain, failure: &Failure) -> ! {
    // What loom has noticed was noticed in the last step.
    let last = log().steps.last().map(|step| step.at);
    testkit::fail_at(explain(failure), failure.sentence(), last)
}

/// Starts a thread of the model, under the name that a verdict calls it by.
///
/// # Panics
/// Beyond four threads.
pub fn spawn<T: 'static>(name: impl Into<String>, body: impl FnOnce() -> T + 'static) -> Handle<T> {
    spawn_one(name.into(), Box::new(body))
}

fn spawn_one<T: 'static>(name: String, body: Box<dyn FnOnce() -> T>) -> Handle<T> {
    let thread = thread::spawn(move || {
        log().name(thread::current().id(), name);
        body()
    });
    Handle { thread }
}

/// Lets the other threads go first.
pub fn yield_now() {
    calls::note_yield();
    thread::yield_now();
}

impl<T> Handle<T> {
    /// Waits until the thread has ended, and returns what it returned.
    ///
    /// # Panics
    /// If it panicked, which ends the test before.
    pub fn join(self) -> T {
        let id = self.thread.thread().id();
        let result = self.thread.join().expect("a thread that panics ends the test");
        calls::note_end(log().find(id));
        result
    }
}

impl Place {
    /// Runs the consumer in this place, and returns what it returns.
    pub fn run<T: 'static>(self, consumer: impl FnOnce() -> T + 'static) -> T {
        match self {
            Self::SpawnedLast => spawn("consumer", consumer).join(),
            Self::Main | Self::MainYielding => {
                log().name(thread::current().id(), "consumer".into());
                if self == Self::MainYielding {
                    yield_now();
                }
                consumer()
            }
        }
    }
}

impl Witness {
    /// It happened, if `seen`.
    pub fn note_if(&self, seen: bool) {
        if seen {
            self.0.fetch_add(1, Relaxed);
        }
    }

    /// Whether it happened at all.
    pub fn is_seen(&self) -> bool {
        self.0.load(Relaxed) > 0
    }
}
