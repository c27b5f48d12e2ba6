//! To prove: every byte is written once and in its order, however little the kernel takes; the marks tell how much waits;
//! and the memory and the time follow what waits, not what has gone through.
//!
//! The tests go from easy to nasty. `Watched` is an outbox beside the bytes that must wait in it; `Taker` is a socket
//! that takes what it is told to.

#[cfg_attr(feature = "solutions", path = "../../solutions/09_outbox.rs")]
#[cfg_attr(not(feature = "solutions"), path = "../src/09_outbox.rs")]
#[allow(clippy::todo, missing_docs, unreachable_pub, unused, reason = "it may be a beginning")]
mod answer;

use std::io;
use std::os::unix::net::UnixStream;

use answer::{Outbox, Progress};
use quickcheck::{Gen, QuickCheck};
use reactor::{Epoll, Events, Interest, Token};
use testkit::Answer::{self, Fails, Takes};
use testkit::Chapter::{BlockingEcho, EdgeTriggered, HostileClients, LevelTriggered};
use testkit::{Evidence, Mistake, Taker, Task, Way, check, check_bytes, check_eq, fail, panics, show};

const NOT_KEPT: Mistake = Mistake::new("bytes are not kept", HostileClients);
const NOT_WRITTEN: Mistake = Mistake::new("what waits is not written", HostileClients);
const SENT_AGAIN: Mistake = Mistake::new("bytes that were taken are sent again", BlockingEcho);
const SHORT_WRITE: Mistake = Mistake::new("a short write is taken for a whole one", BlockingEcho);
const SKIPPED: Mistake = Mistake::new("bytes that were not taken are skipped", BlockingEcho);
const A_PART: Mistake = Mistake::new("not all that waits is offered at once", HostileClients);
const OTHER_ORDER: Mistake = Mistake::new("bytes are not in the order in which they were pushed", HostileClients);
const TRIES_AGAIN: Mistake = Mistake::new("it writes again after a short write", EdgeTriggered);
const TRIES_EAGAIN: Mistake = Mistake::new("EAGAIN is answered by trying again at once", LevelTriggered);
const TRIES_ERROR: Mistake = Mistake::new("a failure is answered by trying again", HostileClients);
const WRITES_NOTHING: Mistake = Mistake::new("write is called with nothing to write", HostileClients);
const EAGAIN_FATAL: Mistake = Mistake::new("EAGAIN is taken for a failure", LevelTriggered);
const EINTR_FATAL: Mistake = Mistake::new("EINTR is taken for a failure", BlockingEcho);
const EINTR_BLOCKS: Mistake = Mistake::new("EINTR is taken for a full socket", BlockingEcho);
const ERROR_LOST: Mistake = Mistake::new("a failure is not passed on", HostileClients);
const ERROR_DROPS: Mistake = Mistake::new("a failure makes it forget what waits", HostileClients);
const FAILS: Mistake = Mistake::new("a failure is made up", HostileClients);
const WRONG_PROGRESS: Mistake = Mistake::new("write_to does not say what was taken", HostileClients);
const NOT_EMPTY: Mistake = Mistake::new("an outbox that is empty is said to be blocked", HostileClients);
const NOT_BLOCKED: Mistake = Mistake::new("an outbox that is blocked is said to be empty", HostileClients);
const WRONG_LEN: Mistake = Mistake::new("len is not the number of bytes that wait", HostileClients);
const USED_AGAIN: Mistake = Mistake::new("an outbox that was emptied is not as a new one", HostileClients);
const CLEARED: Mistake = Mistake::new("an outbox that was cleared is not as a new one", HostileClients);
const CROSSED: Mistake = Mistake::new("the marks are crossed", HostileClients);
const MARKS: Mistake = Mistake::new("the marks do not tell how much waits", HostileClients);
const LOW_AT_NOTHING: Mistake = Mistake::new("an outbox is low only when it is empty", HostileClients);
const ERROR_PANICS: Mistake = Mistake::new("a failure makes it panic", HostileClients);
const HIGH_AT_MARK: Mistake = Mistake::new("an outbox at the mark is taken for above it", HostileClients);
const WRONG_HIGH: Mistake = Mistake::new("is_high does not tell who is above the mark", HostileClients);
const NEVER_LOW: Mistake = Mistake::new("an outbox is never low", HostileClients);
const ONE_MARK: Mistake = Mistake::new("there is no distance between the marks", HostileClients);
const LOW_BELOW_HALF: Mistake = Mistake::new("an outbox at half the mark is not taken for low", HostileClients);
const WRONG_LOW: Mistake = Mistake::new("is_low does not tell who is at half the mark", HostileClients);
const OVERFULL_AT_TWICE: Mistake = Mistake::new("an outbox at twice the mark is taken for above it", HostileClients);
const WRONG_OVERFULL: Mistake = Mistake::new("is_overfull does not tell who is above twice the mark", HostileClients);
const OVERFLOW: Mistake = Mistake::new("twice the mark overflows", HostileClients);
const KEEPS_MEMORY: Mistake = Mistake::new("an empty outbox keeps its memory", HostileClients);
const GROWS: Mistake = Mistake::new("the room of what was written is never used again", HostileClients);
const QUADRATIC: Mistake = Mistake::new("all that waits is moved for each short write", HostileClients);
const NO_EDGE: Mistake = Mistake::new("it waits for room while there is room", EdgeTriggered);
const MARK_PANICS: Mistake = Mistake::new("a question about the marks makes it panic", HostileClients);
const MARK_LOST: Mistake = Mistake::new("the mark is forgotten with the bytes", HostileClients);
const MARK_OVERFLOWS: Mistake = Mistake::new("one more than the mark overflows", HostileClients);
const ERROR_REPEATS: Mistake = Mistake::new("a failure makes it send again what was taken", HostileClients);
const COUNTS_LAST: Mistake = Mistake::new("only the last short write is counted", BlockingEcho);
const COUNTED_STILL: Mistake =
    Mistake::new("what was written still counts when its room is used again", HostileClients);
