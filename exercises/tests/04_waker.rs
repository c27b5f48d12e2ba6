//! To prove: a wake is an event for whoever watches the descriptor edge-triggered, now or later; each time, from any
//! thread, and whatever the counter is; and no wake ever sleeps.
//!
//! The tests go from easy to nasty. `Watched` is a waker in an epoll instance, edge-triggered, as a loop has it.

#[cfg_attr(feature = "solutions", path = "../../solutions/04_waker.rs")]
#[cfg_attr(not(feature = "solutions"), path = "../src/04_waker.rs")]
#[allow(clippy::todo, missing_docs, unreachable_pub, unsafe_code, unused, reason = "it may be a beginning")]
mod answer;

// As in the engine, whose module the answer rebuilds.
use reactor::sys;

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::mem;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use answer::Waker;
use quickcheck::QuickCheck;
use reactor::{Epoll, Events, Interest, Token};
use testkit::{Chapter, Evidence, Kind, Mistake, Task, Way, check, fail};

const NO_EVENTFD: Mistake = Mistake::new("the descriptor is no eventfd", Chapter::SelfWake);
const CLOSED: Mistake = Mistake::new("the descriptor is closed too early", Chapter::SelfWake);
const LEFT_OPEN: Mistake = Mistake::new("the descriptor is never closed", Chapter::SelfWake);
const INHERITED: Mistake = Mistake::new("a child would inherit the eventfd", Chapter::SelfWake);
const BORN_READY: Mistake = Mistake::new("the descriptor is ready before anybody wakes", Chapter::SelfWake);
const ADDS_NOTHING: Mistake = Mistake::new("a wake adds nothing to the counter", Chapter::SelfWake);
const ADDS_MORE: Mistake = Mistake::new("a wake adds more than 1 to the counter", Chapter::SelfWake);
const BYTE_ORDER: Mistake = Mistake::new("the eight bytes are not in the machine's order", Chapter::SelfWake);
const REFUSED: Mistake = Mistake::new("the kernel refuses what is written", Chapter::SelfWake);
const FAILS: Mistake = Mistake::new("a call fails that should not", Chapter::SelfWake);
const TAKEN_BACK: Mistake = Mistake::new("a wake takes itself back", Chapter::SelfWake);
const ONCE_ONLY: Mistake = Mistake::new("only the first wake is an event", Chapter::SelfWake);
const TAKEN_AWAY: Mistake = Mistake::new("a wake takes those before it away", Chapter::SelfWake);
const TWO_EVENTS: Mistake = Mistake::new("an event is reported that did not happen", Chapter::SelfWake);
const SLEEPS_ON: Mistake = Mistake::new("a wake does not end the wait", Chapter::SelfWake);
const EMPTY_READ: Mistake = Mistake::new("a wake sleeps until there is something to read", Chapter::SelfWake);
const FULL_SLEEPS: Mistake = Mistake::new("a wake sleeps while the counter is full", Chapter::SelfWake);
const FULL_FAILS: Mistake = Mistake::new("a full counter is taken for a failure", Chapter::SelfWake);
const FULL_LOST: Mistake = Mistake::new("a wake is lost when the counter is full", Chapter::SelfWake);
const FULL_READ_ONLY: Mistake = Mistake::new("a full counter is read and the wake forgotten", Chapter::SelfWake);
const NO_ROOM_MADE: Mistake = Mistake::new("the kernel refuses what is to make room", Chapter::SelfWake);
const SEMAPHORE: Mistake = Mistake::new("a read takes 1 off the counter and leaves the rest", Chapter::SelfWake);
const PANICS: Mistake = Mistake::new("a wake panics", Chapter::SelfWake);
const FULL_PANICS: Mistake = Mistake::new("a full counter makes a wake panic", Chapter::SelfWake);
const FULL_SPINS: Mistake = Mistake::new("a full counter is written to again and again", Chapter::SelfWake);

/// What a full counter holds. One more, 2^64-1, is no number that the kernel takes.
const FULL: u64 = u64::MAX - 1;

#[test]
fn a_wake_is_an_event() {
    run(|| {
        let mut watched = Watched::new();
        let before = watched.events();
        check!(before == 0, BORN_READY, "the waker is new, and nobody has called wake; epoll tells of {before} event");

        watched.wake();

        watched.check_event("wake was called, and then epoll_wait");
    });
}

#[test]
fn each_wake_is_an_event_though_nobody_reads() {
    run(|| {
        let mut watched = Watched::new();
        for time in 1..4 {
            watched.wake();
            watched.check_event(&format!("wake was called for the time number {time}, and then epoll_wait"));
            let more = watched.events();
            check!(more == 0, TWO_EVENTS, "there was one wake and one event; the next wait tells of {more} more");
        }
    });
}

