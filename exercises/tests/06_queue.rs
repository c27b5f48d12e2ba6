//! To prove: whatever the order of the threads' steps, each value that was accepted comes out once, in its producer's
//! order, and is dropped once; and nobody waits for anybody.
//!
//! First one thread alone. Then loom: it runs a model again and again, and each time chooses another order of the
//! threads' steps, and other values that the memory model lets a load see. Then real threads, and a property.

#[cfg_attr(feature = "solutions", path = "../../solutions/06_queue.rs")]
#[cfg_attr(not(feature = "solutions"), path = "../src/06_queue.rs")]
#[allow(clippy::todo, missing_docs, unreachable_pub, unsafe_code, unused, reason = "it may be a beginning")]
mod answer;

// As in the engine, whose module the answer rebuilds. In a model these are loom's.
use modelkit::sync;

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};

use answer::{Consumer, Full, Producer, ring};
use modelkit::{Cause, Claim, Failure, Model, Race, What, Witness};
use quickcheck::quickcheck;
use testkit::{Chapter, Evidence, Mistake, Task, Way, check, check_eq, panics};

const fn mistake(name: &'static str) -> Mistake {
    Mistake::new(name, Chapter::MpscQueue)
}

const LOST: Mistake = mistake("a value that was accepted gets lost");
const OTHER: Mistake = mistake("another value comes out than went in");
const TWICE: Mistake = mistake("a value comes out twice");
const ORDER: Mistake = mistake("the values come out in another order");
const REFUSED: Mistake = mistake("a ring that has room refuses a value");
const NOT_ALL_SLOTS: Mistake = mistake("a slot is never used");
const FULL_ACCEPTS: Mistake = mistake("a full ring says that it has taken a value");
const FULL_OTHER: Mistake = mistake("a full ring gives another value back");
const FULL_CLAIMS: Mistake = mistake("a push that is refused has claimed a position");
const FULL_SPINS: Mistake = mistake("a push into a full ring waits for room");
const EMPTY_SPINS: Mistake = mistake("a pop from an empty ring waits for a value");
const NOT_FREED: Mistake = mistake("a slot is not free for the next lap");
const IS_EMPTY: Mistake = mistake("is_empty says something else than pop");
const ONE_SLOT: Mistake = mistake("a ring of one slot is made");
const NO_SLOT: Mistake = mistake("a ring without slots is made");
const NO_POWER: Mistake = mistake("a ring is made whose capacity is no power of two");
const GOOD_CAPACITY: Mistake = mistake("a good capacity is refused");
const LEAKS: Mistake = mistake("values left in the ring are not dropped");
const DROPS_TWICE: Mistake = mistake("a value is dropped twice");
const DROPS_NOTHING: Mistake = mistake("a slot without a value is dropped as if it had one");
const DROPS_EARLY: Mistake = mistake("a value is dropped while it is in the ring");
const WALKS: Mistake = mistake("the end of a ring takes as long as all that ever went through it");
const WEAK: Mistake = mistake("a weak exchange that fails is taken for a full ring");

