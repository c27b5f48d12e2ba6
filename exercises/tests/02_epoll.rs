//! To prove: the wrapper says what the kernel says, no more and no less; and a server that watches for room only while
//! something is unsent loses nothing and never spins.
//!
//! Part one is about `Epoll`, part two about `Client`. `connection` gives a client and the socket that serves it.

#[cfg_attr(feature = "solutions", path = "../../solutions/02_epoll.rs")]
#[cfg_attr(not(feature = "solutions"), path = "../src/02_epoll.rs")]
#[allow(clippy::todo, missing_docs, unreachable_pub, unsafe_code, unused, reason = "it may be a beginning")]
mod answer;

// As in the engine, whose module the answer rebuilds.
use reactor::sys;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use answer::{Client, Epoll, Event, Events, Interest, Token};
use quickcheck::quickcheck;
use testkit::{Chapter, Evidence, Fd, Made, Mistake, Task, Yours, check, check_bytes, check_eq};

const EVENT_LOST: Mistake = Mistake::new("an event gets lost", Chapter::LevelTriggered);
const EVENT_MADE_UP: Mistake = Mistake::new("an event is reported that did not happen", Chapter::LevelTriggered);
const TOKEN: Mistake = Mistake::new("the token does not come back", Chapter::LevelTriggered);
const INTEREST: Mistake = Mistake::new("the interest is not what was asked for", Chapter::LevelTriggered);
const INHERITED: Mistake = Mistake::new("a child would inherit the epoll instance", Chapter::LevelTriggered);
const REFUSAL_LOST: Mistake = Mistake::new("what the kernel refuses is taken for done", Chapter::LevelTriggered);
const FAILS: Mistake = Mistake::new("a call fails that should not", Chapter::LevelTriggered);
const MODIFY_FAILS: Mistake = Mistake::new("modify does not modify", Chapter::LevelTriggered);
const DELETE_FAILS: Mistake = Mistake::new("delete does not delete", Chapter::LevelTriggered);
const TOO_EARLY: Mistake = Mistake::new("a time-out is rounded down", Chapter::LevelTriggered);
const NO_TIME: Mistake = Mistake::new("no time-out is taken for no time", Chapter::LevelTriggered);
const FOR_EVER: Mistake = Mistake::new("no time is taken for no time-out", Chapter::LevelTriggered);
const BYTES_LOST: Mistake = Mistake::new("bytes without room are thrown away", Chapter::LevelTriggered);
const OTHER_BYTES: Mistake = Mistake::new("other bytes come back than were sent", Chapter::LevelTriggered);
const AGAIN_FATAL: Mistake = Mistake::new("EAGAIN is taken for a failure", Chapter::LevelTriggered);
const RESET_LOST: Mistake = Mistake::new("a failure is not passed on", Chapter::LevelTriggered);
const READS_ON: Mistake = Mistake::new("it reads on while nothing can be sent", Chapter::LevelTriggered);
const NO_WATCH_FOR_ROOM: Mistake =
    Mistake::new("room is not watched for while something is unsent", Chapter::LevelTriggered);
const LEFT_EARLY: Mistake = Mistake::new("a client that is still there is taken for gone", Chapter::LevelTriggered);

const TOO_LATE: Mistake = Mistake::new("a time-out is not in milliseconds", Chapter::LevelTriggered);
const NOT_AT_ONCE: Mistake = Mistake::new("a wait with no time sleeps", Chapter::LevelTriggered);
const CUT_OFF: Mistake = Mistake::new("a long time-out is cut off", Chapter::LevelTriggered);
const TOO_LONG: Mistake =
    Mistake::new("a time-out that is too long for the kernel is no case", Chapter::LevelTriggered);
