//! In the child: what a test's body says about itself, and how it ends.

use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::env;
use std::fmt::Display;
use std::fs;
use std::io::Write;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::panic::{self, AssertUnwindSafe, Location, PanicHookInfo};
use std::sync::{Mutex, OnceLock};
use std::{process, thread};

use crate::fds::{Kind, Watch};
use crate::kernel;
use crate::lanes::Move;
use crate::mistake::Mistake;
use crate::threads::Proc;
use crate::whereabouts;
use crate::wire::{Outcome, Record};

/// The label of a descriptor that was there before the test: the watch-dog's, and what a terminal leaves open.
pub(crate) const INHERITED: &str = "inherited";

/// Where a path begins that a learner knows.
const TOPS: [&str; 2] = ["exercises", "solutions"];
/// Where answers are.
const ANSWERS: [&str; 4] = ["exercises/src/", "exercises/stubs/", "exercises/wrong/", "solutions/"];

/// To the watch-dog. Unset outside of a child, where nobody listens.
static WATCH_DOG: OnceLock<UnixStream> = OnceLock::new();
static SMALLEST: Mutex<Option<Outcome>> = Mutex::new(None);
/// What was told last: a loop that spins shall not tell the same each time.
static FACTS: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());
/// Who knows what the threads of a model did.
static MOVES: OnceLock<fn() -> Vec<Move>> = OnceLock::new();
/// Who knows what a panic of the answer means.
static PANIC_MEANS: OnceLock<fn(&str) -> Option<Mistake>> = OnceLock::new();

thread_local! {
    static PANIC_IS_WANTED: Cell<bool> = const { Cell::new(false) };
    /// Whether a failure is an input to make smaller first: on this thread, which can begin anew with another.
    static SHRINKING: Cell<bool> = const { Cell::new(false) };
}

/// A failed check, on its way to who makes the input smaller.
struct Failed;

/// Runs a test's body, tells the watch-dog how it went, and waits to be ended.
pub(crate) fn run(whose: &str, body: Box<dyn FnOnce() + '_>) -> ! {
    let _ = WATCH_DOG.set(kernel::standard_input());
    for inherited in Proc::new(process::id()).numbers("fd").unwrap_or_default() {
        name(inherited.cast_signed(), INHERITED);
    }
    whereabouts::be_ready();
    panic::set_hook(Box::new(on_panic));
    this_thread_is(whose);
    body();
    end(Outcome::Passed)
}

/// Tells the watch-dog what this thread is for.
pub(crate) fn this_thread_is(whose: &str) {
    if let Some(tid) = this_thread() {
        tell(&Record::Thread(tid, whose.to_string()));
    }
}

/// What the epoll instances of this process watch; nothing, if the kernel does not tell.
pub fn watches() -> Vec<Watch> {
    let fds = Proc::new(process::id()).fds(&HashMap::new()).unwrap_or_default();
    let sets = fds.into_iter().filter_map(|fd| if let Kind::Epoll(set) = fd.kind { Some(set) } else { None });
    sets.flatten().collect()
}

/// The number of this thread.
pub(crate) fn this_thread() -> Option<u32> {
    // The link reads `PID/task/TID`.
    fs::read_link("/proc/thread-self").ok()?.file_name()?.to_str()?.parse().ok()
}

/// Says what the test does now; the verdict on a hang says it too. A clause without a full stop: `the client has sent
/// 4 bytes and waits for them to come back`.
pub fn step(what: impl Display) {
    tell(&Record::Step(what.to_string()));
}

/// Says what a descriptor is for, as the verdict on a hang shall call it: `the client's socket`.
pub fn label(descriptor: &impl AsFd, what: impl Display) {
    name(descriptor.as_fd().as_raw_fd(), &what.to_string());
}

fn name(fd: i32, what: &str) {
    if let Ok(link) = fs::read_link(format!("/proc/self/fd/{fd}")) {
        tell(&Record::Label(fd, link.to_string_lossy().into_owned(), what.to_string()));
    }
}

/// Tells a number that the test knows, for who [explains](crate::Task::explain) a hang.
pub fn fact(name: &str, value: usize) {
    let before = FACTS.lock().ok().and_then(|mut facts| facts.insert(name.to_string(), value));
    if before != Some(value) {
        tell(&Record::Fact(name.to_string(), value as u64));
    }
}

/// Tells the watch-dog which lines of the answer this stack goes through.
pub(crate) fn tell_where(stack: &Backtrace) {
    let lines = lines_of(&stack.to_string());
    let (innermost, callers) = lines.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    let file = innermost.rsplit_once(':').map_or("", |(file, _)| file);
    let callers: String = callers
        .iter()
        .map(|caller| match caller.strip_prefix(file).and_then(|rest| rest.strip_prefix(':')) {
            Some(line) => format!(", called from line {line}"),
            None => format!(", called from {caller}"),
        })
        .collect();
    tell(&Record::Where(format!("{innermost}{callers}")));
}