const PUBLISHES_RELAXED: Mistake = mistake("a value is published with Relaxed");
const POP_LOADS_RELAXED: Mistake = mistake("a pop looks for a value with Relaxed");
const PUBLISHED_EARLY: Mistake = mistake("a value is published before it is in its slot");
const CLAIM_TRUSTED: Mistake = mistake("a pop takes a claim for a value");
const FREES_RELAXED: Mistake = mistake("a slot is freed with Relaxed");
const PUSH_LOADS_RELAXED: Mistake = mistake("a push looks for a free slot with Relaxed");
const FREED_EARLY: Mistake = mistake("a slot is freed before its value is taken");
const TWO_CLAIM: Mistake = mistake("two producers claim the same position");
const CAME_BACK: Mistake = mistake("positions repeat, and a claim succeeds a lap too late (ABA)");
const NOT_ASKED: Mistake = mistake("a slot is used and nobody asked whose it is");
const PUSH_SPINS: Mistake = mistake("a push waits for another thread");
const POP_SPINS: Mistake = mistake("a pop waits for a producer to finish");
const RACE_REFUSED: Mistake = mistake("a push that loses a race is refused");
const NEGATIVE: Mistake = mistake("a difference of positions is taken that may be negative");
const NO_INDEX: Mistake = mistake("a position is used as the index of a slot");
const NOT_CLAIMED: Mistake = mistake("a slot is used before its position is claimed");
const CROWDED: Mistake = mistake("a push that is refused takes the room of another");
const CHANGED: Mistake = mistake("a capacity that is no good is changed rather than refused");
const WEAK_ENDLESS: Mistake = mistake("after an exchange that fails another position is tried than it has found");
const PANICS: Mistake = mistake("the ring panics where it should answer");
const ENDLESS: Mistake = mistake("a loop in the ring has no end");
const LOCK_OF_STD: Mistake = mistake("a lock of std is taken, which loom cannot see");
const NOT_EMPTY_YET: Mistake = mistake("is_empty takes a claim for a value");
const HIDDEN: Mistake = mistake("the ring is made of what loom cannot see");
const NEVER_MET: Mistake = mistake("no value comes out while a producer runs");
const NEVER_DROPPED: Mistake = mistake("the ring itself is never dropped");
const DEADLOCK: Mistake = mistake("all threads wait");

#[test]
fn what_goes_in_comes_out() {
    Task::new().yours().explain(ends_not).run(|| {
        testkit::panic_means(of_panic);
        let (producer, mut consumer) = ring(4);
        testkit::fact("empty", 1);
        check_eq!(consumer.pop(), None, OTHER, "pop on a new ring");
        testkit::fact("empty", 0);
        push(&producer, 7);
        check_eq!(pop(&mut consumer), 7, OTHER, "7 was pushed, and pop");
        check_eq!(consumer.pop(), None, TWICE, "7 was pushed and popped, and pop again");
    });
}

#[test]
fn values_come_out_in_their_order() {
    Task::new().yours().explain(ends_not).run(|| {
        testkit::panic_means(of_panic);
        let (producer, mut consumer) = ring(8);
        (10..17).for_each(|value| push(&producer, value));
        check!(producer.push(17).is_ok(), NOT_ALL_SLOTS, "7 of 8 slots held a value, and push(17) is refused");
        let got: Vec<_> = (10..18).map(|_| pop(&mut consumer)).collect();
        check_eq!(got, [10, 11, 12, 13, 14, 15, 16, 17], ORDER, "10 to 17 were pushed");
    });
}

#[test]
fn a_slot_is_used_again() {
    Task::new().yours().explain(ends_not).run(|| {
        testkit::panic_means(of_panic);
        for capacity in [2, 4] {
            let (producer, mut consumer) = ring(capacity);
            for value in 0..3 * capacity {
                testkit::fact("lap", value);
                let taken = producer.push(value).is_ok();
                testkit::fact("lap", 0);
                check!(taken, NOT_FREED, "a ring of {capacity}; {value} values were pushed and popped one by one");
                let got = consumer.pop();
                check!(
                    got.is_some(),
                    LOST,
                    "a ring of {capacity}; {value} values came and went; one more; pop is None"
                );
                check_eq!(got, Some(value), NOT_FREED, "a ring of {capacity}; {value} was pushed; pop");
            }
            for lap in 0..3 {
                let values: Vec<_> = (0..capacity).map(|value| 10 * lap + value).collect();
                let taken = values.iter().filter(|value| producer.push(**value).is_ok()).count();
                check!(taken + 1 != capacity, NOT_ALL_SLOTS, "a ring of {capacity} is full with {taken} values");
                check_eq!(taken, capacity, NOT_FREED, "values taken by {capacity} empty slots, in lap {lap}");
                let got: Vec<_> = values.iter().filter_map(|_| consumer.pop()).collect();
                check_eq!(got, values, NOT_FREED, "a ring of {capacity} was filled and emptied, in lap {lap}");
            }
        }
    });
}

