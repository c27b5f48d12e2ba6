//! The mailbox from outside, over a real eventfd and a real `epoll_wait` without a time-out.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use pretty_assertions::assert_eq;
use reactor::mailbox::{Mailbox, SendError, Sender, mailbox};
use reactor::{Epoll, Events, Interest, Token, Waker};

/// Nobody waits this long unless the test fails.
const DEADLINE: Duration = Duration::from_secs(60);

#[test]
fn nothing_is_lost_on_a_reactor_that_sleeps_without_a_time_out() {
    const THREADS: usize = 4;
    const EACH: usize = 50_000;
    let (sender, mut reactor) = reactor(1_024);
    let (done, finished) = mpsc::channel();

    for name in 0..THREADS {
        let sender = sender.clone();
        thread::spawn(move || (0..EACH).for_each(|number| send(&sender, (name, number))));
    }
    thread::spawn(move || {
        let mut expected = [0; THREADS];
        while expected != [EACH; THREADS] {
            let (name, number) = reactor.receive();
            assert_eq!(number, expected[name], "the next message of thread {name}");
            expected[name] += 1;
        }
        done.send(()).unwrap();
    });

    let end = finished.recv_timeout(DEADLINE);
    assert_eq!(end, Ok(()), "a reactor that sleeps although there is a message has lost a wake-up");
}

#[test]
fn each_message_wakes_a_reactor_that_is_falling_asleep() {
    const MESSAGES: usize = 100_000;
    let (sender, mut reactor) = reactor(2);
    let received = Arc::new(AtomicUsize::new(0));

    let count = Arc::clone(&received);
    thread::spawn(move || {
        (1..=MESSAGES).for_each(|number| {
            assert_eq!(reactor.receive(), number);
            count.store(number, Ordering::Relaxed);
        })
    });

    // The next message comes while the reactor, which has just received one, looks for more and goes to sleep.
    let deadline = Instant::now() + DEADLINE;
    for number in 1..=MESSAGES {
        sender.send(number).unwrap();
        while received.load(Ordering::Relaxed) < number {
            assert!(Instant::now() < deadline, "message {number} did not wake the reactor");
            thread::yield_now();
        }
    }
}

#[test]
fn only_the_first_message_to_a_sleeping_reactor_writes_the_eventfd() {
    let (sender, mut reactor) = reactor(4);
    assert!(reactor.mailbox.prepare_to_sleep());

    sender.send(1).unwrap();
    assert_eq!(reactor.edges(), 1);

    sender.send(2).unwrap();
    assert_eq!(reactor.edges(), 0);
}

#[test]
fn a_message_to_a_reactor_that_is_awake_does_not_write_the_eventfd() {
    let (sender, mut reactor) = reactor(4);
    reactor.mailbox.awake();

    sender.send(1).unwrap();

    assert_eq!(reactor.edges(), 0);
    assert!(!reactor.mailbox.prepare_to_sleep(), "there is a message");
}

#[test]
fn a_wake_without_a_message_is_an_event_whatever_the_reactor_does() {
    let (sender, mut reactor) = reactor::<u8>(4);
    reactor.mailbox.awake();

    sender.wake();

    assert_eq!(reactor.edges(), 1);
}

#[test]
fn a_full_mailbox_gives_the_value_back() {
    let (sender, mut reactor) = reactor(2);

    assert_eq!([1, 2, 3].map(|value| sender.send(value)), [Ok(()), Ok(()), Err(SendError::Full(3))]);

    assert_eq!(reactor.mailbox.receive(), Some(1));
    assert_eq!(sender.send(3), Ok(()));
}

#[test]
fn a_mailbox_that_is_gone_gives_the_value_back() {
    let (sender, reactor) = reactor(2);
    sender.send(1).unwrap();

    drop(reactor);

    assert_eq!(sender.send(2), Err(SendError::Stopped(2)));
    assert_eq!(sender.clone().send(3), Err(SendError::Stopped(3)));
}

#[test]
fn a_mailbox_that_is_gone_keeps_no_value() {
    let (sender, reactor) = reactor(2);
    let value = Arc::new("one");
    sender.send(Arc::clone(&value)).unwrap();

    drop(reactor);

    assert_eq!(Arc::strong_count(&value), 1);
    drop(sender);
}

#[test]
fn a_refusal_says_why() {
    assert_eq!(SendError::Full(1).to_string(), "the mailbox is full");
    assert_eq!(SendError::Stopped(1).to_string(), "the engine has stopped");
}

/// A reactor with nothing but a mailbox.
struct Reactor<T> {
    epoll: Epoll,
    events: Events,
    mailbox: Mailbox<T>,
}

fn reactor<T>(capacity: usize) -> (Sender<T>, Reactor<T>) {
    let epoll = Epoll::new().unwrap();
    let (sender, mailbox) = mailbox(capacity, Waker::new().unwrap());
    epoll.add(mailbox.waker(), Token(7), Interest::READABLE | Interest::EDGE_TRIGGERED).unwrap();
    (sender, Reactor { epoll, events: Events::with_capacity(4), mailbox })
}

fn send<T>(sender: &Sender<T>, mut value: T) {
    while let Err(refused) = sender.send(value) {
        let SendError::Full(back) = refused else { panic!("the reactor has stopped") };
        value = back;
        thread::yield_now();
    }
}

impl<T> Reactor<T> {
    fn receive(&mut self) -> T {
        loop {
            if let Some(value) = self.mailbox.receive() {
                return value;
            }
            let timeout = if self.mailbox.prepare_to_sleep() { None } else { Some(Duration::ZERO) };
            self.epoll.wait(&mut self.events, timeout).unwrap();
            self.mailbox.awake();
        }
    }

    fn edges(&mut self) -> usize {
        self.epoll.wait(&mut self.events, Some(Duration::ZERO)).unwrap();
        self.events.len()
    }
}
