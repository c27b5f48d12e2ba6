//! Judges a model: it must reject what is broken, and accept what is sound.

use std::panic::{self, PanicHookInfo};
use std::sync::Arc;

use testkit::Mistake;

use crate::calls::{self, Seen};
use crate::failure::words;
use crate::log::{log, modelling, set_modelling};
use crate::model::{Handle, spawn};

/// What a model has done wrong, and what was seen of it.
pub type Blame = (Mistake, String);

/// How many executions a ring is worth, and how many preemptions each may have.
type Limits = (usize, usize);
/// The last of the faults needs three, and is found after two to three thousand.
const BROKEN: Limits = (12_000, 3);
/// Whatever a model takes for a fault of a sound ring is seen soon.
const SOUND: Limits = (3000, 2);

/// Explores a model of a broken ring. The first panic is what the test wants. If there is none, `slipped` says why.
pub fn must_reject(model: fn(), slipped: fn(&Seen) -> Blame) {
    explore(model, BROKEN, |_| testkit::pass());
    let (mistake, why) = slipped(&calls::seen());
    testkit::fail_at(mistake, why, None);
}

/// Explores a model of a sound ring. If it panics, `blame` says what it has taken for a fault.
pub fn must_accept(model: fn(), blame: fn(&Seen, &str) -> Blame) {
    explore(model, SOUND, move |info| {
        let words = words(info).unwrap_or_default();
        let last = log().steps.last().map(|step| step.at);
        let of_the_model = info.location().filter(|at| at.file().contains("05_find_the_bug"));
        let mut seen = calls::seen();
        // loom's own panics come from outside of its threads.
        seen.panicked = of_the_model.map(|_| log().find(loom::thread::current().id()));
        let (mistake, why) = blame(&seen, words);
        let at = of_the_model.or(last);
        testkit::fail_at(mistake, why, at)
    });
}

fn explore(model: fn(), (most, preemptions): Limits, on_panic: impl Fn(&PanicHookInfo<'_>) + Send + Sync + 'static) {
    testkit::show_moves(|| if modelling() { log().moves() } else { Vec::new() });
    let before = Arc::new(panic::take_hook());
    let otherwise = Arc::clone(&before);
    panic::set_hook(Box::new(move |info| match words(info) {
        Some(words) if words.starts_with("not yet implemented") => otherwise(info),
        Some(_) => on_panic(info),
        // A panic without words is how a thread of loom's ends.
        None => {}
    }));
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.max_permutations = Some(most);
    set_modelling(true);
    builder.check(move || {
        log().clear();
        let execution = calls::clear(most as u64);
        if execution.is_multiple_of(100) {
            testkit::fact("executions", execution as usize);
            testkit::fact("computed before this execution", testkit::computed().as_millis() as usize);
        }
        model();
    });
    set_modelling(false);
    panic::set_hook(Box::new(move |info| before(info)));
}

/// Starts a thread of a model.
///
/// # Panics
/// Beyond four.
pub fn start<T: 'static>(body: impl FnOnce() -> T + 'static) -> Handle<T> {
    let started = calls::count_start();
    spawn(format!("thread {started}"), body)
}
