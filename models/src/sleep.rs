//! Models of the mailbox: no wake-up is lost, and none is written for a reactor that is awake.
//!
//! A wake-up that is lost leaves the reactor asleep for ever. loom calls it a deadlock.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use loom::sync::Arc as SharedInModel;
use loom::sync::atomic::AtomicBool;
use loom::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use pretty_assertions::assert_eq;

use super::mailbox::{Mailbox, SendError, Sender, mailbox};
use crate::explore::{Witness, explore, threads};
use crate::waker::Waker;

/// Who sent a value, and its number among those of its sender.
type Value = (usize, usize);

/// What was seen over all executions.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The reactor really slept, and was woken.
    pub woken: Witness,
    /// The second look into the ring kept the reactor from sleeping.
    pub kept_awake: Witness,
    /// A send did not need to write the eventfd.
    pub coalesced: Witness,
}

/// The reactor: what it received, and how often it cleared the flag.
struct Turns {
    received: Vec<Value>,
    clears: u64,
}

/// One sender, two values.
pub fn one_sender() -> Seen {
    deliver(1, 2, None)
}

/// One sender, three values.
pub fn one_sender_three_values() -> Seen {
    deliver(1, 3, Some(3))
}

/// Two senders, one value each.
pub fn two_senders() -> Seen {
    deliver(2, 1, Some(3))
}

/// The same with fewer preemptions, for where it is one of many.
pub fn two_senders_in_short() -> Seen {
    deliver(2, 1, Some(2))
}

fn deliver(senders: usize, each: usize, preemptions: Option<usize>) -> Seen {
    let seen = Seen::default();
    let noted = seen.clone();
    explore(preemptions, move |place| {
        let (sender, mut mailbox) = mailbox(4, Waker::new());
        let sent = senders * each;
        let senders = (0..senders).map(|name| send_each(sender.clone(), name, each));

        let noted_by_the_reactor = noted.clone();
        let (_, (mailbox, turns)) = threads(place, senders, move || {
            let turns = receive_and_sleep(&mut mailbox, sent, &noted_by_the_reactor);
            (mailbox, turns)
        });

        is_in_order(&turns.received);
        let writes = mailbox.waker().writes();
        assert!(writes <= 1 + turns.clears, "the eventfd is written once at most for each time the flag was clear");
        noted.coalesced.note_if(writes < sent as u64);
    });
    seen
}

/// The sender comes back: in which order the threads drop theirs would be most of what there is to explore.
fn send_each(sender: Sender<Value>, name: usize, each: usize) -> impl FnOnce() -> Sender<Value> + Send {
    move || {
        for number in 0..each {
            assert_eq!(sender.send((name, number)), Ok(()), "there is room for all");
        }
        sender
    }
}

/// The engine's loop, with nothing to watch but the mailbox, until `expected` values have come.
fn receive_and_sleep(mailbox: &mut Mailbox<Value>, expected: usize, noted: &Seen) -> Turns {
    let mut turns = Turns { received: Vec::new(), clears: 0 };
    loop {
        turns.received.extend(std::iter::from_fn(|| mailbox.receive()));
        if turns.received.len() == expected {
            return turns;
        }
        turns.clears += 1;
        sleep_unless_needed(mailbox, noted);
    }
}

fn sleep_unless_needed(mailbox: &mut Mailbox<Value>, noted: &Seen) {
    if mailbox.prepare_to_sleep() {
        noted.woken.note_if(mailbox.waker().wait());
    } else {
        noted.kept_awake.note();
        mailbox.waker().poll();
    }
    mailbox.awake();
}

fn is_in_order(received: &[Value]) {
    for (name, _) in received {
        let numbers: Vec<_> = received.iter().filter(|value| value.0 == *name).map(|value| value.1).collect();
        assert_eq!(numbers, (0..numbers.len()).collect::<Vec<_>>(), "each sender's values come in order, and once");
    }
}