const PANICS: Mistake = Mistake::new("the outbox panics", HostileClients);
const COSTLY: Mistake = Mistake::new("the more waits, the longer takes each byte", HostileClients);
const EMPTIED_PANICS: Mistake = Mistake::new("an outbox that was emptied panics", HostileClients);
const ENDLESS: Mistake = Mistake::new("a call on the outbox does not return", HostileClients);

const KIB: usize = 1024;

#[test]
fn what_is_pushed_is_written_in_order() {
    run(|| {
        let mut outbox = Watched::new(100);
        outbox.push(b"hello");
        outbox.push(b", world");
        outbox.write(&[Takes(100)]);
        outbox.write(&[Takes(100)]);
    });
}

#[test]
fn a_short_write_leaves_the_rest() {
    run(|| {
        let mut outbox = Watched::new(100);
        outbox.push(b"hello, world");
        for count in [3, 1, 100] {
            outbox.write(&[Takes(count)]);
        }
    });
}

#[test]
fn a_full_socket_is_no_failure() {
    run(|| {
        let mut outbox = Watched::new(100);
        outbox.push(b"hello, world");
        for answer in [Fails(libc::EAGAIN), Takes(5), Fails(libc::EAGAIN), Takes(100)] {
            outbox.write(&[answer]);
        }
    });
}

#[test]
fn a_signal_changes_nothing() {
    run(|| {
        let mut outbox = Watched::new(100);
        outbox.push(b"hello, world");
        for answer in [Takes(5), Fails(libc::EAGAIN), Takes(100)] {
            outbox.write(&[Fails(libc::EINTR), Fails(libc::EINTR), answer]);
        }
    });
}

#[test]
fn a_failure_is_passed_on_and_nothing_forgotten() {
    run(|| {
        let mut outbox = Watched::new(100);
        outbox.push(b"hello, world");
        for errno in [libc::ECONNRESET, libc::EPIPE, libc::ETIMEDOUT] {
            outbox.write(&[Fails(errno)]);
            outbox.write(&[Takes(2)]);
        }
        outbox.write(&[Takes(0)]);
        outbox.write(&[Takes(100)]);
    });
}

#[test]
fn what_comes_later_goes_behind() {
    run(|| {
        let mut outbox = Watched::new(100);
        outbox.push(b"one, ");
        for (bytes, count) in [(&b"two, "[..], 3), (b"three, ", 9), (b"", 1), (b"four, ", 1), (b"five", 2)] {
            outbox.push(bytes);
            outbox.write(&[Takes(count)]);
        }
        outbox.write(&[Takes(100)]);
    });
}