#[test]
fn a_full_ring_gives_the_value_back() {
    Task::new().yours().explain(ends_not).run(|| {
        testkit::panic_means(of_panic);
        for capacity in [2, 4, 16] {
            let (producer, mut consumer) = ring(capacity);
            for value in 0..capacity {
                let refused = producer.push(value).is_err();
                check!(!(refused && value + 1 == capacity), NOT_ALL_SLOTS, "{value} of {capacity} slots held a value");
                check!(!refused, REFUSED, "{value} of {capacity} slots held a value");
            }
            let seen = format!("{capacity} values were pushed into {capacity} slots, and 77");
            testkit::fact("full", 1);
            testkit::step(&seen);
            match producer.push(77) {
                Ok(()) => testkit::fail(FULL_ACCEPTS, seen),
                Err(Full(back)) => check_eq!(back, 77, FULL_OTHER, "{seen}"),
            }
            testkit::fact("full", 0);
            for value in 0..capacity {
                check_eq!(consumer.pop(), Some(value), LOST, "{seen}; pop");
            }
            check_eq!(consumer.pop(), None, OTHER, "{seen}; all was popped; pop");
            let again = producer.push(78);
            check_eq!(again, Ok(()), FULL_CLAIMS, "{seen}; all was popped; 78 was pushed");
            check_eq!(consumer.pop(), Some(78), FULL_CLAIMS, "{seen}; all was popped; 78 was pushed; pop");
        }
    });
}

#[test]
fn is_empty_says_what_pop_would_find() {
    Task::new().yours().explain(ends_not).run(|| {
        testkit::panic_means(of_panic);
        let (producer, mut consumer) = ring(2);
        check!(consumer.is_empty(), IS_EMPTY, "a new ring is not empty");
        for lap in 0..3 {
            push(&producer, lap);
            push(&producer, lap);
            check!(!consumer.is_empty(), IS_EMPTY, "two values are in the ring, and it is empty");
            pop(&mut consumer);
            check!(!consumer.is_empty(), IS_EMPTY, "one value is in the ring, and it is empty");
            pop(&mut consumer);
            check!(consumer.is_empty(), IS_EMPTY, "all was popped, and the ring is not empty");
        }
    });
}

#[test]
fn a_capacity_is_a_power_of_two_and_at_least_two() {
    Task::new().yours().explain(ends_not).run(|| {
        for (capacity, mistake) in [(1, ONE_SLOT), (0, NO_SLOT), (3, NO_POWER), (6, NO_POWER)] {
            let mut made = String::new();
            let panicked = panics(|| made = format!("{:?}", ring::<usize>(capacity).0));
            let is_changed = made.contains("capacity: ") && !made.contains(&format!("capacity: {capacity},"));
            let mistake = if is_changed { CHANGED } else { mistake };
            check!(panicked, mistake, "ring({capacity}) must panic, and makes {made}");
        }
        for capacity in [2, 4, 1024] {
            let panicked = panics(|| drop(ring::<usize>(capacity)));
            check!(!panicked, GOOD_CAPACITY, "ring({capacity}) panics");
        }
    });
}

#[test]
fn each_value_is_dropped_once() {
    Task::new().yours().explain(ends_not).run(|| {
        testkit::panic_means(of_panic);
        // How many are pushed and popped before, and how many are left in a ring of four.
        for (before, left) in [(0, 0), (0, 2), (0, 4), (3, 0), (3, 2), (5, 4), (8, 1)] {
            let (producer, mut consumer) = ring(4);
            let told = format!("a ring of 4; {before} values were pushed and popped, then {left} pushed");
            for number in 0..before {
                producer.push(Counted::new(number)).ok();
                drop(consumer.pop());
            }
            (before..before + left).for_each(|number| drop(producer.push(Counted::new(number))));
            let drops = Counted::drops();
            check!(drops[before..].iter().all(|drops| *drops == 0), DROPS_EARLY, "{told}: dropped {drops:?}");
            if left % 2 == 0 {
                drop((producer, consumer));
            } else {
                drop((consumer, producer));
            }
            let drops = Counted::drops();
            let all = &drops[..before + left];
            check!(all.iter().all(|drops| *drops < 2), DROPS_TWICE, "{told}; the ring was dropped; drops: {drops:?}");
            check!(all.iter().all(|drops| *drops == 1), LEAKS, "{told}; the ring was dropped; drops: {drops:?}");
            Counted::forget();
        }
    });
}

