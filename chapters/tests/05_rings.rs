//! The article's ring loses everything when it overflows; the ring with sequence numbers is a `VecDeque` that is full
//! at its capacity.

use std::collections::VecDeque;
use std::thread;

use pretty_assertions::assert_eq;
use quickcheck::quickcheck;

use article_ring::ArticleRing;
use queue::{Full, ring};

#[path = "../05-mpsc-queue/article_ring.rs"]
mod article_ring;
#[path = "../05-mpsc-queue/queue.rs"]
#[expect(unsafe_code, reason = "the ring hands values from thread to thread without a lock")]
mod queue;
#[path = "../05-mpsc-queue/sync.rs"]
mod sync;

// ANCHOR: overflow
#[test]
fn the_articles_ring_loses_everything_when_it_overflows() {
    let ring = ArticleRing::new(4);

    assert_eq!([1, 2, 3].map(|item| ring.put(item)), [true, true, true]);
    assert_eq!(ring.put(4), false);

    // Three were accepted, and none is there.
    assert_eq!(ring.get(), None);
    assert!(ring.put(5));
    assert_eq!(ring.get(), Some(5));
}
// ANCHOR_END: overflow

#[test]
fn it_does_so_at_any_size() {
    for size in [2, 4, 128, 4000] {
        let ring = ArticleRing::new(size);

        let accepted = (1..=size).take_while(|item| ring.put(*item)).count();

        assert_eq!(accepted, size - 1);
        assert_eq!(ring.get(), None);
    }
}

#[test]
fn after_that_a_slot_that_is_only_claimed_shows_what_it_held_before() {
    let ring = ArticleRing::new(4);
    for item in [100, 200, 300, 400] {
        ring.put(item);
    }

    // As a producer that is interrupted between its claim and its stores.
    ring.claim();

    assert_eq!(ring.get(), Some(100));
}

#[test]
fn testing_before_the_claim_cures_that_for_one_producer() {
    let ring = ArticleRing::testing_first(4);

    let accepted = (1..=4).filter(|item| ring.put(*item)).count();

    assert_eq!(accepted, 3);
    assert_eq!(std::iter::from_fn(|| ring.get()).collect::<Vec<_>>(), [1, 2, 3]);
}

// ANCHOR: full
#[test]
fn a_full_ring_gives_the_value_back_and_keeps_the_others() {
    let (producer, mut consumer) = ring(4);

    assert_eq!([1, 2, 3, 4].map(|value| producer.push(value)), [Ok(()); 4]);
    assert_eq!(producer.push(5), Err(Full(5)));

    assert_eq!(std::iter::from_fn(|| consumer.pop()).collect::<Vec<_>>(), [1, 2, 3, 4]);
}
// ANCHOR_END: full

quickcheck! {
    /// `Some` is a push, `None` a pop.
    fn the_ring_is_a_queue_with_a_limit(steps: Vec<Option<u8>>) -> bool {
        let (producer, mut consumer) = ring(4);
        let mut twin = VecDeque::new();
        steps.into_iter().all(|step| match step {
            Some(value) if twin.len() == 4 => producer.push(value) == Err(Full(value)),
            Some(value) => {
                twin.push_back(value);
                producer.push(value) == Ok(())
            }
            None => consumer.is_empty() == twin.is_empty() && consumer.pop() == twin.pop_front(),
        })
    }
}

#[test]
fn four_threads_lose_nothing_and_keep_their_order() {
    const EACH: usize = 10_000;
    let (producer, mut consumer) = ring(8);
    let push_all = |name: usize| {
        let producer = producer.clone();
        move || {
            for number in 0..EACH {
                while producer.push((name, number)).is_err() {
                    thread::yield_now();
                }
            }
        }
    };
    let threads: Vec<_> = (0..4).map(|name| thread::spawn(push_all(name))).collect();

    let mut next = [0; 4];
    while next != [EACH; 4] {
        match consumer.pop() {
            Some((name, number)) => {
                assert_eq!(number, next[name]);
                next[name] += 1;
            }
            // Nobody is left who could bring what is missing.
            None if threads.iter().all(thread::JoinHandle::is_finished) && consumer.is_empty() => break,
            None => thread::yield_now(),
        }
    }
    assert_eq!(next, [EACH; 4]);
}