#[test]
fn an_empty_outbox_is_as_a_new_one() {
    run(|| {
        Watched::new(4).use_it();
        let mut outbox = Watched::new(4);
        outbox.push(b"one, ");
        outbox.write(&[Takes(2)]);
        outbox.write(&[Takes(100)]);
        outbox.otherwise = Some(USED_AGAIN);
        outbox.use_it();
    });
}

#[test]
fn a_cleared_outbox_is_as_a_new_one() {
    run(|| {
        Watched::new(4).use_it();
        for taken in [1, 3, 9] {
            let mut outbox = Watched::new(4);
            outbox.push(b"one, two");
            outbox.write(&[Takes(taken)]);
            outbox.otherwise = Some(CLEARED);
            outbox.clear();
            outbox.use_it();
        }
    });
}

#[test]
fn a_slow_reader_gets_everything() {
    Task::new().explain(explain).run(|| {
        let (mut client, socket) = testkit::narrow_connection();
        let message: Vec<u8> = (0..250_000_u32).flat_map(u32::to_be_bytes).collect();
        socket.set_nonblocking(true).expect("a socket can be set to non-blocking");
        let mut outbox = Outbox::new(KIB);
        testkit::fact("waiting", message.len());
        calm(|| message.chunks(10_000).for_each(|bytes| outbox.push(bytes)));
        let kept = asked("len", || outbox.len());
        check_eq!(kept, message.len(), NOT_KEPT, "len, after 1000000 bytes were pushed; the mark is 1024");

        let yours = testkit::yours(move || {
            let epoll = Epoll::new().expect("the machine has descriptors left");
            epoll
                .add(&socket, Token(1), Interest::WRITABLE | Interest::EDGE_TRIGGERED)
                .expect("a socket can be watched");
            let mut events = Events::with_capacity(1);
            while !asked("is_empty", || outbox.is_empty()) {
                epoll.wait(&mut events, None).expect("epoll_wait does not fail");
                let result = asked("write_to", || outbox.write_to(&socket));
                testkit::fact("left", asked("len", || outbox.len()));
                let again = result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
                check!(!again, EAGAIN_FATAL, "write said EAGAIN, and so did write_to");
                check!(result.is_ok(), FAILS, "the client is there; write_to said {result:?}");
            }
        });
        let received = client.receive(message.len());
        check_bytes!(received, message, OTHER_ORDER, "1000000 bytes were pushed");
        testkit::step("the client has all bytes, so the outbox is empty");
        yours.join();
    });
}

#[test]
fn however_much_waits_is_offered_at_once() {
    run(|| {
        testkit::fact("waiting", 300 * KIB);
        let mut outbox = Watched::new(100);
        for _ in 0..3 {
            outbox.push(&[b'x'; 100 * KIB]);
        }
        outbox.write(&[Takes(250 * KIB)]);
        outbox.write(&[Takes(250 * KIB)]);
    });
}

#[test]
fn however_many_messages_wait_are_offered_at_once() {
    run(|| {
        let (socket, _peer) = UnixStream::pair().expect("the machine has descriptors left");
        socket.set_nonblocking(true).expect("a socket can be set to non-blocking");
        let mut outbox = Outbox::new(KIB);
        calm(|| (0..2000).for_each(|_| outbox.push(b"hello\n")));
        let progress = asked("write_to", || outbox.write_to(&socket));
        let is_empty = matches!(progress, Ok(Progress::Empty));
        check!(is_empty, A_PART, "2000 messages of 6 bytes wait, the socket has room, and write_to said {progress:?}");
    });
}

#[test]
fn above_the_mark_is_high() {
    run(|| {
        let Some((len, mark, got)) = disagrees(Outbox::is_high, |len, mark| len > mark) else {
            let got = said(usize::MAX, 5, Outbox::is_high);
            return check!(
                got == Some(false),
                MARK_OVERFLOWS,
                "5 bytes wait, the mark is {}; is_high {}",
                usize::MAX,
                says(got)
            );
        };
        let mistake = if got.is_none() {
            MARK_PANICS
        } else if agrees(Outbox::is_high, |len, mark| len >= mark) {
            HIGH_AT_MARK
        } else if agrees(Outbox::is_high, |len, mark| len > mark / 2) {
            CROSSED
        } else {
            WRONG_HIGH
        };
        fail(mistake, format_args!("{len} bytes wait, the mark is {mark}; is_high {}", says(got)));
    });
}

