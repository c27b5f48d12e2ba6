//! What a model has done with its ring, in this execution and in all of them.

use std::panic::Location;
use std::sync::{Mutex, MutexGuard, PoisonError};

use testkit::{Chapter, Mistake};

use crate::log::{What, log, step};

/// A call of a ring, and what it returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// An item was put. `false`: the ring was full.
    Put(usize, bool),
    /// An item was got, if there was one.
    Get(Option<usize>),
}

/// What a model has done with its ring.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// How many executions there were.
    pub executions: u64,
    /// How many of them there may be at most.
    pub most: u64,
    /// The size that the model asked for last.
    pub size: usize,
    /// The calls of this execution: the thread, and what it did.
    pub calls: Vec<(usize, Call)>,
    /// How many threads have been started in this execution.
    pub started: usize,
    /// The items of this execution, and the threads that began to put them.
    pub begun: Vec<(usize, usize)>,
    /// The threads of this execution that have been waited for.
    pub ended: Vec<usize>,
    /// How many threads put items, at most.
    pub producers: usize,
    /// How many items were put in an execution, at most.
    pub puts: usize,
    /// Whether the ring was emptied in this execution.
    pub drained_now: bool,
    /// Whether a put was refused.
    pub refused: bool,
    /// Whether a get found an item whose producer had not been waited for.
    pub met: bool,
    /// Whether a get was tried while a producer had not been waited for: in the main thread, in another.
    pub early: [bool; 2],
    /// Whether a get was tried after all producers had been waited for, and found nothing.
    pub drained: bool,
    /// Whether a thread got while another, that had got before, had not been waited for.
    pub two_consumers: bool,
    /// Whether anything was tried to be got.
    pub gets: bool,
    /// Whether an item came out that nobody had put.
    pub strange: bool,
    /// Whether a ring that had been emptied had lost what it had accepted.
    pub lost: bool,
    /// Whether two items of one producer were in the ring at once.
    pub two_at_once: bool,
    /// Whether a put began while another producer had not been waited for.
    pub puts_met: bool,
    /// Whether threads that were started have put equal items, in one execution.
    pub equal_items: bool,
    /// How often a thread of this execution has let the others run.
    pub yields: usize,
    /// The thread that panicked, in this execution.
    pub panicked: Option<usize>,
}

const TOO_SMALL: Mistake = Mistake::new("the ring has less than two slots", Chapter::MpscQueue);

static SEEN: Mutex<Option<Seen>> = Mutex::new(None);

fn lock() -> MutexGuard<'static, Option<Seen>> {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What has been seen so far, when all executions are over or one has failed.
pub(crate) fn seen() -> Seen {
    let mut seen = lock().clone().unwrap_or_default();
    seen.conclude();
    seen
}

/// A new execution begins, of so many at most. Returns which it is.
pub(crate) fn clear(most: u64) -> u64 {
    let mut seen = lock();
    let seen = seen.get_or_insert_with(Seen::default);
    seen.conclude();
    seen.executions += 1;
    seen.most = most;
    seen.calls.clear();
    seen.ended.clear();
    seen.begun.clear();
    seen.started = 0;
    seen.drained_now = false;
    seen.yields = 0;
    seen.executions
}

#[track_caller]
pub(crate) fn note_size(size: usize) {
    if size < 2 {
        let seen = format!("The model makes a ring of {size} slots; an article's ring of one slot holds nothing.");
        testkit::fail_at(TOO_SMALL, seen, Some(Location::caller()));
    }
    lock().get_or_insert_with(Seen::default).size = size;
}

/// Counts a thread that is started. Returns its number.
pub(crate) fn count_start() -> usize {
    let mut seen = lock();
    let seen = seen.get_or_insert_with(Seen::default);
    seen.started += 1;
    seen.started
}

pub(crate) fn note_end(thread: usize) {
    lock().get_or_insert_with(Seen::default).ended.push(thread);
}

pub(crate) fn note_yield() {
    lock().get_or_insert_with(Seen::default).yields += 1;
}

/// Notes that a put begins: its item may come out before it returns.
pub(crate) fn note_begin(item: usize) {
    let id = loom::thread::current().id();
    let thread = log().find(id);
    lock().get_or_insert_with(Seen::default).begin(thread, item);
}

