//! In the child: what a test's body says about itself, and how it ends.

use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::Cell;
use std::fmt::Display;
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::panic::{self, AssertUnwindSafe, Location, PanicHookInfo};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, OnceLock};
use std::{process, thread};

use crate::mistake::Mistake;
use crate::threads::Proc;
use crate::wire::{Outcome, Record};

/// The label of a descriptor that was there before the test: the watch-dog's, and what a terminal leaves open.
pub(crate) const INHERITED: &str = "inherited";

/// To the watch-dog. Unset outside of a child, where nobody listens.
static WATCH_DOG: OnceLock<UnixStream> = OnceLock::new();
/// Whether a failure is an input to make smaller first.
static SHRINKING: AtomicBool = AtomicBool::new(false);
static SMALLEST: Mutex<Option<Outcome>> = Mutex::new(None);

thread_local! {
    static PANIC_IS_WANTED: Cell<bool> = const { Cell::new(false) };
}

/// A failed check, on its way to who makes the input smaller.
struct Failed;

/// Runs a test's body, tells the watch-dog how it went, and waits to be ended.
pub(crate) fn run(body: impl FnOnce()) -> ! {
    let socket = io::stdin().as_fd().try_clone_to_owned().expect("a child has its watch-dog as standard input");
    let _ = WATCH_DOG.set(UnixStream::from(socket));
    for inherited in Proc::new(process::id()).numbers("fd").unwrap_or_default() {
        tell(&Record::Label(inherited.cast_signed(), INHERITED.into()));
    }
    panic::set_hook(Box::new(on_panic));
    this_thread_is("the test's");
    body();
    end(Outcome::Passed)
}

/// Tells the watch-dog what this thread is for.
pub(crate) fn this_thread_is(whose: &str) {
    // The link reads `PID/task/TID`.
    let tid = std::fs::read_link("/proc/thread-self").ok();
    if let Some(tid) = tid.as_deref().and_then(|link| link.file_name()?.to_str()?.parse().ok()) {
        tell(&Record::Thread(tid, whose.to_string()));
    }
}

/// Says what the test does now; the verdict on a hang says it too. A clause without a full stop: `the client has sent
/// 4 bytes and waits for them to come back`.
pub fn step(what: impl Display) {
    tell(&Record::Step(what.to_string()));
}

/// Says what a descriptor is for, as the verdict on a hang shall call it: `the client's socket`.
pub fn label(descriptor: &impl AsFd, what: impl Display) {
    tell(&Record::Label(descriptor.as_fd().as_raw_fd(), what.to_string()));
}

/// Ends the test: this mistake was made, and this is what was seen of it.
///
/// # Panics
/// Under [`property`], which tries smaller inputs before it ends the test.
#[track_caller]
pub fn fail(mistake: Mistake, seen: impl Display) -> ! {
    let outcome = Outcome::wrong(mistake, seen.to_string(), place(Location::caller()));
    if WATCH_DOG.get().is_none() {
        panic!("{}: {seen}", mistake.name);
    }
    if SHRINKING.load(Relaxed) {
        remember(outcome);
        panic::panic_any(Failed);
    }
    end(outcome)
}

/// Runs a property, such as `quickcheck`'s: when it fails, the verdict is that on the smallest input that fails.
pub fn property(run: impl FnOnce()) {
    SHRINKING.store(true, Relaxed);
    run();
    SHRINKING.store(false, Relaxed);
}

/// Whether `body` panics, as it should.
pub fn panics(body: impl FnOnce()) -> bool {
    PANIC_IS_WANTED.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(body));
    PANIC_IS_WANTED.set(false);
    result.is_err()
}

fn on_panic(info: &PanicHookInfo<'_>) {
    let text = text(info.payload());
    let at = info.location().map_or_else(String::new, place);
    if let Some(what) = text.strip_prefix("not yet implemented") {
        end(Outcome::NotStarted(what.trim_start_matches(": ").to_string(), at));
    }
    if PANIC_IS_WANTED.get() || info.payload().is::<Failed>() {
        return;
    }
    if let Some(found) = text.strip_prefix("[quickcheck] TEST FAILED") {
        end(smallest(found));
    }
    let crash = Outcome::Crashed(text, yours(&at).unwrap_or(at));
    if SHRINKING.load(Relaxed) {
        return remember(crash);
    }
    end(crash)
}

/// What failed last, with the input that quickcheck could not make smaller.
fn smallest(found: &str) -> Outcome {
    let arguments = found.lines().next().unwrap_or_default().trim_start_matches(['.', ' ']);
    match SMALLEST.lock().ok().and_then(|mut smallest| smallest.take()) {
        Some(Outcome::Wrong(name, chapter, seen, at)) => {
            Outcome::Wrong(name, chapter, format!("{seen}\n{arguments}"), at)
        }
        Some(Outcome::Crashed(what, at)) => Outcome::Crashed(format!("{what}\n{arguments}"), at),
        other => other.unwrap_or_else(|| Outcome::Crashed(found.to_string(), String::new())),
    }
}

fn remember(outcome: Outcome) {
    if let Ok(mut smallest) = SMALLEST.lock() {
        *smallest = Some(outcome);
    }
}

/// Tells the watch-dog, who then ends this process and all that it started.
fn end(outcome: Outcome) -> ! {
    tell(&Record::Outcome(outcome));
    loop {
        thread::park();
    }
}

fn tell(record: &Record) {
    if let Some(mut watch_dog) = WATCH_DOG.get() {
        // Nobody to tell: the watch-dog is gone, and takes this process along.
        let _ = watch_dog.write_all(&record.to_bytes());
    }
}

fn text(payload: &dyn Any) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without words".to_string())
}

fn place(location: &Location<'_>) -> String {
    format!("{}:{}", tidy(location.file()), location.line())
}

/// If a panic is not in a file of the workspace: the line of the workspace that led to it.
fn yours(at: &str) -> Option<String> {
    if !at.starts_with('/') && !at.is_empty() {
        return None;
    }
    lines_of(&Backtrace::force_capture().to_string()).into_iter().next()
}

/// The lines of exercises in a backtrace, the innermost first.
pub(crate) fn lines_of(backtrace: &str) -> Vec<String> {
    let places = backtrace.lines().filter_map(|line| line.trim_start().strip_prefix("at "));
    let places = places.filter(|place| ["exercises/", "solutions/"].iter().any(|folder| place.contains(folder)));
    places.map(|place| tidy(place.rsplit_once(':').map_or(place, |(line, _column)| line))).collect()
}

/// A path as the learner knows it: from the top of the workspace, and without detours.
pub(crate) fn tidy(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let top = parts.iter().position(|part| ["exercises", "solutions"].contains(part)).unwrap_or(0);
    parts[top..].join("/")
}