#[test]
fn the_end_looks_at_the_slots_and_not_at_the_past() {
    Task::new().yours().explain(ends_not).run(|| {
        testkit::panic_means(of_panic);
        let (producer, mut consumer) = ring(4);
        for value in 0..1000 {
            push(&producer, value);
            pop(&mut consumer);
        }
        let before = sync::loads();
        drop((producer, consumer));
        let loads = sync::loads() - before;
        let seen = "1000 values went through a ring of 4; it was dropped, and loaded";
        check!(loads <= 100, WALKS, "{seen} an atomic {loads} times");
    });
}

#[test]
fn a_claim_is_tried_again() {
    Task::new().yours().explain(ends_not).run(|| {
        testkit::panic_means(of_panic);
        sync::let_weak_exchanges_fail();
        testkit::fact("weak", 1);
        let (producer, mut consumer) = ring(64);
        for value in 0..64 {
            let taken = producer.push(value).is_ok();
            check!(taken, WEAK, "compare_exchange_weak has failed for no reason, and push({value}) is refused");
        }
        let got: Vec<_> = (0..64).filter_map(|_| consumer.pop()).collect();
        check_eq!(got, (0..64).collect::<Vec<_>>(), LOST, "some weak exchanges have failed for no reason");
    });
}

#[test]
fn a_claim_is_tried_again_as_often_as_it_fails() {
    Task::new().yours().explain(ends_not).run(|| {
        testkit::panic_means(of_panic);
        let (producer, _consumer) = ring(2);
        sync::let_weak_exchanges_fail_in_a_row(100);
        let taken = producer.push(1).is_ok();
        check!(taken, WEAK, "compare_exchange_weak fails 100 times for no reason, and push(1) is refused");
    });
}

#[test]
fn loom_one_producer_and_two_laps() {
    modelled().run(|| explore(Size { capacity: 2, before: 0, pushes: &[3], pops: 3, preemptions: None }));
}

#[test]
fn loom_two_producers_claim_different_slots() {
    modelled().run(|| explore(Size { capacity: 2, before: 0, pushes: &[1, 1], pops: 2, preemptions: Some(2) }));
}

#[test]
fn loom_a_producer_is_a_lap_too_late() {
    modelled().run(|| explore(Size { capacity: 2, before: 0, pushes: &[2, 1], pops: 1, preemptions: Some(1) }));
}

#[test]
fn loom_room_is_made_in_a_full_ring() {
    modelled().run(|| explore(Size { capacity: 2, before: 2, pushes: &[1, 1], pops: 2, preemptions: Some(1) }));
}

#[test]
fn loom_the_ends_go_away_while_values_are_left() {
    modelled().run(|| {
        testkit::panic_means(of_panic);
        Model::new(meaning).check(|place| {
            let (producer, consumer) = ring(2);
            let pushing = modelkit::spawn("producer", move || {
                (0..3).filter(|number| producer.push(Counted::new(*number)).is_ok()).count()
            });
            let popped = place.run(move || {
                let mut consumer = consumer;
                let empty = consumer.is_empty();
                let popped = consumer.pop().is_some();
                check!(empty || popped, NOT_EMPTY_YET, "is_empty said that there is a value, and pop finds none");
                usize::from(popped)
            });
            let pushed = pushing.join();
            let drops = Counted::drops();
            let seen =
                format!("{pushed} of 3 values were taken, {popped} popped; both ends are gone; drops: {drops:?}");
            check!(drops[..3].iter().all(|drops| *drops < 2), DROPS_TWICE, "{seen}");
            check!(drops[..3].iter().all(|drops| *drops == 1), LEAKS, "{seen}");
            Counted::forget();
        });
    });
}

