//! Models of the ring: each value arrives once, in its producer's order, and is dropped once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use pretty_assertions::assert_eq;

use super::queue::{Consumer, Full, Producer, ring};
use crate::explore::{Witness, explore, threads};

/// Who pushed a value, and its number among those of its producer.
type Value = (usize, usize);

/// The size of a model.
#[derive(Clone, Copy, Debug)]
struct Size {
    capacity: usize,
    producers: usize,
    /// How many values each producer pushes. It tries each once.
    each: usize,
    /// How often the consumer tries to pop while they push.
    pops: usize,
    /// How many preemptions an execution may have; `None` for all.
    preemptions: Option<usize>,
}

/// What was seen over all executions.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// A pop found a value while nothing but the ring stood between its thread and the producer's.
    pub concurrent_pop: Witness,
    /// A push found the ring full, and got its value back.
    pub full: Witness,
    /// More values went through the ring than it has slots.
    pub second_lap: Witness,
}

/// One producer, one value.
pub fn one_value() -> Seen {
    hand_over(Size { capacity: 2, producers: 1, each: 1, pops: 2, preemptions: None })
}

/// One producer, three values, two slots: the third value needs a slot that has been freed.
pub fn three_values() -> Seen {
    hand_over(Size { capacity: 2, producers: 1, each: 3, pops: 3, preemptions: None })
}

/// Two producers claim one slot each.
pub fn two_producers() -> Seen {
    hand_over(Size { capacity: 2, producers: 2, each: 1, pops: 2, preemptions: None })
}

/// Two producers claim two slots each, in a ring of two.
pub fn two_producers_two_values() -> Seen {
    hand_over(Size { capacity: 2, producers: 2, each: 2, pops: 2, preemptions: Some(3) })
}

/// Two producers claim two slots each, in a ring that has room for all: nobody is refused.
pub fn two_producers_room_for_all() -> Seen {
    hand_over(Size { capacity: 4, producers: 2, each: 2, pops: 2, preemptions: Some(2) })
}

/// A ring of one slot, which the ring that ships refuses to make.
pub fn one_slot() -> Seen {
    hand_over(Size { capacity: 1, producers: 1, each: 2, pops: 1, preemptions: None })
}

fn hand_over(size: Size) -> Seen {
    let seen = Seen::default();
    let noted = seen.clone();
    explore(size.preemptions, move |place| {
        let (producer, mut consumer) = ring(size.capacity);
        let producers = (0..size.producers).map(|name| {
            let producer = producer.clone();
            // The handle comes back: in which order the threads drop theirs would be most of what there is to explore.
            move || (push_each_once(&producer, name, size.each), producer)
        });

        let (produced, (mut consumer, mut received)) = threads(place, producers, move || {
            let received: Vec<_> = (0..size.pops).filter_map(|_| consumer.pop()).collect();
            (consumer, received)
        });

        noted.concurrent_pop.note_if(!received.is_empty());
        received.extend(std::iter::from_fn(|| consumer.pop()));
        for (name, (accepted, _)) in produced.iter().enumerate() {
            let received: Vec<_> = received.iter().copied().filter(|value| value.0 == name).collect();
            assert_eq!(&received, accepted, "each value arrives once, in its producer's order");
        }
        let refused = size.producers * size.each - received.len();
        assert!(refused == 0 || received.len() >= size.capacity, "a push was refused though the ring had room");
        noted.full.note_if(refused > 0);
        noted.second_lap.note_if(received.len() > size.capacity);
        is_as_good_as_new(&producer, &mut consumer, size.capacity);
    });
    seen
}

fn push_each_once(producer: &Producer<Value>, name: usize, each: usize) -> Vec<Value> {
    (0..each)
        .map(|number| (name, number))
        .filter(|value| match producer.push(*value) {
            Ok(()) => true,
            Err(Full(refused)) => {
                assert_eq!(refused, *value, "a full ring gives the value back");
                false
            }
        })
        .collect()
}

/// Whatever the threads did to it, an empty ring takes as many values as it has slots, no more, and gives them back.
fn is_as_good_as_new(producer: &Producer<Value>, consumer: &mut Consumer<Value>, capacity: usize) {
    let lap: Vec<_> = (0..capacity).map(|number| (7, number)).collect();

    assert!(consumer.is_empty());
    for value in &lap {
        assert_eq!(producer.push(*value), Ok(()), "an empty ring takes a value for each slot");
    }
    assert_eq!(producer.push((7, capacity)), Err(Full((7, capacity))), "a full ring gives the value back");
    assert!(!consumer.is_empty());
    assert_eq!(std::iter::from_fn(|| consumer.pop()).collect::<Vec<_>>(), lap, "the ring gives back what it took");
}

/// The producer and the consumer go away while there are values in the ring: each is dropped once, by whoever goes last.
/// Returns the witness of values that were left.
pub fn values_left_in_the_ring() -> Witness {
    let left = Witness::default();
    let noted = left.clone();
    explore(None, move |place| {
        let drops: [Arc<AtomicUsize>; 3] = Default::default();
        let (producer, consumer) = ring(2);
        let values = drops.clone().map(|drops| Counted { drops });

        let push = move || values.into_iter().filter_map(|value| producer.push(value).ok()).count();
        let pop = move || usize::from({ consumer }.pop().is_some());
        let (accepted, popped) = threads(place, [push], pop);

        assert_eq!(drops.map(|drops| drops.load(Relaxed)), [1, 1, 1], "each value is dropped once");
        noted.note_if(accepted[0] > popped);
    });
    left
}

/// A value that counts its drops.
#[derive(Debug)]
struct Counted {
    drops: Arc<AtomicUsize>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Relaxed);
    }
}
