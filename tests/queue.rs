//! The ring from outside: a bounded queue like any other, and each value is dropped once.

use std::cell::Cell;
use std::collections::VecDeque;
use std::panic;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use pretty_assertions::assert_eq;
use quickcheck::{Gen, QuickCheck};
use reactor::queue::{Consumer, Full, Producer, ring};

/// Enough for hundreds of laps in the smaller rings.
const STEPS: usize = 2_000;

#[test]
fn a_ring_is_a_bounded_first_in_first_out_queue() {
    fn holds(steps: Vec<u8>, size: u8) -> bool {
        let capacity = capacity(size);
        let (producer, mut consumer) = ring(capacity);
        let mut twin = VecDeque::new();

        for (value, step) in steps.into_iter().enumerate() {
            if is_push(step) {
                let room = twin.len() < capacity;
                if room {
                    twin.push_back(value);
                }
                assert_eq!(producer.push(value), if room { Ok(()) } else { Err(Full(value)) });
            } else {
                assert_eq!(consumer.pop(), twin.pop_front());
            }
            assert_eq!(consumer.is_empty(), twin.is_empty());
        }
        true
    }

    QuickCheck::new().rng(Gen::new(STEPS)).quickcheck(holds as fn(Vec<u8>, u8) -> bool);
}

#[test]
fn each_value_is_dropped_once() {
    fn holds(steps: Vec<u8>, size: u8, consumer_goes_first: bool) -> bool {
        let drops: Vec<_> = steps.iter().map(|_| Arc::new(AtomicUsize::new(0))).collect();
        let (producer, mut consumer) = ring(capacity(size));

        for (step, drops) in steps.into_iter().zip(&drops) {
            if is_push(step) {
                drop(producer.push(Counted(Arc::clone(drops))));
            } else {
                drops.fetch_add(1, Ordering::Relaxed);
                drop(consumer.pop());
            }
        }
        if consumer_goes_first {
            drop(consumer);
            drop(producer);
        } else {
            drop(producer);
            drop(consumer);
        }

        drops.iter().all(|drops| drops.load(Ordering::Relaxed) == 1)
    }

    QuickCheck::new().rng(Gen::new(STEPS)).quickcheck(holds as fn(Vec<u8>, u8, bool) -> bool);
}

#[test]
fn values_without_a_size_are_counted_too() {
    let (producer, mut consumer) = ring(2);

    assert_eq!([(); 3].map(|value| producer.push(value)), [Ok(()), Ok(()), Err(Full(()))]);

    assert_eq!([(); 3].map(|()| consumer.pop()), [Some(()), Some(()), None]);
}

#[test]
fn every_value_of_four_threads_arrives_once_and_in_order() {
    const THREADS: usize = 4;
    const EACH: usize = 50_000;
    let (producer, mut consumer) = ring(64);

    let threads: Vec<_> = (0..THREADS)
        .map(|name| {
            let producer = producer.clone();
            thread::spawn(move || (0..EACH).for_each(|number| push(&producer, (name, number))))
        })
        .collect();
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut expected = [0; THREADS];
    while expected != [EACH; THREADS] {
        match consumer.pop() {
            Some((name, number)) => {
                assert_eq!(number, expected[name], "the next value of thread {name}");
                expected[name] += 1;
            }
            None => {
                assert!(Instant::now() < deadline, "{expected:?} of {EACH} values of each thread have arrived");
                thread::yield_now();
            }
        }
    }

    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(consumer.pop(), None);
}

#[test]
fn a_capacity_is_a_power_of_two_and_at_least_two() {
    let accepted = (0..=64).filter(|capacity| panic::catch_unwind(|| drop(ring::<u8>(*capacity))).is_ok());

    assert_eq!(accepted.collect::<Vec<_>>(), [2, 4, 8, 16, 32, 64]);
}

#[test]
fn a_ring_says_its_capacity_and_a_refusal_its_reason() {
    let (producer, consumer) = ring::<u8>(4);

    assert_eq!(format!("{producer:?}"), "Producer { capacity: 4, .. }");
    assert_eq!(format!("{consumer:?}"), "Consumer { capacity: 4, .. }");
    assert_eq!(Full(7).to_string(), "the ring is full");
}

/// Compiles only because `T` does *not* implement the trait: else there were two ways to infer `_`.
macro_rules! assert_not_implemented {
    ($type:ty, $bound:ident) => {
        const _: fn() = || {
            trait Ambiguous<A> {
                fn way() {}
            }
            struct IfItIs;
            impl<T: ?Sized> Ambiguous<()> for T {}
            impl<T: ?Sized + $bound> Ambiguous<IfItIs> for T {}
            <$type as Ambiguous<_>>::way();
        };
    };
}

const fn assert_send<T: Send>() {}

// There is one consumer.
assert_not_implemented!(Consumer<u8>, Clone);
// Values are moved between threads, but not shared: what they hold need not be `Sync` ...
const _: () = assert_send::<Producer<Cell<u8>>>();
const _: () = assert_send::<Consumer<Cell<u8>>>();
// ... but must be `Send`.
assert_not_implemented!(Producer<Rc<u8>>, Send);
assert_not_implemented!(Consumer<Rc<u8>>, Send);

struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// 2, 4, ... 64.
fn capacity(size: u8) -> usize {
    2 << (size % 6)
}

/// A few more pushes than pops, so that the ring is often full, and sometimes empty.
fn is_push(step: u8) -> bool {
    step % 16 < 9
}

fn push<T>(producer: &Producer<T>, mut value: T) {
    while let Err(Full(refused)) = producer.push(value) {
        value = refused;
        thread::yield_now();
    }
}