#[test]
fn loom_a_push_that_is_refused_takes_no_room() {
    modelled().run(|| {
        testkit::panic_means(of_panic);
        Model::new(meaning).preemptions(2).check(|place| {
            let (producer, mut consumer) = ring(2);
            push_each(&producer, 0, 2);
            let other = producer.clone();
            let pushing = modelkit::spawn("producer 1", move || push_each(&other, 1, 1));
            let (popped, pushed) = place.run(move || {
                let popped = consumer.pop();
                let pushed = push_each(&producer, 2, 1);
                consumer.pop();
                (popped, pushed)
            });
            let refused = pushing.join().is_empty() && pushed.is_empty();
            let seen =
                "a ring of 2 was full; one value was popped, then one pushed and refused; another push was refused";
            check!(!refused || popped.is_none(), CROWDED, "{seen} meanwhile, and there was room for one of them");
        });
    });
}

#[test]
fn real_threads_agree() {
    const EACH: usize = 1000;
    static TURN: Turn = Turn { number: Mutex::new(0), next: Condvar::new() };
    Task::new().explain(ends_not).run(|| {
        testkit::panic_means(of_panic);
        let (producer, mut consumer) = ring(8);
        let push_all = |name| {
            let producer: Producer<(usize, usize)> = producer.clone();
            move || (0..EACH).for_each(|number| TURN.until(|| producer.push((name, number)).ok()))
        };
        let pushing = [0, 1].map(|name| testkit::yours(push_all(name)));
        let popping = testkit::yours(move || {
            let mut next = [0, 0];
            while next != [EACH, EACH] {
                let (name, number) = TURN.until(|| consumer.pop());
                check!(name < 2 && number < EACH, OTHER, "{number} of producer {name} came out; there is none");
                check!(number <= next[name], LOST, "of producer {name} came {number}, and {} did not", next[name]);
                check!(number == next[name], TWICE, "of producer {name} came {number} again");
                next[name] += 1;
            }
        });
        pushing.into_iter().for_each(|thread| thread.join());
        testkit::fact("all pushed", 1);
        popping.join();
    });
}

#[test]
fn a_ring_does_what_a_bounded_deque_does() {
    fn property(size: u8, pushes: Vec<bool>) {
        let capacity = 2 << (size % 3);
        let (producer, mut consumer) = ring(capacity);
        let mut deque = VecDeque::new();
        for (number, pushed) in pushes.into_iter().enumerate() {
            if pushed {
                let has_room = deque.len() < capacity;
                let taken = producer.push(number);
                let seen = format!("{} values were in a ring of {capacity}; push({number})", deque.len());
                check!(taken.is_ok() || !has_room, REFUSED, "{seen} is refused");
                check!(taken.is_err() || has_room, FULL_ACCEPTS, "{seen}");
                if has_room {
                    deque.push_back(number);
                }
            } else {
                let held = format!("the ring held {deque:?}; pop");
                let want = deque.pop_front();
                let got = consumer.pop();
                check!(got.is_some() || want.is_none(), LOST, "{held} is None");
                check_eq!(got, want, ORDER, "{held}");
            }
            check_eq!(consumer.is_empty(), deque.is_empty(), IS_EMPTY, "the ring held {deque:?}; is_empty");
        }
    }
    let task = Task::new().yours().explain(ends_not);
    task.run(|| {
        testkit::panic_means(of_panic);
        testkit::property(|| quickcheck(property as fn(u8, Vec<bool>)));
    });
}

/// A model: how many values each producer pushes, and how often the consumer pops meanwhile.
#[derive(Clone, Copy)]
struct Size {
    capacity: usize,
    /// How many values are in the ring before, pushed by another producer.
    before: usize,
    pushes: &'static [usize],
    pops: usize,
    preemptions: Option<usize>,
}