#[test]
fn at_half_the_mark_is_low() {
    run(|| {
        let Some((len, mark, got)) = disagrees(Outbox::is_low, |len, mark| len <= mark / 2) else {
            let got = said(usize::MAX, 5, Outbox::is_low);
            return check!(
                got == Some(true),
                MARK_OVERFLOWS,
                "5 bytes wait, the mark is {}; is_low {}",
                usize::MAX,
                says(got)
            );
        };
        let mistake = if got.is_none() {
            MARK_PANICS
        } else if agrees(Outbox::is_low, |_, _| false) {
            NEVER_LOW
        } else if agrees(Outbox::is_low, |len, _| len == 0) {
            LOW_AT_NOTHING
        } else if agrees(Outbox::is_low, |len, mark| len <= mark) || agrees(Outbox::is_low, |len, mark| len < mark) {
            ONE_MARK
        } else if agrees(Outbox::is_low, |len, mark| len < mark / 2)
            || agrees(Outbox::is_low, |len, mark| 2 * len < mark)
        {
            LOW_BELOW_HALF
        } else {
            WRONG_LOW
        };
        fail(mistake, format_args!("{len} bytes wait, the mark is {mark}; is_low {}", says(got)));
    });
}

#[test]
fn above_twice_the_mark_is_overfull() {
    run(|| {
        if let Some((len, mark, got)) = disagrees(Outbox::is_overfull, |len, mark| len > 2 * mark) {
            let at_twice = agrees(Outbox::is_overfull, |len, mark| len >= 2 * mark);
            let mistake = match got {
                None => MARK_PANICS,
                _ if at_twice => OVERFULL_AT_TWICE,
                _ => WRONG_OVERFULL,
            };
            fail(mistake, format_args!("{len} bytes wait, the mark is {mark}; is_overfull {}", says(got)));
        }
        for mark in [usize::MAX, usize::MAX / 2 + 1] {
            let got = said(mark, 5, Outbox::is_overfull);
            check!(got == Some(false), OVERFLOW, "5 bytes wait, the mark is {mark}; is_overfull {}", says(got));
        }
    });
}

#[test]
fn what_was_written_weighs_nothing() {
    run(|| {
        let mut outbox = Watched::new(4);
        outbox.push(b"a longer message");
        for _ in 0..8 {
            outbox.write(&[Takes(2)]);
            outbox.check_marks();
        }
    });
}

#[test]
fn an_empty_outbox_owns_no_memory() {
    run(|| {
        frees("everything has been written", |outbox| {
            let mut socket = Taker::new(&[Takes(usize::MAX)]);
            drop(outbox.write_to(&mut socket));
            check!(socket.last() >= 8 * KIB * KIB, A_PART, "8 MiB wait, and write was given {} bytes", socket.last());
        });
    });
}

#[test]
fn a_cleared_outbox_owns_no_memory() {
    run(|| frees("it has been cleared", Outbox::clear));
}

#[test]
fn many_empty_outboxes_own_no_memory() {
    run(|| {
        calm(|| {
            let mut outboxes: Vec<_> = (0..4000).map(|_| Outbox::new(KIB)).collect();
            let before = testkit::memory();
            for (number, outbox) in outboxes.iter_mut().enumerate() {
                outbox.push(&[b'x'; 4 * KIB]);
                if number % 2 == 0 {
                    drop(outbox.write_to(Taker::new(&[Takes(usize::MAX)])));
                } else {
                    outbox.clear();
                }
            }
            let left = testkit::memory().saturating_sub(before);
            let seen = "4 KiB were pushed to each of 4000, and written or cleared before the next";
            check!(left < 4 * KIB, KEEPS_MEMORY, "{seen}; the process has grown by {left} KiB");
        });
    });
}