const EINTR_HIDDEN: Mistake = Mistake::new("wait does not say that a signal came", Chapter::LevelTriggered);
const ROOM_EXCEEDED: Mistake = Mistake::new("the kernel is told of more room than there is", Chapter::LevelTriggered);
const ROOM_UNUSED: Mistake = Mistake::new("the kernel is told of less room than there is", Chapter::LevelTriggered);
const SENT_TWICE: Mistake = Mistake::new("bytes that were taken are sent again", Chapter::LevelTriggered);
const WATCHES_MORE: Mistake =
    Mistake::new("more than room is watched for while something is unsent", Chapter::LevelTriggered);

const AT_ONCE: Option<Duration> = Some(Duration::ZERO);

#[test]
fn a_new_instance_has_nothing_to_report() {
    run(|| {
        let epoll = good(Epoll::new(), "Epoll::new");

        check_eq!(ready(&epoll), [], EVENT_MADE_UP, "nothing is watched");
        // The flags that open(2) knows, in octal.
        let info = fs::read_to_string(format!("/proc/self/fdinfo/{}", epoll.as_fd().as_raw_fd())).unwrap_or_default();
        let flags = info.lines().find_map(|line| i32::from_str_radix(line.strip_prefix("flags:")?.trim(), 8).ok());
        let inherited = flags.is_some_and(|flags| flags & libc::O_CLOEXEC == 0);
        check!(!inherited, INHERITED, "the instance was made without EPOLL_CLOEXEC");
    });
}

#[test]
fn what_can_be_read_is_an_event_with_its_token() {
    run(|| {
        let (epoll, (mut client, socket)) = (good(Epoll::new(), "Epoll::new"), testkit::connection());
        good(epoll.add(&socket, Token(u64::MAX - 7), Interest::READABLE), "add");
        check_eq!(ready(&epoll), [], EVENT_MADE_UP, "there is nothing to read yet");

        client.deliver(b"ping");
        let mut events = Events::with_capacity(8);
        good(epoll.wait(&mut events, None), "wait");

        count(&events, 1, "one socket is watched, and 4 bytes wait in it");
        let events: Vec<Event> = events.iter().collect();
        check_eq!(events[0].token, Token(u64::MAX - 7), TOKEN, "add was given a token");
        check!(events[0].is_readable(), INTEREST, "READABLE was asked for; the event is {:?}", events[0]);
        check!(!events[0].is_writable(), INTEREST, "WRITABLE was not asked for; the event is {:?}", events[0]);
    });
}

#[test]
fn bytes_are_reported_until_they_are_read() {
    run(|| {
        let (epoll, (mut client, mut socket)) = (good(Epoll::new(), "Epoll::new"), testkit::connection());
        good(epoll.add(&socket, Token(7), Interest::READABLE), "add");
        client.deliver(b"ping");

        let mut events = Events::with_capacity(8);
        for _ in 0..2 {
            look(&epoll, &mut events);
            count(&events, 1, "4 bytes wait in a level-triggered socket");
        }
        let read = socket.read(&mut [0; 8]).expect("there is something to read");
        check_eq!(read, 4, EVENT_MADE_UP, "4 bytes were sent");

        look(&epoll, &mut events);
        count(&events, 0, "all bytes are read; what `events` held after the wait before is over");
    });
}

#[test]
fn modify_gives_another_token_and_interest() {
    run(|| {
        let (epoll, (_client, socket)) = (good(Epoll::new(), "Epoll::new"), testkit::connection());
        good(epoll.add(&socket, Token(1), Interest::READABLE), "add");

        let result = epoll.modify(&socket, Token(2), Interest::READABLE | Interest::WRITABLE);

        check!(result.is_ok(), MODIFY_FAILS, "the socket is watched; modify said {result:?}");
        check_eq!(ready(&epoll), [(2, false, true)], MODIFY_FAILS, "(token, readable, writable) of a socket with room");
    });
}