#[test]
fn wakes_that_nobody_has_heard_of_add_up_to_one_event() {
    run(|| {
        let mut watched = Watched::new();
        for _ in 0..3 {
            watched.wake();
        }
        watched.check_event("wake was called 3 times, and then epoll_wait");
        watched.check_counter(3);
    });
}

#[test]
fn the_descriptor_is_closed_with_the_waker_and_not_inherited() {
    run(|| {
        let before = eventfds();
        let waker = made();
        let number = waker.as_fd().as_raw_fd();
        let inherited = flags(&waker).is_some_and(|flags| flags & libc::O_CLOEXEC == 0);
        check!(!inherited, INHERITED, "the eventfd was made without EFD_CLOEXEC");
        wake(&waker, false);

        drop(waker);

        let left = what_is(number);
        check!(left.is_none(), LEFT_OPEN, "the waker is dropped, and fd {number} still leads to {left:?}");
        let more: Vec<_> = eventfds().into_iter().filter(|fd| !before.contains(fd)).collect();
        check!(
            more.is_empty(),
            LEFT_OPEN,
            "wake was called, the waker is dropped, and an eventfd is left: fd {more:?}"
        );
    });
}

#[test]
fn a_wake_ends_a_wait() {
    Task::new().explain(explain).run(|| {
        let mut watched = Watched::new();
        for _ in 0..3 {
            let waker = Arc::clone(&watched.waker);
            let yours = testkit::yours(move || {
                testkit::wait_until_still();
                wake(&waker, false);
            });
            testkit::step("the loop sleeps in epoll_wait without a time-out, and then a thread calls wake");
            good(watched.epoll.wait(&mut watched.events, None), "epoll_wait");
            yours.join();
        }
    });
}

#[test]
fn any_number_of_threads_may_wake_at_once() {
    Task::new().explain(explain).run(|| {
        let mut watched = Watched::new();
        watched.wake();
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let waker = Arc::clone(&watched.waker);
                testkit::yours(move || (0..100).for_each(|_| wake(&waker, false)))
            })
            .collect();
        for thread in threads {
            thread.join();
        }
        watched.check_event("wake was called once, and then by 4 threads 100 times each");
        watched.check_counter(401);
    });
}

#[test]
fn a_full_counter_stops_nobody() {
    run(|| {
        let mut watched = Watched::new();
        for _ in 0..2 {
            watched.fill();
            watched.check_event("the counter was put to 2^64-2");

            watched.wake();

            watched.check_event("the counter was at 2^64-2, wake was called and said Ok, and then epoll_wait");
        }
        let blocks = flags(&*watched.waker).is_some_and(|flags| flags & libc::O_NONBLOCK == 0);
        check!(!blocks, FULL_SLEEPS, "the eventfd was made without EFD_NONBLOCK: a wake that finds it full may sleep");
    });
}

#[test]
fn any_order_of_wakes_and_waits_is_heard_of() {
    /// Wakes, waits, reads, or fills the counter, and knows whether the next wait has an event.
    fn property(steps: Vec<u8>) {
        let mut watched = Watched::new();
        let mut is_ready = false;
        for step in steps {
            match step % 6 {
                0..3 => watched.wake(),
                3 => drop(watched.take()),
                4 => watched.fill(),
                _ if is_ready => watched.check_event("something has been written since the wait before"),
                _ => {
                    let events = watched.events();
                    check!(events == 0, TWO_EVENTS, "nothing has been written since; epoll tells of {events} event");
                }
            }
            is_ready = !matches!(step % 6, 3 | 5);
        }
    }
    run(|| testkit::property(|| QuickCheck::new().tests(40).quickcheck(property as fn(Vec<u8>))));
}

/// A waker, and who watches it.
struct Watched {
    waker: Arc<Waker>,
    /// Edge-triggered, as the engine's loop does it.
    epoll: Epoll,
    /// Level-triggered: whether the counter is 0 right now.
    level: Epoll,
    events: Events,
    is_full: bool,
    /// Whether the counter was full when wake was called last.
    was_full: bool,
}

impl Watched {
    #[track_caller]
    fn new() -> Self {
        let waker = made();
        let watch = |interest| {
            let epoll = Epoll::new().expect("the machine has descriptors left");
            testkit::label(&epoll, "the test's");
            epoll.add(&waker, Token(7), interest).expect("an eventfd can be watched");
            epoll
        };
        let (epoll, level) = (watch(Interest::READABLE | Interest::EDGE_TRIGGERED), watch(Interest::READABLE));
        Self { waker: Arc::new(waker), epoll, level, events: Events::with_capacity(8), is_full: false, was_full: false }
    }