fn explore(size: Size) {
    testkit::panic_means(of_panic);
    let met = Witness::default();
    let noted = met.clone();
    let model = Model::new(meaning);
    let model = size.preemptions.map_or(model, |most| model.preemptions(most));
    let explored = model.check(move |place| {
        let (producer, mut consumer) = ring(size.capacity);
        let before = push_each(&producer, size.pushes.len(), size.before);
        let names = ["producer 1", "producer 2"].into_iter().enumerate();
        let spawn = |(each, (number, name)): (&usize, (usize, &str))| {
            let (each, producer) = (*each, producer.clone());
            modelkit::spawn(name, move || push_each(&producer, number, each))
        };
        let pushing: Vec<_> = size.pushes.iter().zip(names).map(spawn).collect();
        let (mut consumer, mut got) = place.run(move || {
            let got: Vec<_> = (0..size.pops).filter_map(|_| consumer.pop()).collect();
            (consumer, got)
        });
        noted.note_if(!got.is_empty());
        let accepted = pushing.into_iter().map(modelkit::Handle::join).chain([before]).collect::<Vec<_>>();
        got.extend(std::iter::from_fn(|| consumer.pop()).take(size.capacity + 1));
        agree(size, &accepted, &got);
    });
    let is_seen = explored.atomics > 0 && explored.cells > 0 && explored.arcs > 0;
    check!(is_seen, HIDDEN, "loom has seen, of `crate::sync`, so many uses: {explored:?}");
    check!(met.is_seen(), NEVER_MET, "no execution has a pop that finds a value while its producer may still run");
}

/// Tries so many values once each. Returns which were accepted.
fn push_each(producer: &Producer<(usize, usize)>, number: usize, each: usize) -> Vec<usize> {
    (0..each).filter(|value| producer.push((number, *value)).is_ok()).collect()
}

/// What the producers were told is what the consumer got.
fn agree(size: Size, accepted: &[Vec<usize>], got: &[(usize, usize)]) {
    let seen = format!("accepted of each producer: {accepted:?}; popped (producer, value): {got:?}");
    for (name, accepted) in accepted.iter().enumerate() {
        let got: Vec<_> = got.iter().filter(|(whose, _)| *whose == name).map(|(_, value)| *value).collect();
        let twice = accepted.iter().any(|value| got.iter().filter(|got| *got == value).count() > 1);
        check!(!twice, TWICE, "{seen}");
        check!(accepted.iter().all(|value| got.contains(value)), LOST, "{seen}");
        check!(got.iter().all(|value| accepted.contains(value)), OTHER, "{seen}");
        check!(got == *accepted, ORDER, "{seen}");
    }
    let pushed = size.pushes.iter().sum::<usize>() + size.before;
    let total: usize = accepted.iter().map(Vec::len).sum();
    check!(total == pushed || total >= size.capacity, RACE_REFUSED, "{seen}; {pushed} were pushed, and there was room");
}

/// Which mistake makes a model fail so?
fn meaning(failure: &Failure) -> Mistake {
    match failure {
        Failure::Race(race) => of_race(race),
        Failure::Spins(thread) if thread.starts_with("producer") => PUSH_SPINS,
        Failure::Spins(_) => POP_SPINS,
        Failure::Deadlock => DEADLOCK,
        Failure::Leak => NEVER_DROPPED,
    }
}

fn of_race(Race { threads, cause, claim }: &Race) -> Mistake {
    let [from_producer, to_producer] = [0, 1].map(|at| threads[at].starts_with("producer"));
    match cause {
        Cause::NothingToSee => HIDDEN,
        Cause::ValueCameBack(_) => CAME_BACK,
        _ if from_producer && to_producer => match claim {
            Some(Claim::Missing) => NOT_CLAIMED,
            Some(Claim::OtherPosition) => NOT_ASKED,
            None => TWO_CLAIM,
        },
        Cause::StoreIsRelaxed(_) if from_producer => PUBLISHES_RELAXED,
        Cause::StoreIsRelaxed(_) => FREES_RELAXED,
        Cause::LoadIsRelaxed(_) if from_producer => POP_LOADS_RELAXED,
        Cause::LoadIsRelaxed(_) => PUSH_LOADS_RELAXED,
        Cause::StoredTooEarly(step) if from_producer && matches!(step.what, What::Update(..)) => CLAIM_TRUSTED,
        Cause::StoredTooEarly(_) if from_producer => PUBLISHED_EARLY,
        Cause::StoredTooEarly(_) => FREED_EARLY,
        Cause::Nothing => NOT_ASKED,
    }
}