/// Ends the test: this mistake was made, and this is what was seen of it.
///
/// # Panics
/// Under [`property`], which tries smaller inputs before it ends the test.
#[track_caller]
pub fn fail(mistake: Mistake, seen: impl Display) -> ! {
    let at = place(Location::caller());
    // What testkit itself has noticed was noticed in a call from the answer.
    let at = if at.starts_with("testkit/") { yours().unwrap_or(at) } else { at };
    fail_there(mistake, &seen, at)
}

/// As [`fail`], in a model: the place is known, and its stack is too small to look for it.
///
/// # Panics
/// As [`fail`].
pub fn fail_at(mistake: Mistake, seen: impl Display, at: Option<&Location<'_>>) -> ! {
    fail_there(mistake, &seen, at.map_or_else(String::new, place))
}

/// Who knows what the threads of a model did: if the test fails, the verdict shows it.
pub fn show_moves(moves: fn() -> Vec<Move>) {
    let _ = MOVES.set(moves);
}

fn fail_there(mistake: Mistake, seen: &dyn Display, at: String) -> ! {
    let outcome = Outcome::wrong(mistake, seen.to_string(), at);
    if WATCH_DOG.get().is_none() {
        panic!("{}: {seen}", mistake.name);
    }
    if SHRINKING.get() {
        remember(outcome);
        panic::panic_any(Failed);
    }
    end(outcome)
}

/// Ends the test: it is passed, whatever is still running.
pub fn pass() -> ! {
    end(Outcome::Passed)
}

/// Runs a property, such as `quickcheck`'s: when it fails, the verdict is that on the smallest input that fails.
pub fn property(run: impl FnOnce()) {
    SHRINKING.set(true);
    run();
    SHRINKING.set(false);
}

/// From now on, a panic with these words is that mistake.
pub fn panic_means(means: fn(&str) -> Option<Mistake>) {
    let _ = PANIC_MEANS.set(means);
}

/// Whether `body` panics, as it should.
pub fn panics(body: impl FnOnce()) -> bool {
    panics_when_called(Box::new(body))
}

fn panics_when_called(body: Box<dyn FnOnce() + '_>) -> bool {
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
    let at = if at.starts_with('/') { yours().unwrap_or(at) } else { at };
    let crash = match PANIC_MEANS.get().and_then(|means| means(&text)) {
        Some(mistake) => Outcome::wrong(mistake, format!("It panicked: {text}"), at),
        None => Outcome::Crashed(text, at),
    };
    if SHRINKING.get() {
        return remember(crash);
    }
    end(crash)
}

/// What failed last, with the input that quickcheck could not make smaller.
fn smallest(found: &str) -> Outcome {
    let arguments = found.find("Arguments").map_or("", |at| found[at..].lines().next().unwrap_or_default());
    match SMALLEST.lock().ok().and_then(|mut smallest| smallest.take()) {
        Some(Outcome::Wrong(name, chapter, seen, at)) => {
            Outcome::Wrong(name, chapter, format!("{seen}\n{arguments}"), at)
        }
        Some(Outcome::Crashed(what, at)) => Outcome::Crashed(format!("{what}\n{arguments}"), at),
        other => other.unwrap_or_else(|| Outcome::Crashed(found.to_string(), String::new())),
    }
}

/// What fails is made smaller, which takes its time, and a smaller input may be one that hangs.
fn remember(outcome: Outcome) {
    tell(&Record::SoFar(outcome.clone()));
    if let Ok(mut smallest) = SMALLEST.lock() {
        *smallest = Some(outcome);
    }
}

/// Tells the watch-dog, who then ends this process and all that it started.
fn end(outcome: Outcome) -> ! {
    let moves = MOVES.get().filter(|_| outcome != Outcome::Passed).map_or_else(Vec::new, |moves| moves());
    moves.into_iter().for_each(|step| tell(&Record::Move(step)));
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

/// The line of the answer that led here.
fn yours() -> Option<String> {
    lines_of(&Backtrace::force_capture().to_string()).into_iter().next()
}

/// The lines of the answer in a backtrace, the innermost first.
fn lines_of(backtrace: &str) -> Vec<String> {
    let here = env::current_dir().unwrap_or_default();
    let places = backtrace.lines().filter_map(|line| line.trim_start().strip_prefix("at "));
    // What is beneath this folder is shown as `./tests/01_echo.rs:7:5`, with the column at the end.
    let lines = places.map(|place| here.join(place.rsplit_once(':').map_or(place, |(line, _)| line)));
    lines
        .map(|line| tidy(&line.to_string_lossy()))
        .filter(|line| ANSWERS.iter().any(|folder| line.starts_with(folder)))
        .collect()
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
    let top = parts.iter().position(|part| TOPS.contains(part)).unwrap_or(0);
    parts[top..].join("/")
}