/// While the reactor is awake, nobody writes the eventfd. Returns the witness of values that came meanwhile.
pub fn awake_all_the_time() -> Witness {
    let came = Witness::default();
    let noted = came.clone();
    explore(Some(3), move |place| {
        let (sender, mut mailbox) = mailbox(4, Waker::new());
        mailbox.awake();
        let senders = [0, 1].map(|name| send_each(sender.clone(), name, 1));

        let (_, (mailbox, received)) = threads(place, senders, move || {
            let received: Vec<_> = (0..2).filter_map(|_| mailbox.receive()).collect();
            (mailbox, received)
        });

        noted.note_if(!received.is_empty());
        assert_eq!(mailbox.waker().writes(), 0, "a reactor that is awake needs no wake-up");
    });
    came
}

/// A flag and a wake without a value: how the engine is told to stop. What was sent before is received before.
pub fn stop() -> Seen {
    let seen = Seen::default();
    let noted = seen.clone();
    explore(Some(3), move |place| {
        let (sender, mut mailbox) = mailbox(2, Waker::new());
        let stopping = SharedInModel::new(AtomicBool::new(false));

        let told = SharedInModel::clone(&stopping);
        let send_and_stop = move || {
            assert_eq!(sender.send((0, 0)), Ok(()));
            told.store(true, Release);
            sender.wake();
        };
        let noted = noted.clone();
        let (_, received) = threads(place, [send_and_stop], move || {
            let mut received = Vec::new();
            loop {
                let last_turn = stopping.load(Acquire);
                received.extend(std::iter::from_fn(|| mailbox.receive()));
                if last_turn {
                    return received;
                }
                sleep_unless_needed(&mut mailbox, &noted);
            }
        });

        assert_eq!(received, [(0, 0)]);
    });
    seen
}

/// What became of the values that were sent to a reactor that stops.
#[derive(Clone, Debug, Default)]
pub struct Fates {
    /// It was received.
    pub received: Witness,
    /// It was given back.
    pub given_back: Witness,
    /// It was queued, and dropped with the ring.
    pub dropped_unread: Witness,
}

/// The reactor goes away while values come in: each is received, given back, or dropped, and that once. Whoever gets
/// one back as stopped sees all that the reactor did before.
pub fn the_reactor_goes_away() -> Fates {
    let fates = Fates::default();
    let noted = fates.clone();
    explore(None, move |place| {
        let (sender, mut mailbox) = mailbox(2, Waker::new());
        let drops: [Arc<AtomicUsize>; 3] = Default::default();
        let [first, second, too_late] = drops.clone().map(Counted);
        let last_words = SharedInModel::new(AtomicBool::new(false));

        let (senders, read) = (sender.clone(), SharedInModel::clone(&last_words));
        let send = move || [first, second].map(|value| is_given_back(&senders.send(value), &read));
        let (given_back, received) = threads(place, [send], move || {
            let received = mailbox.receive().is_some();
            last_words.store(true, Relaxed);
            drop(mailbox);
            received
        });

        assert!(matches!(sender.send(too_late), Err(SendError::Stopped(_))), "nobody is there to read the value");
        drop(sender);
        assert_eq!(drops.map(|drops| drops.load(Relaxed)), [1, 1, 1], "each value is dropped once");
        let given_back = given_back[0].iter().filter(|given_back| **given_back).count();
        noted.received.note_if(received);
        noted.given_back.note_if(given_back > 0);
        noted.dropped_unread.note_if(given_back + usize::from(received) < 2);
    });
    fates
}

fn is_given_back(sent: &Result<(), SendError<Counted>>, last_words: &AtomicBool) -> bool {
    match sent {
        Ok(()) => false,
        Err(SendError::Full(_)) => panic!("there is room for all"),
        Err(SendError::Stopped(_)) => {
            assert!(last_words.load(Relaxed), "who gets a value back as stopped sees what the reactor did before");
            true
        }
    }
}

/// A value that counts its drops.
#[derive(Debug)]
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Relaxed);
    }
}