    #[track_caller]
    fn wake(&mut self) {
        wake(&self.waker, self.is_full);
        self.was_full = self.is_full;
        self.is_full = false;
        testkit::fact("full", 0);
    }

    /// How many events there are since the wait before.
    fn events(&mut self) -> usize {
        self.epoll.wait(&mut self.events, Some(Duration::ZERO)).expect("epoll_wait does not fail");
        self.events.len()
    }

    #[track_caller]
    fn check_event(&mut self, seen: &str) {
        if self.events() == 0 {
            fail(self.unheard(), format_args!("{seen}: it tells of nothing"));
        }
    }

    /// Why is a wake no event?
    #[track_caller]
    fn unheard(&mut self) -> Mistake {
        let before = self.take();
        if self.was_full {
            return if before == 0 { FULL_READ_ONLY } else { FULL_LOST };
        }
        self.add(1);
        let said = self.waker.wake();
        match self.take() {
            _ if said.is_err() => FAILS,
            0 => TAKEN_BACK,
            1 => Self::adds_nothing(),
            _ => SLEEPS_ON,
        }
    }

    /// Does a wake never add anything, or only no more?
    #[track_caller]
    fn adds_nothing() -> Mistake {
        let mut new = Self::new();
        wake(&new.waker, false);
        if new.take() > 0 { ONCE_ONLY } else { ADDS_NOTHING }
    }

    /// Checks what so many wakes have added up to.
    #[track_caller]
    fn check_counter(&mut self, wakes: u64) {
        let counter = self.take();
        let seen = format!("wake was called {wakes} times, and the counter is {counter}");
        check!(counter != wakes.swap_bytes(), BYTE_ORDER, "{seen}, which is {wakes} with its highest byte first");
        check!(counter <= wakes, ADDS_MORE, "{seen}");
        check!(counter != 0, TAKEN_BACK, "{seen}");
        wake(&self.waker, false);
        check!(counter == wakes || self.take() > 0, ONCE_ONLY, "{seen}");
        check!(counter == wakes, TAKEN_AWAY, "{seen}: to read before a write takes other threads' wakes away");
    }

    /// Reads the counter, which sets it to 0. Never sleeps, whether or not the descriptor does.
    #[track_caller]
    fn take(&mut self) -> u64 {
        if !self.is_readable() {
            return 0;
        }
        let mut counter = [0; 8];
        File::from(self.descriptor()).read_exact(&mut counter).expect("it is readable");
        check!(!self.is_readable(), SEMAPHORE, "the counter was read, and is not 0: EFD_SEMAPHORE makes it so");
        u64::from_ne_bytes(counter)
    }

    fn is_readable(&mut self) -> bool {
        self.level.wait(&mut self.events, Some(Duration::ZERO)).expect("epoll_wait does not fail");
        !self.events.is_empty()
    }

    /// Puts the counter to its maximum.
    #[track_caller]
    fn fill(&mut self) {
        self.take();
        self.add(FULL);
        self.is_full = true;
        testkit::fact("full", 1);
    }

    fn add(&self, number: u64) {
        File::from(self.descriptor()).write_all(&number.to_ne_bytes()).expect("the counter has room");
    }

    fn descriptor(&self) -> OwnedFd {
        self.waker.as_fd().try_clone_to_owned().expect("the machine has descriptors left")
    }
}

/// Runs a test that knows what its hangs mean.
#[track_caller]
fn run<F: FnOnce()>(body: F) {
    Task::new().yours().explain(explain).run(body);
}

/// Which mistake leaves this trace?
fn explain(evidence: &Evidence) -> Option<(Mistake, String)> {
    let is_full = evidence.fact("full") == Some(1);
    let call = evidence.your_call();
    let name = call.map_or("", |call| call.name());
    let counter =
        evidence.your_fds().find_map(|fd| if let Kind::EventFd(count) = fd.kind { Some(count) } else { None });
    let counter = counter.map_or("not to be seen".to_string(), |count| count.to_string());
    match (evidence.way, name) {
        (Way::Asleep, "epoll_wait") => {
            let seen = format!("wake was called, and the loop sleeps on in epoll_wait. The counter is {counter}.");
            Some((SLEEPS_ON, seen))
        }
        (Way::Asleep, "read") => {
            let seen = "Your thread has called wake, and sleeps in read: the counter is 0, and the eventfd is not set to \
                        non-blocking.";
            Some((EMPTY_READ, seen.into()))
        }
        (Way::Asleep | Way::Unfinished, _) if is_full => {
            let seen =
                format!("Your thread has called wake, and waits for the counter, which is {counter}, to have room.");
            Some((FULL_SLEEPS, seen))
        }
        (Way::Spinning, _) if is_full => {
            let refused = evidence.calls.iter().filter(|made| made.failed_with(libc::EAGAIN)).count();
            let seen = format!(
                "The counter is full, and wake does not come to an end; {refused} of its last {} calls say EAGAIN.",
                evidence.calls.len()
            );
            Some((FULL_SPINS, seen))
        }
        _ => None,
    }
}