/// A test that loom runs.
fn modelled() -> Task {
    Task::new().busy().yours().explain(|evidence| {
        let sleeps = evidence.sleeps_in("futex");
        let told = "The thread that runs the model sleeps in the kernel: one thread of the model holds a lock, loom let \
                    another run, and that waits for the lock beside loom.";
        sleeps.then(|| (LOCK_OF_STD, told.into()))
    })
}

/// Which mistake lets a test without loom not end?
fn ends_not(evidence: &Evidence) -> Option<(Mistake, String)> {
    let is = |fact| evidence.fact(fact) == Some(1);
    Some(match evidence.way {
        Way::Asleep if is("all pushed") => {
            (LOST, "All was pushed, and the consumer waits for what does not come.".into())
        }
        Way::Asleep => (REFUSED, "A producer waits for room, and the consumer for a value.".into()),
        _ if is("full") => (FULL_SPINS, "A push goes round and round: the ring is full, and nobody pops.".into()),
        _ if evidence.fact("lap").is_some_and(|value| value > 0) => {
            (NOT_FREED, "A push goes round and round: the ring is empty, and the slot that is next is not free.".into())
        }
        _ if is("weak") => (WEAK_ENDLESS, "A push goes round and round: compare_exchange_weak has failed once.".into()),
        _ if is("empty") => (EMPTY_SPINS, "A pop goes round and round: the ring is empty, and nobody pushes.".into()),
        _ => (ENDLESS, "A call goes round and round.".into()),
    })
}

/// Which mistake makes the ring panic?
fn of_panic(words: &str) -> Option<Mistake> {
    Some(match words {
        words if words.contains("index out of bounds") => NO_INDEX,
        words if words.contains("with overflow") => NEGATIVE,
        _ => PANICS,
    })
}

/// Lets threads sleep until another has done something.
struct Turn {
    number: Mutex<u64>,
    next: Condvar,
}

impl Turn {
    /// Tries until there is something.
    fn until<T>(&self, mut attempt: impl FnMut() -> Option<T>) -> T {
        loop {
            let before = *self.number.lock().expect("nobody panics with the lock");
            if let Some(done) = attempt() {
                *self.number.lock().expect("nobody panics with the lock") += 1;
                self.next.notify_all();
                return done;
            }
            let number = self.number.lock().expect("nobody panics with the lock");
            drop(self.next.wait_while(number, |number| *number == before));
        }
    }
}

#[track_caller]
fn push(producer: &Producer<usize>, value: usize) {
    let taken = producer.push(value).is_ok();
    check!(taken, REFUSED, "push({value})");
}

#[track_caller]
fn pop(consumer: &mut Consumer<usize>) -> usize {
    consumer.pop().unwrap_or_else(|| testkit::fail(LOST, "a value was pushed, and pop finds none"))
}

/// A value that counts its drops, and can be told from whatever bytes a slot holds that has no value.
struct Counted {
    number: usize,
    proof: u64,
}

const PROOF: u64 = 0x5eed_c0de_cafe_f00d;
static DROPS: Mutex<[u8; 16]> = Mutex::new([0; 16]);

impl Counted {
    fn new(number: usize) -> Self {
        Self { number, proof: PROOF }
    }

    fn drops() -> [u8; 16] {
        *DROPS.lock().expect("nobody panics with the lock")
    }

    fn forget() {
        *DROPS.lock().expect("nobody panics with the lock") = [0; 16];
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let is_a_value = self.proof == PROOF && self.number < 16;
        check!(is_a_value, DROPS_NOTHING, "no value was ever pushed into a slot that is dropped");
        DROPS.lock().expect("nobody panics with the lock")[self.number] += 1;
    }
}
