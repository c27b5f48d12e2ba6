//! The wrapper from outside: what it says of the kernel is so.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use pretty_assertions::assert_eq;
use reactor::{Epoll, Event, Events, Interest, Token};

const AT_ONCE: Duration = Duration::ZERO;
/// Nobody waits this long unless the test fails.
const DEADLINE: Duration = Duration::from_secs(30);
const SEVEN: Token = Token(7);

#[test]
fn a_level_triggered_source_is_reported_for_as_long_as_it_is_ready() {
    let (mut near, mut far) = UnixStream::pair().unwrap();
    let epoll = watching(&far, Interest::READABLE);

    near.write_all(b"ping").unwrap();

    assert_eq!(ready(&epoll, AT_ONCE), [SEVEN]);
    assert_eq!(ready(&epoll, AT_ONCE), [SEVEN]);
    far.read_exact(&mut [0; 4]).unwrap();
    assert_eq!(ready(&epoll, AT_ONCE), []);
}

#[test]
fn an_edge_triggered_source_is_reported_once_for_each_change() {
    let (mut near, far) = UnixStream::pair().unwrap();
    let epoll = watching(&far, Interest::READABLE | Interest::EDGE_TRIGGERED);

    near.write_all(b"ping").unwrap();
    assert_eq!(ready(&epoll, AT_ONCE), [SEVEN]);
    assert_eq!(ready(&epoll, AT_ONCE), []);

    // Nothing has been read, but something new has come.
    near.write_all(b"pong").unwrap();
    assert_eq!(ready(&epoll, AT_ONCE), [SEVEN]);
    assert_eq!(ready(&epoll, AT_ONCE), []);
}

#[test]
fn a_one_shot_source_is_silent_until_it_is_modified() {
    let (mut near, far) = UnixStream::pair().unwrap();
    let interest = Interest::READABLE | Interest::ONE_SHOT;
    let epoll = watching(&far, interest);

    near.write_all(b"ping").unwrap();
    assert_eq!(ready(&epoll, AT_ONCE), [SEVEN]);
    near.write_all(b"pong").unwrap();
    assert_eq!(ready(&epoll, AT_ONCE), []);

    epoll.modify(&far, SEVEN, interest).unwrap();
    assert_eq!(ready(&epoll, AT_ONCE), [SEVEN]);
}

#[test]
fn to_add_and_to_modify_report_what_is_ready_already() {
    let (mut near, far) = UnixStream::pair().unwrap();
    let interest = Interest::READABLE | Interest::EDGE_TRIGGERED;
    near.write_all(b"ping").unwrap();

    let epoll = watching(&far, interest);
    assert_eq!(ready(&epoll, AT_ONCE), [SEVEN]);

    // Under the new name.
    epoll.modify(&far, Token(u64::MAX), interest).unwrap();
    assert_eq!(ready(&epoll, AT_ONCE), [Token(u64::MAX)]);
    assert_eq!(ready(&epoll, AT_ONCE), []);
}

#[test]
fn a_source_that_is_added_during_a_wait_ends_it() {
    let (near, _far) = UnixStream::pair().unwrap();
    let epoll = Epoll::new().unwrap();

    let reported = during_a_wait(&epoll, DEADLINE, || epoll.add(&near, SEVEN, Interest::WRITABLE).unwrap());

    assert_eq!(reported, [SEVEN]);
}

#[test]
fn a_deleted_source_is_silent() {
    let (mut near, far) = UnixStream::pair().unwrap();
    let epoll = watching(&far, Interest::READABLE);

    epoll.delete(&far).unwrap();
    near.write_all(b"ping").unwrap();

    assert_eq!(ready(&epoll, AT_ONCE), []);
}

#[test]
fn a_closed_source_is_reported_while_a_duplicate_of_it_is_open() {
    let (mut near, far) = UnixStream::pair().unwrap();
    let epoll = watching(&far, Interest::READABLE);
    let duplicate = far.try_clone().unwrap();

    drop(far);
    near.write_all(b"ping").unwrap();
    assert_eq!(ready(&epoll, AT_ONCE), [SEVEN]);

    drop(duplicate);
    assert_eq!(ready(&epoll, AT_ONCE), []);
}