#[test]
fn delete_ends_the_watch() {
    run(|| {
        let (epoll, (mut client, socket)) = (good(Epoll::new(), "Epoll::new"), testkit::connection());
        good(epoll.add(&socket, Token(1), Interest::READABLE), "add");
        client.deliver(b"ping");

        let result = epoll.delete(&socket);

        check!(result.is_ok(), DELETE_FAILS, "the socket is watched; delete said {result:?}");
        check_eq!(ready(&epoll), [], DELETE_FAILS, "the socket is watched no more");
        let result = epoll.add(&socket, Token(2), Interest::READABLE);
        check!(result.is_ok(), DELETE_FAILS, "delete said Ok, and then add, of the same socket: {result:?}");
        check_eq!(ready(&epoll), [(2, true, false)], EVENT_LOST, "the socket was added once more");
    });
}

#[test]
fn what_the_kernel_refuses_is_told() {
    run(|| {
        let (epoll, (_client, socket)) = (good(Epoll::new(), "Epoll::new"), testkit::connection());
        let file = File::open("/dev/null").expect("/dev/null is there");
        let (token, interest) = (Token(1), Interest::READABLE);

        refused(epoll.modify(&socket, token, interest), libc::ENOENT, "modify of a socket that is not watched");
        refused(epoll.delete(&socket), libc::ENOENT, "delete of a socket that is not watched");
        refused(epoll.add(&file, token, interest), libc::EPERM, "add of a file, which is always ready");
        good(epoll.add(&socket, token, interest), "add");
        refused(epoll.add(&socket, token, interest), libc::EEXIST, "add of a socket that is watched");
        good(epoll.delete(&socket), "delete");
        // Whoever adds flags of its own may not add this one, and is told of them by another test.
        if epoll.add(&socket, token, interest | Interest::EXCLUSIVE).is_ok() {
            refused(epoll.modify(&socket, token, interest), libc::EINVAL, "modify of what was added as EXCLUSIVE");
        }
    });
}

#[test]
fn a_time_out_is_never_early() {
    run(|| {
        let epoll = good(Epoll::new(), "Epoll::new");
        // On a busy machine one wait may be late for no fault of its own, but not the fastest of some.
        let fastest = |times: usize, timeout: Duration| {
            testkit::fact("no time", usize::from(timeout.is_zero()));
            let waits = (0..times).map(|_| {
                let before = Instant::now();
                good(epoll.wait(&mut Events::with_capacity(8), Some(timeout)), "wait");
                before.elapsed()
            });
            waits.min().unwrap_or_default()
        };
        let waited = fastest(3, Duration::from_micros(600));
        check!(waited < Duration::from_millis(500), TOO_LATE, "the fastest of 3 waits of 0.6 ms took {waited:?}");
        for micros in [1, 400, 1_001, 2_700] {
            let timeout = Duration::from_micros(micros);
            let waited = fastest(1, timeout);
            check!(waited >= timeout, TOO_EARLY, "a wait of {timeout:?} was over after {waited:?}");
        }

        let waited = fastest(30, Duration::ZERO);
        check!(waited < Duration::from_millis(1), NOT_AT_ONCE, "the fastest of 30 waits of no time took {waited:?}");
    });
}

#[test]
fn no_time_out_is_no_limit() {
    run(|| {
        let (mut client, socket) = testkit::connection();
        let yours = testkit::yours(move || {
            let epoll = good(Epoll::new(), "Epoll::new");
            good(epoll.add(&socket, Token(1), Interest::READABLE), "add");
            testkit::step("wait is called without a time-out, and the client says nothing");
            let mut events = Events::with_capacity(8);
            good(epoll.wait(&mut events, None), "wait");
            events.len()
        });

        testkit::wait_until_still();
        client.send(b"ping");
        let events = yours.join();
        check!(events > 0, NO_TIME, "wait(.., None) returned before there was an event");

        testkit::step("wait is called with a time-out of zero, and nothing is watched");
        let epoll = good(Epoll::new(), "Epoll::new");
        check_eq!(ready(&epoll), [], EVENT_MADE_UP, "nothing is watched");
        let (_client, socket) = testkit::connection();
        good(epoll.add(&socket, Token(1), Interest::WRITABLE), "add");
        let mut events = Events::with_capacity(8);
        testkit::panic_means(|_| Some(TOO_LONG));
        good(epoll.wait(&mut events, Some(Duration::MAX)), "wait with the longest time-out there is");
    });
}