/// Notes a call of the learner's, when it returns.
#[track_caller]
pub(crate) fn note<R>(call: impl FnOnce() -> R, which: impl FnOnce(&R) -> Call) -> R {
    let at = Location::caller();
    let result = call();
    let call = which(&result);
    step(0, at, || (), |()| What::Call(call));
    let thread = log().steps.last().map_or(0, |step| step.thread);
    lock().get_or_insert_with(Seen::default).add(thread, call);
    result
}

impl Seen {
    /// An execution is over.
    fn conclude(&mut self) {
        let lost = self.accepted().any(|(_, item)| !self.received().any(|got| got == item));
        self.lost |= self.drained_now && lost;
    }

    fn begin(&mut self, thread: usize, item: usize) {
        let is_main = |thread| log().is_main(thread);
        let equals = |(whose, begun): &(usize, usize)| *begun == item && !is_main(*whose);
        self.equal_items |= !is_main(thread) && self.begun.iter().any(equals);
        self.puts_met |= self.begun.iter().any(|(whose, _)| *whose != thread && !self.ended.contains(whose));
        self.begun.push((thread, item));
    }

    fn add(&mut self, thread: usize, call: Call) {
        let putters = self.producers_now();
        match call {
            Call::Put(_, taken) => self.refused |= !taken,
            Call::Get(found) => {
                self.gets = true;
                let another = |(whose, call): &(usize, Call)| {
                    matches!(call, Call::Get(_))
                        && *whose != thread
                        && !self.ended.contains(whose)
                        && !log().is_main(*whose)
                };
                self.two_consumers |= self.calls.iter().any(another);
                let waits = putters.iter().any(|putter| *putter != thread && !self.ended.contains(putter));
                // What the main thread puts before it starts the others does not count.
                let begun = putters.iter().any(|putter| !log().is_main(*putter));
                self.early[usize::from(!log().is_main(thread))] |= waits || !begun;
                self.drained_now |= found.is_none() && !waits && (begun || self.started == 0 && !putters.is_empty());
                self.drained |= self.drained_now;
                self.strange |= found.is_some_and(|item| self.putter(item).is_none());
                let putter = found.and_then(|item| self.putter(item));
                self.met |= putter.is_some_and(|putter| putter != thread && !self.ended.contains(&putter));
            }
        }
        self.calls.push((thread, call));
        let putters = self.producers_now();
        self.producers = self.producers.max(putters.len());
        let puts = self.calls.iter().filter(|(_, call)| matches!(call, Call::Put(..)));
        self.puts = self.puts.max(puts.count());
        for putter in putters {
            let left =
                self.accepted().filter(|(whose, item)| *whose == putter && !self.received().any(|it| it == *item));
            self.two_at_once |= left.count() > 1;
        }
    }

    /// The threads that have put something, in this execution.
    fn producers_now(&self) -> Vec<usize> {
        let mut putters: Vec<_> =
            self.calls.iter().filter(|(_, call)| matches!(call, Call::Put(..))).map(|(thread, _)| *thread).collect();
        putters.sort_unstable();
        putters.dedup();
        putters
    }

    /// Which thread put which items that were taken, in this execution.
    pub fn accepted(&self) -> impl Iterator<Item = (usize, usize)> {
        self.calls.iter().filter_map(|(thread, call)| match call {
            Call::Put(item, true) => Some((*thread, *item)),
            _ => None,
        })
    }

    /// What came out, in this execution.
    pub fn received(&self) -> impl Iterator<Item = usize> {
        self.calls.iter().filter_map(|(_, call)| if let Call::Get(item) = call { *item } else { None })
    }

    /// Whether a put was refused, in this execution.
    pub fn refused_now(&self) -> bool {
        self.calls.iter().any(|(_, call)| matches!(call, Call::Put(_, false)))
    }

    /// Whether the items came out as if each thread had put all of its own before the next began.
    pub fn in_thread_order(&self) -> bool {
        let putters: Vec<_> = self.received().filter_map(|item| self.putter(item)).collect();
        putters.is_sorted()
    }

    fn putter(&self, item: usize) -> Option<usize> {
        self.begun.iter().find(|(_, begun)| *begun == item).map(|(thread, _)| *thread)
    }
}