#[test]
fn what_is_watched_cannot_be_added_again() {
    let (near, _far) = UnixStream::pair().unwrap();
    let epoll = watching(&near, Interest::READABLE);

    assert_eq!(errno(epoll.add(&near, SEVEN, Interest::READABLE)), Some(libc::EEXIST));

    // The kernel knows a source by its number and its open file: a duplicate is another.
    let duplicate = near.try_clone().unwrap();
    assert_eq!(errno(epoll.add(&duplicate, SEVEN, Interest::READABLE)), None);
}

#[test]
fn what_is_not_watched_or_exclusive_cannot_be_modified() {
    let (near, _far) = UnixStream::pair().unwrap();
    let epoll = Epoll::new().unwrap();

    assert_eq!(errno(epoll.modify(&near, SEVEN, Interest::READABLE)), Some(libc::ENOENT));
    assert_eq!(errno(epoll.delete(&near)), Some(libc::ENOENT));

    epoll.add(&near, SEVEN, Interest::READABLE | Interest::EXCLUSIVE).unwrap();
    assert_eq!(errno(epoll.modify(&near, SEVEN, Interest::READABLE)), Some(libc::EINVAL));
}

#[test]
fn what_is_always_ready_cannot_be_watched() {
    let epoll = Epoll::new().unwrap();

    for path in [concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), env!("CARGO_MANIFEST_DIR"), "/dev/null"] {
        let file = File::open(path).unwrap();
        assert_eq!(errno(epoll.add(&file, SEVEN, Interest::READABLE)), Some(libc::EPERM), "{path}");
    }
}

#[test]
fn events_that_do_not_fit_come_with_the_next_wait() {
    let epoll = Epoll::new().unwrap();
    let mut pairs: Vec<_> = (0..5).map(|_| UnixStream::pair().unwrap()).collect();
    for (token, (_, far)) in (0..).zip(&pairs) {
        epoll.add(far, Token(token), Interest::READABLE | Interest::EDGE_TRIGGERED).unwrap();
    }

    for source in [4, 0, 3, 1, 2] {
        pairs[source].0.write_all(b"ping").unwrap();
    }

    // In the order in which they became ready, and edge-triggered ones once each.
    let mut events = Events::with_capacity(2);
    let mut next = || {
        epoll.wait(&mut events, Some(AT_ONCE)).unwrap();
        events.iter().map(|event| event.token.0).collect::<Vec<_>>()
    };
    assert_eq!([next(), next(), next(), next()], [vec![4, 0], vec![3, 1], vec![2], vec![]]);
}

#[test]
fn a_time_out_is_never_early() {
    let epoll = Epoll::new().unwrap();

    for timeout in [1, 999, 1_000, 1_001, 2_500, 10_000, 20_001].map(Duration::from_micros) {
        let start = Instant::now();
        let reported = ready(&epoll, timeout);
        let elapsed = start.elapsed();

        assert_eq!(reported, []);
        assert!(elapsed >= timeout, "{elapsed:?} after the start of a wait of {timeout:?}");
    }
}

#[test]
fn the_longest_time_out_still_waits() {
    let (mut near, far) = UnixStream::pair().unwrap();
    let epoll = watching(&far, Interest::READABLE);

    // Too many milliseconds for the kernel's `int`: they must become neither few nor negative.
    let reported = during_a_wait(&epoll, Duration::MAX, || near.write_all(b"ping").unwrap());

    assert_eq!(reported, [SEVEN]);
}

#[test]
fn a_wait_replaces_the_events_of_the_last() {
    let (mut near, mut far) = UnixStream::pair().unwrap();
    let epoll = watching(&far, Interest::READABLE);
    let mut events = Events::with_capacity(8);
    assert_eq!((events.len(), events.is_empty()), (0, true));

    near.write_all(b"ping").unwrap();
    // No time-out: it ends because there is an event.
    epoll.wait(&mut events, None).unwrap();
    assert_eq!((events.len(), events.is_empty()), (1, false));

    far.read_exact(&mut [0; 4]).unwrap();
    epoll.wait(&mut events, Some(AT_ONCE)).unwrap();
    assert_eq!((events.len(), events.is_empty()), (0, true));
}

