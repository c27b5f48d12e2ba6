//! The steps of the present execution of a model.

use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use loom::thread::ThreadId;
use testkit::Move;

use crate::calls::Call;
use crate::model::Explored;

/// One step: what a thread did, to which variable, and where that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The thread, by the order in which the threads of the execution were named or did their first step.
    pub thread: usize,
    /// What was done.
    pub what: What,
    /// The address of the variable.
    pub variable: usize,
    /// The line.
    pub at: &'static Location<'static>,
}

/// What a step did. Values are as the variable's type converts to `u64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A load saw this value.
    Load(u64, Ordering),
    /// A store of this value.
    Store(u64, Ordering),
    /// A read-modify-write that found the first and left the second.
    Update(u64, u64, Ordering),
    /// A compare-and-swap that wanted the first and found the second.
    Refused(u64, u64, Ordering),
    /// Whatever a cell holds was written or read.
    Access,
    /// A ring was called by a model.
    Call(Call),
    /// A cell was about to be written or read, while another thread may have been at it.
    Race,
}

/// The present execution.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) steps: Vec<Step>,
    /// The step that was begun last. If the execution fails in a step, it is this one.
    pub(crate) begun: Option<Step>,
    /// The names of the threads.
    pub(crate) threads: Vec<(ThreadId, String)>,
    /// What all executions had.
    pub(crate) explored: Explored,
}

static LOG: Mutex<Log> = Mutex::new(Log {
    steps: Vec::new(),
    begun: None,
    threads: Vec::new(),
    explored: Explored { atomics: 0, cells: 0, arcs: 0 },
});
static MODELLING: AtomicBool = AtomicBool::new(false);

/// What the thread is called that runs the model.
const MAIN: &str = "main";
/// More than a person reads. What led to a failure is at the end.
const ENOUGH: usize = 16;

/// The log. Whoever fails while holding it leaves it as good as it was.
pub(crate) fn log() -> MutexGuard<'static, Log> {
    LOG.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether what is made now is part of a model.
pub(crate) fn modelling() -> bool {
    MODELLING.load(Relaxed)
}

pub(crate) fn set_modelling(modelling: bool) {
    MODELLING.store(modelling, Relaxed);
}

/// Notes the step `act`. What it did is known when it is done: other threads may have gone before.
pub(crate) fn step<R>(
    variable: usize,
    at: &'static Location<'static>,
    act: impl FnOnce() -> R,
    what: impl FnOnce(&R) -> What,
) -> R {
    let id = loom::thread::current().id();
    let step = log().begin(id, variable, at);
    let result = act();
    log().end(Step { what: what(&result), ..step });
    result
}

/// Notes an access to a cell, which lasts until what is returned is dropped: the answer's code runs meanwhile.
pub(crate) fn access(
    variable: usize,
    at: &'static Location<'static>,
    cell: &loom::cell::UnsafeCell<()>,
) -> loom::cell::MutPtr<()> {
    let id = loom::thread::current().id();
    let step = log().begin(id, variable, at);
    let access = cell.get_mut();
    log().end(step);
    access
}

impl Log {
    /// A new execution begins.
    pub(crate) fn clear(&mut self) {
        self.steps.clear();
        self.threads.clear();
        self.begun = None;
    }

    pub(crate) fn name(&mut self, id: ThreadId, name: String) {
        self.threads.push((id, name));
    }

    /// The number of a thread.
    pub(crate) fn find(&mut self, id: ThreadId) -> usize {
        self.threads.iter().position(|(known, _)| *known == id).unwrap_or_else(|| {
            self.name(id, MAIN.into());
            self.threads.len() - 1
        })
    }

    pub(crate) fn is_main(&self, thread: usize) -> bool {
        self.threads[thread].1 == MAIN
    }

    fn begin(&mut self, id: ThreadId, variable: usize, at: &'static Location<'static>) -> Step {
        let thread = self.find(id);
        let step = Step { thread, what: What::Access, variable, at };
        self.begun = Some(step);
        step
    }

    fn end(&mut self, step: Step) {
        match step.what {
            What::Access | What::Race => self.explored.cells += 1,
            What::Call(_) => {}
            _ => self.explored.atomics += 1,
        }
        self.steps.push(step);
    }

    /// The last steps, as a person reads them.
    pub(crate) fn moves(&self) -> Vec<Move> {
        // Whoever has written a model wants to see what it did with the ring, and not what the ring did within.
        let is_call = |step: &Step| matches!(step.what, What::Call(_));
        let calls_only = self.steps.iter().any(is_call);
        let shown: Vec<_> = self.steps.iter().enumerate().filter(|(_, step)| !calls_only || is_call(step)).collect();
        shown[shown.len().saturating_sub(ENOUGH)..]
            .iter()
            .map(|(index, step)| Move {
                thread: self.threads[step.thread].1.clone(),
                at: (step.at.file().to_string(), step.at.line()),
                what: step.what.words(self.newest(*index)),
            })
            .collect()
    }

    /// The name of the thread that has done most of late.
    pub(crate) fn busiest(&self) -> String {
        let late = &self.steps[self.steps.len().saturating_sub(ENOUGH)..];
        let busy = |thread: &usize| late.iter().filter(|step| step.thread == *thread).count();
        let busiest = (0..self.threads.len()).max_by_key(busy);
        busiest.map_or_else(String::new, |thread| self.threads[thread].1.clone())
    }

    /// The value that the variable of this step had before, if another thread has stored it.
    fn newest(&self, index: usize) -> Option<u64> {
        let step = &self.steps[index];
        let stores = self.steps[..index].iter().rev().filter(|store| store.variable == step.variable);
        stores.filter_map(|store| store.what.stored()).next().map(|(value, _)| value)
    }
}

impl What {
    /// What a store or an exchange has left there, and with which ordering.
    pub(crate) fn stored(self) -> Option<(u64, Ordering)> {
        match self {
            Self::Store(value, order) | Self::Update(_, value, order) => Some((value, order)),
            _ => None,
        }
    }

    /// What a load or an exchange has seen, and with which ordering.
    pub(crate) fn seen(self) -> Option<(u64, Ordering)> {
        match self {
            Self::Load(value, order) | Self::Update(value, _, order) | Self::Refused(_, value, order) => {
                Some((value, order))
            }
            _ => None,
        }
    }

    /// What an exchange that succeeded has found.
    pub(crate) fn found(self) -> Option<u64> {
        if let Self::Update(found, ..) = self { Some(found) } else { None }
    }

    fn words(self, newest: Option<u64>) -> String {
        match self {
            Self::Load(value, _) => match newest.filter(|newest| *newest != value) {
                Some(newest) => format!("sees {value}, not yet {newest}"),
                None => format!("sees {value}"),
            },
            Self::Store(value, _) => format!("stores {value}"),
            Self::Update(found, left, _) => format!("{found} becomes {left}"),
            Self::Refused(wanted, found, _) => format!("wants {wanted}, finds {found}"),
            Self::Access => "is at the slot".into(),
            Self::Call(Call::Put(item, true)) => format!("{item} is taken"),
            Self::Call(Call::Put(item, false)) => format!("{item} is refused"),
            Self::Call(Call::Get(Some(item))) => format!("{item} comes out"),
            Self::Call(Call::Get(None)) => "there is none".into(),
            Self::Race => "is at the slot too".into(),
        }
    }
}