#[test]
fn a_busy_outbox_does_not_grow() {
    run(|| {
        calm(|| {
            let (mut outbox, message) = (Outbox::new(KIB), vec![b'x'; 64 * KIB]);
            testkit::fact("waiting", message.len());
            outbox.push(b"a little more, so that it is never empty");
            let before = testkit::memory();
            for _ in 0..400 {
                outbox.push(&message);
                let mut socket = Taker::new(&[Takes(64 * KIB)]);
                drop(outbox.write_to(&mut socket));
                check!(
                    socket.last() > 64 * KIB,
                    A_PART,
                    "64 KiB and more wait, and write was given {} bytes",
                    socket.last()
                );
            }
            let grown = testkit::memory().saturating_sub(before);
            let seen = "never more than 65 KiB wait; 25 MiB have gone through";
            check!(grown < 4 * KIB, GROWS, "{seen}, and the process has grown by {grown} KiB");
        });
    });
}

#[test]
fn many_busy_outboxes_do_not_grow() {
    run(|| {
        calm(|| {
            let message = vec![b'x'; KIB];
            let mut outboxes: Vec<_> = (0..400).map(|_| Outbox::new(KIB)).collect();
            testkit::fact("waiting", message.len());
            outboxes.iter_mut().for_each(|outbox| outbox.push(&message));
            let before = testkit::memory();
            for _ in 0..100 {
                for outbox in &mut outboxes {
                    outbox.push(&message);
                    drop(outbox.write_to(Taker::new(&[Takes(KIB)])));
                }
            }
            let grown = testkit::memory().saturating_sub(before);
            let seen = "never more than 2 KiB wait in each of 400; 100 KiB have gone through each";
            check!(grown < 8 * KIB, GROWS, "{seen}, and the process has grown by {grown} KiB");
        });
    });
}

#[test]
fn a_short_write_costs_the_same_if_much_waits() {
    run(|| {
        calm(|| {
            const MUCH: usize = 512 * KIB;
            testkit::fact("waiting", MUCH);
            let (mut outbox, mut socket) = (Outbox::new(KIB), Taker::new(&[]));
            outbox.push(&[b'x'; MUCH]);
            for _ in 0..1_000 {
                for _ in 0..2 {
                    socket.then(Takes(100));
                    let waits = outbox.len();
                    drop(outbox.write_to(&mut socket));
                    let mistake = if socket.last() > waits { SENT_AGAIN } else { A_PART };
                    check_eq!(socket.last(), waits, mistake, "what write was given, of {waits} bytes");
                }
                outbox.push(&[b'x'; 200]);
            }
            let (moved, calls) = (socket.moved(), socket.calls());
            let seen = "512 KiB wait, of which 100 bytes are taken at a time";
            check!(
                moved < 100,
                QUADRATIC,
                "{seen}; after {moved} of {calls} writes the rest was somewhere else in memory"
            );
            check_eq!(outbox.len(), MUCH, WRONG_LEN, "{seen}, and as many are pushed");
        });
    });
}

#[test]
fn any_order_of_steps_writes_every_byte_once() {
    /// Pushes so many bytes, or writes and is told this.
    fn property(mark: u8, steps: Vec<(u8, u8)>) {
        let mut outbox = Watched::new(usize::from(mark));
        let mut letters = (b'a'..=b'z').cycle();
        for (what, count) in steps {
            let count = usize::from(count);
            match what % 8 {
                0..3 => outbox.push(&letters.by_ref().take(count).collect::<Vec<_>>()),
                3 => outbox.write(&[Fails(libc::EINTR), Takes(count)]),
                4 => outbox.write(&[Fails(libc::EAGAIN)]),
                5 => outbox.write(&[Fails(libc::EPIPE)]),
                6 if count > 200 => outbox.clear(),
                _ => outbox.write(&[Takes(count + 1)]),
            }
            outbox.check_marks();
        }
    }
    let mut small = QuickCheck::new().rng(Gen::new(40)).tests(100);
    run(|| testkit::property(|| small.quickcheck(property as fn(u8, Vec<(u8, u8)>))));
}

/// An outbox, and what must wait in it.
struct Watched {
    outbox: Outbox,
    high_water: usize,
    waiting: Vec<u8>,
    /// All that was pushed since it was empty.
    pushed: Vec<u8>,
    /// The mistake, whatever is wrong from now on.
    otherwise: Option<Mistake>,
}