#[test]
fn a_time_out_of_many_days_is_long() {
    run(|| {
        testkit::panic_means(|_| Some(TOO_LONG));
        // As many milliseconds as an `int` has values; and more than there are numbers of 64 bits.
        let long = [(Duration::from_millis(1 << 32), "2^32 ms, which is 50 days,"), (Duration::MAX, "Duration::MAX")];
        for (timeout, name) in long {
            let (mut client, socket) = testkit::connection();
            let yours = testkit::yours(move || {
                let epoll = good(Epoll::new(), "Epoll::new");
                good(epoll.add(&socket, Token(1), Interest::READABLE), "add");
                testkit::step("wait is called with a time-out of 50 days or more, and then the client says something");
                let mut events = Events::with_capacity(8);
                good(epoll.wait(&mut events, Some(timeout)), "wait");
                events.len()
            });

            // It sleeps by then, or it is over.
            testkit::wait_until_still();
            client.send(b"ping");
            check!(yours.join() > 0, CUT_OFF, "a wait of {name} was over at once");
        }
    });
}

#[test]
fn a_signal_is_told() {
    run(|| {
        let (mut client, socket) = testkit::connection();
        let yours = testkit::yours(move || {
            let epoll = good(Epoll::new(), "Epoll::new");
            let mut events = Events::with_capacity(8);
            good(epoll.add(&socket, Token(1), Interest::WRITABLE), "add");
            look(&epoll, &mut events);
            good(epoll.modify(&socket, Token(1), Interest::READABLE), "modify");
            testkit::step("wait is called, and a signal comes; then the client sends 4 bytes");
            let said = epoll.wait(&mut events, None);
            (said, events.len())
        });

        testkit::wait_until_still();
        yours.interrupt();
        testkit::wait_until_still();
        client.send(b"ping");
        let (said, events) = yours.join();
        let eintr = said.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::Interrupted);
        check!(eintr, EINTR_HIDDEN, "epoll_wait said EINTR; wait said {said:?}, and the number of events is {events}");
        check!(
            events == 0,
            EVENT_MADE_UP,
            "wait said EINTR, and the number of events is still that of the wait before"
        );
    });
}

#[test]
fn what_there_is_no_room_for_comes_with_the_next_wait() {
    run(|| {
        let epoll = good(Epoll::new(), "Epoll::new");
        let (two, more) = (connections(2), connections(3));
        for (number, (_, socket)) in (0..).zip(&two) {
            good(epoll.add(socket, Token(number), Interest::WRITABLE), "add");
        }

        // First without harm: an allocator rounds up, and behind one event there is as much space as for another.
        let mut events = Events::with_capacity(1);
        let _ = epoll.wait(&mut events, AT_ONCE);
        let some = events.len();
        check!(some <= 1, ROOM_EXCEEDED, "2 sockets have room, `events` has room for 1; wait tells of {some}");

        for (number, (_, socket)) in (2..).zip(&more) {
            good(epoll.add(socket, Token(number), Interest::WRITABLE), "add");
        }
        let mut events = Events::with_capacity(2);
        let mut seen = BTreeSet::new();
        for _ in 0..3 {
            look(&epoll, &mut events);
            let mistake = if events.len() > 2 { ROOM_EXCEEDED } else { ROOM_UNUSED };
            let some = events.len();
            check!(
                [0, 2].contains(&some),
                mistake,
                "5 sockets have room, `events` has room for 2; wait tells of {some}"
            );
            count(&events, 2, "5 sockets have room, and `events` has room for 2 of them");
            seen.extend(events.iter().map(|event| event.token.0));
        }

        check_eq!(seen, BTreeSet::from([0, 1, 2, 3, 4]), EVENT_LOST, "of 5 sockets with room, these were reported");
    });
}