/// A waker whose descriptor is what it has to be, as far as the kernel tells.
#[track_caller]
fn made() -> Waker {
    let waker = good(Waker::new(), "Waker::new");
    let number = waker.as_fd().as_raw_fd();
    if is_closed(number) {
        // To drop it would be to close the number once more.
        mem::forget(waker);
        fail(CLOSED, format_args!("Waker::new has returned, and fd {number} is not open"));
    }
    let kind = what_is(number).filter(|kind| kind != "anon_inode:[eventfd]");
    let seen = "A pipe or a socket keeps each byte, and is full after some thousands; an eventfd counts";
    check!(kind.is_none(), NO_EVENTFD, "fd {number} is {}. {seen}.", kind.unwrap_or_default());
    waker
}

/// Calls wake, which must come to a good end.
#[track_caller]
fn wake(waker: &Waker, is_full: bool) {
    let before = counter(waker);
    let mut said = None;
    testkit::panics(|| said = Some(waker.wake()));
    let number = waker.as_fd().as_raw_fd();
    check!(!is_closed(number), CLOSED, "wake has been called, and fd {number} is not open any more");
    let Some(said) = said else {
        let (mistake, counter) = if is_full { (FULL_PANICS, "at 2^64-2") } else { (PANICS, "small") };
        fail(mistake, format_args!("the counter is {counter}, and wake panicked"));
    };
    let Err(error) = said else { return };
    match error.raw_os_error() {
        Some(libc::EAGAIN) => {
            fail(FULL_FAILS, "the kernel said EAGAIN, and so did wake: who calls it can do nothing about it");
        }
        Some(libc::EINVAL) if is_full && counter(waker) == Some(FULL) => {
            let seen = "the counter stays at 2^64-2, and wake said EINVAL: a read wants room for eight bytes, and nothing \
                        but a read makes room";
            fail(NO_ROOM_MADE, seen);
        }
        Some(libc::EINVAL) if !is_full && counter(waker) != before => {
            let seen = "the write has added to the counter, and wake said EINVAL: the kernel refuses what came after";
            fail(FAILS, seen);
        }
        Some(libc::EINVAL) => {
            fail(REFUSED, "write said EINVAL: it takes eight bytes, no more and no less, up to 2^64-2");
        }
        _ => fail(FAILS, format_args!("wake said {error}")),
    }
}

#[track_caller]
fn good<T>(result: io::Result<T>, call: &str) -> T {
    result.unwrap_or_else(|error| fail(FAILS, format_args!("{call} said {error}")))
}

/// What a descriptor leads to, as the kernel names it.
fn what_is(number: i32) -> Option<String> {
    Some(fs::read_link(format!("/proc/self/fd/{number}")).ok()?.to_string_lossy().into_owned())
}

/// What an eventfd has counted, which the kernel prints in hexadecimal.
fn counter(descriptor: &impl AsFd) -> Option<u64> {
    u64::from_str_radix(&info(descriptor, "eventfd-count:")?, 16).ok()
}

fn eventfds() -> Vec<i32> {
    (0..1024).filter(|number| what_is(*number).is_some_and(|kind| kind.contains("eventfd"))).collect()
}

/// Whether a number leads nowhere, if the kernel tells of descriptors at all.
fn is_closed(number: i32) -> bool {
    what_is(0).is_some() && what_is(number).is_none()
}

/// The flags that open(2) knows, which the kernel prints in octal.
fn flags(descriptor: &impl AsFd) -> Option<i32> {
    i32::from_str_radix(&info(descriptor, "flags:")?, 8).ok()
}

/// What the kernel tells of a descriptor behind these words.
fn info(descriptor: &impl AsFd, words: &str) -> Option<String> {
    let info = fs::read_to_string(format!("/proc/self/fdinfo/{}", descriptor.as_fd().as_raw_fd())).ok()?;
    info.lines().find_map(|line| Some(line.strip_prefix(words)?.trim().to_owned()))
}