impl Watched {
    fn new(high_water: usize) -> Self {
        let (outbox, waiting, pushed) = (Outbox::new(high_water), Vec::new(), Vec::new());
        Self { outbox, high_water, waiting, pushed, otherwise: None }
    }

    #[track_caller]
    fn push(&mut self, bytes: &[u8]) {
        let panicked = panics(|| self.outbox.push(bytes));
        self.check(!panicked, PANICS, format!("push({}) panicked", show(bytes)));
        self.waiting.extend_from_slice(bytes);
        self.pushed.extend_from_slice(bytes);
        if self.pushed.len() > self.waiting.len() {
            let panicked = panics(|| _ = self.outbox.len());
            self.check(!panicked, COUNTED_STILL, format!("after push({}), len panics", show(bytes)));
        }
        self.check_len(&format!("after push({})", show(bytes)), NOT_KEPT);
    }

    #[track_caller]
    fn clear(&mut self) {
        let panicked = panics(|| self.outbox.clear());
        self.check(!panicked, PANICS, "clear panicked".into());
        self.waiting.clear();
        self.pushed.clear();
        self.check_len("after clear", CLEARED);
    }

    /// Calls `write_to` with a socket that gives these answers, of which all but the last are `EINTR`.
    #[track_caller]
    fn write(&mut self, answers: &[Answer]) {
        let mut socket = Taker::new(answers);
        let mut result = None;
        panics(|| result = Some(self.outbox.write_to(&mut socket)));
        let (offers, last) = (if self.waiting.is_empty() { 0 } else { answers.len() }, answers[answers.len() - 1]);
        self.check_offered(socket.offered(), offers, answers);
        let seen = format!("{} waited, and write said {answers:?}", show(&self.waiting));
        let Some(result) = result else {
            let mistake = match last {
                _ if socket.offered().len() < offers => EINTR_FATAL,
                Fails(libc::EAGAIN) => EAGAIN_FATAL,
                Fails(_) => ERROR_PANICS,
                Takes(_) => PANICS,
            };
            self.wrong(mistake, format!("{seen}; write_to panicked"));
        };
        if socket.offered().len() < offers {
            let mistake = match &result {
                _ if socket.offered().is_empty() => NOT_WRITTEN,
                Err(_) => EINTR_FATAL,
                Ok(_) => EINTR_BLOCKS,
            };
            let called = times(socket.offered().len());
            self.wrong(mistake, format!("{seen}; write was called {called}, and write_to said {result:?}"));
        }
        let taken = if let Takes(count) = last { count.min(self.waiting.len()) } else { 0 };
        self.waiting.drain(..taken);
        if self.waiting.is_empty() {
            self.pushed.clear();
        }
        self.check_result(&result, if offers == 0 { Takes(0) } else { last }, taken, &seen);
        let mut len = 0;
        panics(|| len = self.outbox.len());
        let wrong_len = match result {
            Err(_) if len > self.waiting.len() => ERROR_REPEATS,
            Err(_) => ERROR_DROPS,
            Ok(_) if taken > 0 && len + taken == self.pushed.len() => COUNTS_LAST,
            Ok(_) => WRONG_LEN,
        };
        self.check_len(&format!("{seen}; after it"), wrong_len);
    }

    /// Checks what the socket was offered, and how often.
    #[track_caller]
    fn check_offered(&self, offered: &[Vec<u8>], offers: usize, answers: &[Answer]) {
        for (bytes, answer) in offered.iter().zip(answers).take(offers) {
            if *bytes == self.waiting {
                continue;
            }
            let seen = format!("{} waits, and write was given {}", show(&self.waiting), show(bytes));
            self.wrong(self.misoffered(bytes), format!("{seen}; it said {answer:?}"));
        }
        let calls = offered.len();
        let seen = format!("{} waited, and write was called {}", show(&self.waiting), times(calls));
        if calls > offers {
            let mistake = match answers.get(offers.wrapping_sub(1)) {
                None => WRITES_NOTHING,
                Some(Takes(count)) if *count >= self.waiting.len() => WRITES_NOTHING,
                Some(Takes(_)) => TRIES_AGAIN,
                Some(Fails(libc::EAGAIN)) => TRIES_EAGAIN,
                Some(Fails(_)) => TRIES_ERROR,
            };
            self.wrong(mistake, format!("{seen}; it said {answers:?}, and EAGAIN after that"));
        }
    }