#[test]
fn what_a_client_sends_comes_back() {
    run(|| {
        let (mut client, socket) = testkit::connection();
        let server = serve(socket);

        client.send(b"ping");
        let echoed = client.receive(4);
        client.send(b"pong");
        let more = client.receive(4);
        is_there(server, echoed.len() + more.len() == 8);
        check_bytes!(echoed, b"ping", OTHER_BYTES, "the client sent 4 bytes");
        check_bytes!(more, b"pong", OTHER_BYTES, "the client sent 4 bytes more");
    });
}

#[test]
fn a_client_that_says_nothing_costs_nothing() {
    run(|| {
        let (mut client, socket) = testkit::connection();
        let _server = serve(socket);

        client.send(b"ping");
        check_bytes!(client.receive(4), b"ping", OTHER_BYTES, "the client sent 4 bytes");
        testkit::step("the client has its bytes back and says nothing more, so the server should sleep");
        testkit::wait_until_still();
    });
}

#[test]
fn what_there_is_no_room_for_waits() {
    run(|| {
        let (mut client, socket) = testkit::narrow_connection();
        let server = serve(socket);
        let message: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_be_bytes).collect();

        let sender = client.sends_meanwhile(message.clone());
        testkit::step("the client sends 4 MB and reads nothing, so the server should sleep");
        testkit::wait_until_still();
        let echoed = client.receive(message.len());
        sender.join().expect("a client does not panic");
        is_there(server, echoed.len() == message.len());
        let same = testkit::same_start(&echoed, &message);
        // What comes in place of the right bytes, if it came before. Each number is there once.
        let next = echoed[same..].chunks(16).next().unwrap_or_default();
        let came = next.len() == 16 && message[..same].windows(16).any(|before| before == next);
        let mistake = if came { SENT_TWICE } else { BYTES_LOST };
        check_bytes!(echoed, message, mistake, "the client sent 4 MB, and read them when all had stopped");

        testkit::step("the client has everything back, so the server should sleep");
        testkit::wait_until_still();
        client.send(b"ping");
        check_bytes!(client.receive(4), b"ping", OTHER_BYTES, "the client sent 4 bytes more");
    });
}

#[test]
fn a_client_that_finishes_is_gone() {
    run(|| {
        let (mut client, socket) = testkit::connection();
        let server = serve(socket);

        client.send(b"ping");
        client.finish();

        check_bytes!(client.receive(4), b"ping", LEFT_EARLY, "the client sent 4 bytes, finished, and waited for them");
        check!(client.sees_the_end(), OTHER_BYTES, "the client had all its bytes back, and then came more");
        let result = server.join();
        check!(result.is_ok(), FAILS, "the client finished, as clients do; on_event said {result:?}");
    });
}

#[test]
fn a_reset_is_passed_on() {
    run(|| {
        let (client, socket) = testkit::connection();
        let server = serve(socket);

        client.reset();

        let result = server.join();
        let reset = result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::ConnectionReset);
        check!(reset, RESET_LOST, "read said ECONNRESET; on_event said {result:?}");
    });
}

#[test]
fn while_something_is_unsent_only_room_is_watched_for_and_a_reset_is_passed_on() {
    run(|| {
        let (mut client, socket) = testkit::narrow_connection();
        let server = serve(socket);
        send_until_something_is_unsent(&mut client);

        let more = [libc::EPOLLIN, libc::EPOLLRDHUP, libc::EPOLLPRI];
        let watch = testkit::watches().into_iter().find(|watch| more.iter().any(|bit| watch.has(*bit)));
        check!(watch.is_none(), WATCHES_MORE, "bytes are unsent; watched is {}", watch.expect("there is one"));

        client.reset();

        let result = server.join();
        let reset = result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::ConnectionReset);
        check!(reset, RESET_LOST, "write said ECONNRESET; on_event said {result:?}");
    });
}