#[test]
fn an_event_says_what_happened() {
    let all = Interest::READABLE | Interest::WRITABLE | Interest::READ_CLOSED | Interest::EDGE_TRIGGERED;
    let (mut near, far) = UnixStream::pair().unwrap();
    let epoll = watching(&far, all);

    assert_eq!(next_event(&epoll), "{OUT, token 7}");
    near.write_all(b"ping").unwrap();
    assert_eq!(next_event(&epoll), "{IN|OUT, token 7}");
    near.shutdown(Shutdown::Write).unwrap();
    assert_eq!(next_event(&epoll), "{IN|OUT|RDHUP, token 7}");
    drop(near);
    assert_eq!(next_event(&epoll), "{IN|OUT|HUP|RDHUP, token 7}");
}

#[test]
fn a_reset_is_an_error_and_a_hangup_though_nobody_asked() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (far, _) = listener.accept().unwrap();
    let epoll = watching(&near, Interest::EDGE_TRIGGERED);

    near.write_all(b"unread").unwrap();
    far.peek(&mut [0; 6]).unwrap();
    // What is closed with bytes unread is reset.
    drop(far);

    assert_eq!(next_event(&epoll), "{ERR|HUP, token 7}");
}

#[test]
fn the_questions_and_the_names_of_an_event_agree() {
    let (near, far) = UnixStream::pair().unwrap();
    let epoll = watching(&far, Interest::READABLE | Interest::READ_CLOSED);
    near.shutdown(Shutdown::Write).unwrap();

    let mut events = Events::with_capacity(8);
    epoll.wait(&mut events, Some(DEADLINE)).unwrap();

    assert_eq!(format!("{events:?}"), "[{IN|RDHUP, token 7}]");
    let questions = [
        Event::is_readable,
        Event::is_read_closed,
        Event::is_writable,
        Event::is_priority,
        Event::is_hangup,
        Event::is_error,
    ];
    let event = events.iter().next().unwrap();
    assert_eq!(questions.map(|is| is(event)), [true, true, false, false, false, false]);
}

#[test]
fn an_epoll_instance_is_not_inherited() {
    let epoll = Epoll::new().unwrap();

    let info = fs::read_to_string(format!("/proc/self/fdinfo/{}", epoll.as_fd().as_raw_fd())).unwrap();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap();

    assert_eq!(i32::from_str_radix(flags.trim(), 8).unwrap() & libc::O_CLOEXEC, libc::O_CLOEXEC);
}

#[test]
#[should_panic(expected = "room for one event at least")]
fn there_is_room_for_one_event_at_least() {
    drop(Events::with_capacity(0));
}

fn watching(source: impl AsFd, interest: Interest) -> Epoll {
    let epoll = Epoll::new().unwrap();
    epoll.add(source, SEVEN, interest).unwrap();
    epoll
}

fn ready(epoll: &Epoll, timeout: Duration) -> Vec<Token> {
    let mut events = Events::with_capacity(8);
    epoll.wait(&mut events, Some(timeout)).unwrap();
    events.iter().map(|event| event.token).collect()
}

/// What a wait reports if `act` comes when the thread that waits is asleep.
fn during_a_wait(epoll: &Epoll, timeout: Duration, act: impl FnOnce()) -> Vec<Token> {
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        let waiting = scope.spawn(move || {
            tell.send(fs::read_link("/proc/thread-self").unwrap()).unwrap();
            ready(epoll, timeout)
        });
        let status = Path::new("/proc").join(told.recv().unwrap()).join("status");
        while !waiting.is_finished() && !fs::read_to_string(&status).unwrap_or_default().contains("S (sleeping)") {
            thread::yield_now();
        }
        act();
        waiting.join().unwrap()
    })
}

fn next_event(epoll: &Epoll) -> String {
    let mut events = Events::with_capacity(1);
    epoll.wait(&mut events, Some(DEADLINE)).unwrap();
    events.iter().map(|event| format!("{event:?}")).collect()
}

fn errno(result: std::io::Result<()>) -> Option<i32> {
    result.err().and_then(|error| error.raw_os_error())
}
