//! The waker from outside: each wake is one edge, or part of one, and none is lost.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::thread;
use std::time::Duration;

use pretty_assertions::assert_eq;
use reactor::{Epoll, Events, Interest, Token, Waker};

const AT_ONCE: Duration = Duration::ZERO;
/// Nobody waits this long unless the test fails.
const DEADLINE: Duration = Duration::from_secs(30);

#[test]
fn a_wake_before_the_wait_is_not_lost() {
    let (epoll, waker) = watched();

    waker.wake().unwrap();

    assert_eq!(events(&epoll, DEADLINE), 1);
}

#[test]
fn a_wake_ends_a_wait() {
    let (epoll, waker) = watched();

    let waiting = thread::spawn(move || events(&epoll, DEADLINE));
    waker.wake().unwrap();

    assert_eq!(waiting.join().unwrap(), 1);
}

#[test]
fn each_wake_is_an_edge_though_nobody_reads() {
    let (epoll, waker) = watched();

    for _ in 0..10_000 {
        waker.wake().unwrap();

        assert_eq!(events(&epoll, AT_ONCE), 1);
        assert_eq!(events(&epoll, AT_ONCE), 0);
    }
}

#[test]
fn wakes_between_two_waits_are_one_event() {
    let (epoll, waker) = watched();

    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..100).for_each(|_| waker.wake().unwrap()));
        }
    });

    assert_eq!(events(&epoll, AT_ONCE), 1);
    assert_eq!(events(&epoll, AT_ONCE), 0);
}

#[test]
fn a_waker_that_nobody_wakes_is_silent() {
    let (epoll, _waker) = watched();

    assert_eq!(events(&epoll, AT_ONCE), 0);
}

#[test]
fn a_full_counter_does_not_block_and_still_wakes() {
    let (epoll, waker) = watched();
    let eventfd = File::from(waker.as_fd().try_clone_to_owned().unwrap());
    fill(&eventfd);
    assert_eq!(events(&epoll, AT_ONCE), 1);

    // The kernel refuses one more, and a refused write is no edge.
    assert_eq!((&eventfd).write(&1_u64.to_ne_bytes()).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(events(&epoll, AT_ONCE), 0);

    waker.wake().unwrap();

    assert_eq!(events(&epoll, AT_ONCE), 1);
}

#[test]
fn many_threads_may_meet_the_full_counter() {
    let (epoll, waker) = watched();
    let eventfd = File::from(waker.as_fd().try_clone_to_owned().unwrap());

    for _ in 0..100 {
        fill(&eventfd);
        assert_eq!(events(&epoll, AT_ONCE), 1);

        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| waker.wake().unwrap());
            }
        });

        assert_eq!(events(&epoll, AT_ONCE), 1);
    }
}

#[test]
fn the_eventfd_does_not_block_and_is_not_inherited() {
    let waker = Waker::new().unwrap();

    let info = fs::read_to_string(format!("/proc/self/fdinfo/{}", waker.as_fd().as_raw_fd())).unwrap();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap();
    let flags = i32::from_str_radix(flags.trim(), 8).unwrap();

    assert_eq!(flags & libc::O_NONBLOCK, libc::O_NONBLOCK);
    assert_eq!(flags & libc::O_CLOEXEC, libc::O_CLOEXEC);
}

fn watched() -> (Epoll, Waker) {
    let (epoll, waker) = (Epoll::new().unwrap(), Waker::new().unwrap());
    epoll.add(&waker, Token(7), Interest::READABLE | Interest::EDGE_TRIGGERED).unwrap();
    (epoll, waker)
}

/// Sets the counter to the highest value that it takes.
fn fill(mut eventfd: &File) {
    // A read empties it; there may be nothing to read.
    while eventfd.read(&mut [0; 8]).is_ok() {}
    eventfd.write_all(&(u64::MAX - 1).to_ne_bytes()).unwrap();
}

fn events(epoll: &Epoll, timeout: Duration) -> usize {
    let mut events = Events::with_capacity(8);
    epoll.wait(&mut events, Some(timeout)).unwrap();
    events.len()
}