#[test]
fn any_order_of_calls_reports_what_is_ready() {
    /// Does to one of three sockets what `what` says, and compares with what must be ready then.
    fn property(steps: Vec<(u8, u8)>) {
        let epoll = good(Epoll::new(), "Epoll::new");
        let mut pairs: Vec<_> = (0..3).map(|_| UnixStream::pair().expect("the machine has descriptors left")).collect();
        let mut watched: [Option<(u64, bool, bool)>; 3] = [None; 3];
        let mut full = [false; 3];
        for (token, (which, what)) in (1..).zip(&steps) {
            let which = usize::from(which % 3);
            let (near, far) = &mut pairs[which];
            let (readable, writable) = (what & 8 != 0, what & 16 != 0);
            let interest = match (readable, writable) {
                (true, true) => Interest::READABLE | Interest::WRITABLE,
                (false, true) => Interest::WRITABLE,
                _ => Interest::READABLE,
            };
            let asked = Some((token, readable || !writable, writable));
            match (what % 5, watched[which]) {
                (0, None) => good(epoll.add(&*near, Token(token), interest), "add"),
                (0 | 1, Some(_)) => good(epoll.modify(&*near, Token(token), interest), "modify"),
                (2, Some(_)) => good(epoll.delete(&*near), "delete"),
                (3, _) if !full[which] => far.write_all(b"x").expect("one byte has room"),
                (4, _) if full[which] => drop(near.read(&mut [0]).expect("one byte is there")),
                _ => continue,
            }
            match what % 5 {
                0 | 1 => watched[which] = asked,
                2 => watched[which] = None,
                other => full[which] = other == 3,
            }
            let expected = watched.iter().zip(full).filter_map(|(watched, full)| {
                let (token, readable, writable) = (*watched)?;
                (readable && full || writable).then_some((token, readable && full, writable))
            });
            let expected: BTreeSet<_> = expected.collect();
            let got: BTreeSet<_> = ready(&epoll).into_iter().collect();
            check_eq!(got, expected, EVENT_LOST, "(token, readable, writable) after the last of these steps");
        }
    }
    run(|| testkit::property(|| quickcheck(property as fn(Vec<(u8, u8)>))));
}

fn connections(count: usize) -> Vec<(testkit::Client, TcpStream)> {
    (0..count).map(|_| testkit::connection()).collect()
}

/// What of a client's bytes the server of this test has not sent back.
static UNSENT: AtomicUsize = AtomicUsize::new(0);

/// Sends little by little until the kernel has no room for what comes back.
fn send_until_something_is_unsent(client: &mut testkit::Client) {
    // A kernel that is full may find some room after a while.
    const SURELY: usize = 4;
    let (mut sent, mut full) = (0, 0);
    while full < SURELY {
        check!(sent < 2_000_000, BYTES_LOST, "a client has sent 2 MB and read nothing, and nothing is unsent");
        client.send(&[b'x'; 16 * 1024]);
        sent += 16 * 1024;
        testkit::wait_until_still();
        full = if UNSENT.load(Relaxed) > 0 { full + 1 } else { 0 };
    }
}

/// Fails if the server has ended, since its client has not had all bytes back.
#[track_caller]
fn is_there(server: Yours<io::Result<()>>, has_all: bool) {
    if has_all {
        return;
    }
    let result = server.join();
    check!(result.is_ok(), FAILS, "on_event said {result:?}");
    testkit::fail(
        LEFT_EARLY,
        "the client has not had all its bytes back; on_event said Ok(false), and the socket is closed",
    );
}

/// A server with one client, on a thread of its own, until the client has gone.
fn serve(socket: TcpStream) -> Yours<io::Result<()>> {
    socket.set_nonblocking(true).expect("a socket can be set to non-blocking");
    testkit::yours(move || {
        let epoll = Epoll::new()?;
        let mut client = Client::new(&epoll, Token(7), socket)?;
        let mut events = Events::with_capacity(8);
        loop {
            epoll.wait(&mut events, None)?;
            for event in events.iter() {
                let Token(token) = event.token;
                check!(token == 7, TOKEN, "the socket was added as token 7; an event calls it {token}");
                let is_there = client.on_event(&epoll, event);
                let again = is_there.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
                check!(
                    !again,
                    AGAIN_FATAL,
                    "read or write said EAGAIN, and so did on_event: there will be another event"
                );
                let unsent = client.unsent.len();
                check!(unsent < 1_000_000, READS_ON, "{unsent} bytes are unsent, and still it reads");
                if !is_there? {
                    return Ok(());
                }
                testkit::fact("unsent", unsent);
                UNSENT.store(unsent, Relaxed);
            }
        }
    })
}