    /// Why is this not what waits?
    fn misoffered(&self, bytes: &[u8]) -> Mistake {
        if bytes.is_empty() {
            NOT_WRITTEN
        } else if bytes == self.pushed || bytes.len() > self.waiting.len() && bytes.ends_with(&self.waiting) {
            SENT_AGAIN
        } else if self.waiting.starts_with(bytes) {
            A_PART
        } else if self.waiting.ends_with(bytes) {
            SKIPPED
        } else {
            OTHER_ORDER
        }
    }

    #[track_caller]
    fn check_result(&self, result: &io::Result<Progress>, last: Answer, taken: usize, seen: &str) {
        let is_empty = self.waiting.is_empty();
        let mistake = match (result, last) {
            (Err(error), _) if error.kind() == io::ErrorKind::Interrupted => EINTR_FATAL,
            (Err(error), Fails(errno)) if error.raw_os_error() == Some(errno) && errno != libc::EAGAIN => return,
            // The kernel never says so, and nothing is said of it: both are in order.
            (Err(_) | Ok(Progress::Blocked(0)), Takes(0)) if !is_empty => return,
            (Err(_), Fails(libc::EAGAIN)) => EAGAIN_FATAL,
            (Err(_), Takes(_)) => FAILS,
            (_, Fails(errno)) if errno != libc::EAGAIN => ERROR_LOST,
            (Ok(Progress::Blocked(count)), _) if !is_empty && *count == taken => return,
            (Ok(Progress::Empty), _) if is_empty => return,
            (Ok(Progress::Empty), Takes(0) | Fails(_)) => NOT_BLOCKED,
            (Ok(Progress::Empty), Takes(_)) => SHORT_WRITE,
            (Ok(Progress::Blocked(_)), _) if is_empty => NOT_EMPTY,
            _ => WRONG_PROGRESS,
        };
        self.wrong(mistake, format!("{seen}; write_to said {result:?}, and {} bytes wait now", self.waiting.len()));
    }

    #[track_caller]
    fn check_len(&self, when: &str, mistake: Mistake) {
        let mut got = None;
        panics(|| got = Some((self.outbox.len(), self.outbox.is_empty())));
        let want = (self.waiting.len(), self.waiting.is_empty());
        let mistake = match got {
            None if self.waiting.is_empty() => EMPTIED_PANICS,
            None => PANICS,
            Some(_) => mistake,
        };
        self.check(got == Some(want), mistake, format!("{when}: (len, is_empty) is {got:?}, and must be {want:?}"));
    }

    #[track_caller]
    fn check_marks(&self) {
        let (len, mark) = (self.waiting.len(), self.high_water);
        let want = (len > mark, len <= mark / 2, len > 2 * mark);
        let mut got = None;
        panics(|| got = Some((self.outbox.is_high(), self.outbox.is_low(), self.outbox.is_overfull())));
        let seen = format!("{len} bytes wait, {} were pushed, the mark is {mark}", self.pushed.len());
        let calls = "(is_high, is_low, is_overfull)";
        self.check(got == Some(want), MARKS, format!("{seen}; {calls} is {got:?}, and must be {want:?}"));
    }

    /// What an outbox is for, in short.
    #[track_caller]
    fn use_it(&mut self) {
        self.write(&[Takes(100)]);
        self.push(b"fou");
        self.check_like_new();
        self.push(b"r, five");
        self.write(&[Takes(3)]);
        self.write(&[Takes(100)]);
    }

    /// The marks say what they say of a new outbox in which as much waits.
    #[track_caller]
    fn check_like_new(&self) {
        let mut new = Outbox::new(self.high_water);
        let (mut want, mut got) = (None, None);
        panics(|| {
            new.push(&self.waiting);
            want = Some((new.is_high(), new.is_low(), new.is_overfull()));
        });
        panics(|| got = Some((self.outbox.is_high(), self.outbox.is_low(), self.outbox.is_overfull())));
        let seen = format!("{} bytes wait, the mark is {}", self.waiting.len(), self.high_water);
        let calls = "(is_high, is_low, is_overfull)";
        check!(got == want, MARK_LOST, "{seen}; {calls} is {got:?}, and {want:?} for a new one");
    }

    #[track_caller]
    fn check(&self, is_right: bool, mistake: Mistake, seen: String) {
        if !is_right {
            self.wrong(mistake, seen);
        }
    }

    #[track_caller]
    fn wrong(&self, mistake: Mistake, seen: String) -> ! {
        fail(self.otherwise.unwrap_or(mistake), seen)
    }
}

/// What is said of an outbox in which so many bytes wait; nothing, if it panics.
fn said(mark: usize, len: usize, ask: fn(&Outbox) -> bool) -> Option<bool> {
    let mut got = None;
    panics(|| {
        let mut outbox = Outbox::new(mark);
        outbox.push(&vec![b'x'; len]);
        got = Some(ask(&outbox));
    });
    got
}

fn says(got: Option<bool>) -> String {
    got.map_or("panics".into(), |got| format!("says {got}"))
}

/// The first length and mark for which not `want` is said, and what is.
fn disagrees(ask: fn(&Outbox) -> bool, want: fn(usize, usize) -> bool) -> Option<(usize, usize, Option<bool>)> {
    // The mark of 0 is the last: with it, all is a border.
    let marks = [10, 7, 4, 2, 1, 0];
    let each = marks.into_iter().flat_map(|mark| (0..2 * mark + 3).map(move |len| (len, mark)));
    each.map(|(len, mark)| (len, mark, said(mark, len, ask))).find(|&(len, mark, got)| got != Some(want(len, mark)))
}

fn agrees(ask: fn(&Outbox) -> bool, want: fn(usize, usize) -> bool) -> bool {
    disagrees(ask, want).is_none()
}

/// Checks that 8 MiB are given back.
#[track_caller]
fn frees(when: &str, empty: fn(&mut Outbox)) {
    calm(|| {
        let (mut outbox, message) = (Outbox::new(KIB), vec![b'x'; KIB * KIB]);
        testkit::fact("waiting", 8 * message.len());
        let before = testkit::memory();
        (0..8).for_each(|_| outbox.push(&message));
        let grown = testkit::memory().saturating_sub(before);
        empty(&mut outbox);
        let left = testkit::memory().saturating_sub(before);
        check!(left <= grown / 2, KEEPS_MEMORY, "8 MiB were pushed: {grown} KiB. Then {when}, and {left} KiB are left");
    });
}

/// Runs what shall not panic. Not for a property: there a failed check is a panic.
#[track_caller]
fn calm(body: impl FnOnce()) {
    check!(!panics(body), PANICS, "one of the calls panicked");
}

#[track_caller]
fn asked<T>(call: &str, ask: impl FnOnce() -> T) -> T {
    let mut got = None;
    panics(|| got = Some(ask()));
    let Some(got) = got else { fail(PANICS, format_args!("{call} panicked")) };
    got
}

fn times(count: usize) -> String {
    if count == 1 { "once".to_string() } else { format!("{count} times") }
}

/// Runs a test that knows what its hangs mean.
#[track_caller]
fn run<F: FnOnce()>(body: F) {
    Task::new().yours().explain(explain).run(body);
}

/// Which mistake leaves this trace?
fn explain(evidence: &Evidence) -> Option<(Mistake, String)> {
    let thread = evidence.your_thread()?;
    if evidence.way == Way::Spinning {
        let computed = thread.computed.as_millis();
        return Some(match evidence.fact("waiting") {
            Some(bytes) => {
                (COSTLY, format!("With {bytes} bytes that wait, your thread has computed for {computed} ms so far."))
            }
            None => (ENDLESS, format!("Your thread has computed for {computed} ms, with a handful of bytes.")),
        });
    }
    let sleeps = evidence.sleeps_in("epoll_wait");
    let left = evidence.fact("left").filter(|left| sleeps && *left > 0)?;
    if !evidence.step.as_ref().is_some_and(|step| step.ends_with("to come back")) {
        return Some((WRONG_LEN, format!("The client has all bytes, and the outbox says that {left} wait.")));
    }
    let has_room = evidence.your_fds().any(|fd| fd.tcp().is_some_and(|tcp| tcp.unsent == 0));
    let seen = format!(
        "Your thread sleeps in epoll_wait while {left} bytes wait in the outbox, and the socket has room. The kernel tells \
         of room only who has been refused something."
    );
    has_room.then_some((NO_EDGE, seen))
}