/// Runs a test that knows what its hangs mean.
#[track_caller]
fn run<F: FnOnce()>(body: F) {
    Task::new().explain(explain).run(body);
}

/// Which mistake leaves this trace?
fn explain(evidence: &Evidence) -> Option<(Mistake, String)> {
    let sleeps = evidence.sleeps_in("epoll_wait");
    if sleeps && evidence.fact("no time") == Some(1) {
        return Some((
            FOR_EVER,
            "A wait with a time-out of zero sleeps, and nothing is left that could wake it.".into(),
        ));
    }
    let (watch, _) = evidence.watched().next()?;
    let unsent = evidence.fact("unsent").unwrap_or(0);
    if unsent > 0 && !watch.has(libc::EPOLLOUT) {
        let seen = format!("{unsent} bytes are unsent, and your socket is watched as {watch}: without OUT.");
        return Some((NO_WATCH_FOR_ROOM, seen));
    }
    // Room comes now and then; then all is sent for a moment.
    let had_no_room = |made: &Made| made.call.name() == "write" && made.failed_with(libc::EAGAIN);
    let waits = |pair: &[Made]| had_no_room(&pair[0]) && pair[1].call.name() == "epoll_wait";
    if evidence.calls.windows(2).any(waits) && !watch.has(libc::EPOLLOUT) {
        let seen =
            format!("Your thread had no room to write, and waits for events of your socket: {watch}, without OUT.");
        return Some((NO_WATCH_FOR_ROOM, seen));
    }
    let is_empty = |fd: &Fd| fd.tcp().is_none_or(|tcp| tcp.unread == 0 && tcp.unsent == 0);
    let client_waits = evidence.step.as_ref().is_some_and(|step| step.ends_with("to come back"));
    if sleeps && client_waits && evidence.fds.iter().all(is_empty) {
        let seen = "The client waits for bytes that are nowhere: not in its socket, not in yours, and not in `unsent`. They \
                    were read, and the kernel did not take them.";
        return Some((BYTES_LOST, seen.into()));
    }
    None
}

/// What is ready now: the token, and whether it can be read and written.
#[track_caller]
fn ready(epoll: &Epoll) -> Vec<(u64, bool, bool)> {
    let mut events = Events::with_capacity(8);
    look(epoll, &mut events);
    events.iter().map(|event| (event.token.0, event.is_readable(), event.is_writable())).collect()
}

/// A wait that does not sleep.
#[track_caller]
fn look(epoll: &Epoll, events: &mut Events) {
    testkit::fact("no time", 1);
    good(epoll.wait(events, AT_ONCE), "wait");
    testkit::fact("no time", 0);
}

#[track_caller]
fn count(events: &Events, expected: usize, seen: &str) {
    let mistake = if events.len() < expected { EVENT_LOST } else { EVENT_MADE_UP };
    check_eq!(events.len(), expected, mistake, "{seen}; the number of events");
}

#[track_caller]
fn good<T>(result: io::Result<T>, call: &str) -> T {
    match result {
        Ok(value) => value,
        Err(error) => testkit::fail(FAILS, format_args!("{call} said {error}")),
    }
}

#[track_caller]
fn refused(result: io::Result<()>, errno: i32, what: &str) {
    let right = result.as_ref().is_err_and(|error| error.raw_os_error() == Some(errno));
    let expected = io::Error::from_raw_os_error(errno);
    check!(right, REFUSAL_LOST, "{what}: the kernel says {expected:?}; the answer is {result:?}");
}
