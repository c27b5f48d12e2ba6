//! To prove: the model rejects every ring that is broken, and accepts every ring that is sound.
//!
//! The tests go from easy to nasty; each is about one ring. There is no property: there are as many ways to break a ring
//! as there are tests here, and each takes loom thousands of executions.

#[cfg_attr(feature = "solutions", path = "../../solutions/05_find_the_bug.rs")]
#[cfg_attr(not(feature = "solutions"), path = "../src/05_find_the_bug.rs")]
#[allow(
    clippy::extra_unused_type_parameters,
    clippy::todo,
    missing_docs,
    unreachable_pub,
    unused,
    reason = "it may be a beginning"
)]
mod answer;

use answer::model;
use modelkit::judge::{Blame, must_accept, must_reject, start as spawn};
use modelkit::rings::{
    AlwaysFull, Locked, NewestFirst, PlainArticle, PublishedArticle, RelaxedArticle, Ring, Sequenced, TestingFirst,
    TwiceTheSame, Watched,
};
#[allow(unused_imports, reason = "a model may need it")]
use modelkit::yield_now;
use modelkit::{Call, Seen};
use testkit::{Chapter, Mistake, Task, Way};

const fn mistake(name: &'static str) -> Mistake {
    Mistake::new(name, Chapter::MpscQueue)
}

// What a model has not seen of a broken ring.
const NEVER_PUTS: Mistake = mistake("the model puts nothing into the ring");
const NEVER_GETS: Mistake = mistake("the model gets nothing from the ring");
const ONE_THREAD: Mistake = mistake("the model has one thread only");
const AFTER_JOIN: Mistake = mistake("the consumer begins when the producers have ended");
const MAIN_CONSUMER: Mistake = mistake("the consumer is the main thread, where loom lets no get meet a put");
const NEVER_MEET: Mistake = mistake("the calls never meet as the fault needs");
const ONE_PRODUCER: Mistake = mistake("there is one producer only");
const ONE_AT_A_TIME: Mistake = mistake("no producer has two items in the ring at once");
const NEVER_FULL: Mistake = mistake("the ring is never full");
const NO_LAP: Mistake = mistake("nothing goes once round the ring");
const NOT_EMPTIED: Mistake = mistake("the ring is not emptied in the end");
const TOO_LARGE: Mistake = mistake("the model is too large: loom does not come to the fault");
// What it has seen, and found good.
const FULL_IS_GOOD: Mistake = mistake("a ring that takes nothing is found good");
const ORDER_UNCHECKED: Mistake = mistake("the order of one producer's items is not checked");
const TWICE_UNCHECKED: Mistake = mistake("an item that comes out twice is found good");
const VALUES_UNCHECKED: Mistake = mistake("what comes out is not compared with what was put");
const LOSS_UNCHECKED: Mistake = mistake("an item that was accepted and never comes out is found good");
const EQUAL_ITEMS: Mistake = mistake("two items are equal, so that nobody can tell them apart");
// What it has taken for a fault of a sound ring.
const REFUSAL: Mistake = mistake("a full ring is taken for a broken one");
const NOT_YET: Mistake = mistake("a get that finds nothing yet is taken for a loss");
const STILL_THERE: Mistake = mistake("what is still in the ring is taken for lost");
const ORDER_OF_TWO: Mistake = mistake("an order is expected between two producers");
const NO_EMPTY_SLOT: Mistake = mistake("a ring is expected to be full when it has room");
const MORE_THAN_PROMISED: Mistake = mistake("the model expects what no ring promises");
const SPINS: Mistake = mistake("the model waits in a loop without yield_now");
const WAITS_IN_VAIN: Mistake = mistake("the model waits in a loop for what may never come");
const TOO_MANY: Mistake = mistake("the model has more threads than loom can follow");
const TWO_CONSUMERS: Mistake = mistake("two threads get at once");
const MISCOUNTED: Mistake = mistake("the model's own account is wrong");
const ONE_AFTER_THE_OTHER: Mistake = mistake("each producer ends before the next begins");
const UNSEEN_BY_LOOM: Mistake = mistake("the model waits for what loom does not see");
const WAITS: Mistake = mistake("all threads of the model wait");

#[test]
fn a_lock_around_a_deque_is_sound() {
    task().run(|| must_accept(model::<Watched<Locked>>, blame));
}

#[test]
fn a_ring_that_is_always_full_is_broken() {
    task().run(|| {
        must_reject(model::<Watched<AlwaysFull>>, |seen| {
            unused(seen).unwrap_or_else(|| (FULL_IS_GOOD, "Each put was refused, and the model did not mind.".into()))
        })
    });
}

#[test]
fn plain_variables_are_a_race() {
    task().run(|| {
        must_reject(model::<Watched<PlainArticle>>, |seen| {
            apart(seen).unwrap_or_else(|| (NEVER_MEET, "No get came while a producer was at the slots.".into()))
        })
    });
}

#[test]
fn the_newest_item_first_is_broken() {
    task().run(|| {
        must_reject(model::<Watched<NewestFirst>>, |seen| {
            let order = || (ORDER_UNCHECKED, "The newest item came out first, and the model did not mind.".into());
            unused(seen).or_else(|| one_at_a_time(seen)).or_else(|| not_emptied(seen)).unwrap_or_else(order)
        })
    });
}

#[test]
fn the_same_item_twice_is_broken() {
    task().run(|| {
        must_reject(model::<Watched<TwiceTheSame>>, |seen| {
            let twice = || (TWICE_UNCHECKED, "An item came out twice, and the model did not mind.".into());
            unused(seen).or_else(|| not_emptied(seen)).unwrap_or_else(twice)
        })
    });
}

#[test]
fn the_articles_ring_loses_all_when_it_overflows() {
    task().run(|| {
        must_reject(model::<Watched<PublishedArticle>>, |seen| {
            unused(seen).or_else(|| never_full(seen)).or_else(|| not_emptied(seen)).unwrap_or_else(|| loss(seen))
        })
    });
}

#[test]
fn relaxed_variables_show_an_old_item() {
    task().run(|| {
        must_reject(model::<Watched<RelaxedArticle>>, |seen| {
            let values =
                || (VALUES_UNCHECKED, "An item came out that nobody had put, and the model did not mind.".into());
            apart(seen).or_else(|| (!seen.strange).then(|| unreached(seen))).unwrap_or_else(values)
        })
    });
}

#[test]
fn the_ring_with_sequence_numbers_is_sound() {
    task().run(|| must_accept(model::<Watched<Sequenced>>, blame));
}

#[test]
fn testing_first_is_a_lap_too_late() {
    task().run(|| {
        must_reject(model::<Watched<TestingFirst>>, |seen| {
            apart(seen).or_else(|| no_lap(seen)).or_else(|| not_emptied(seen)).unwrap_or_else(|| loss(seen))
        })
    });
}

fn task() -> Task {
    Task::new().busy().yours().explain(|evidence| {
        if evidence.sleeps_in("futex") {
            let seen = "All threads of a model are one thread for the kernel. One of them waits for a lock, a barrier or a \
                        channel of std's, and so nobody runs who could end that.";
            return Some((UNSEEN_BY_LOOM, seen.into()));
        }
        if evidence.way != Way::Spinning {
            return None;
        }
        let computed = evidence.your_thread()?.computed.as_millis() as u64;
        let before = evidence.fact("computed before this execution").unwrap_or(0);
        if before > computed / 2 {
            let executions = evidence.fact("executions").unwrap_or(0);
            return Some((TOO_LARGE, format!("The time is over, and loom has come to execution {executions} only.")));
        }
        Some((SPINS, "An execution has no end: a loop goes round and round, and does not ask the ring.".into()))
    })
}

/// Has the model used the ring at all?
fn unused(seen: &Seen) -> Option<Blame> {
    if seen.producers == 0 {
        return Some((NEVER_PUTS, "The model ended, and no put was called.".into()));
    }
    if !seen.gets {
        return Some((NEVER_GETS, "The model ended, and no get was called.".into()));
    }
    let told =
        || "Two puts of one execution had the same item: one may be lost, or come before the other, unseen.".into();
    seen.equal_items.then(|| (EQUAL_ITEMS, told()))
}

/// Did a get ever meet a put of another thread?
fn apart(seen: &Seen) -> Option<Blame> {
    let [main, other] = seen.early;
    if let Some(blame) = unused(seen) {
        return Some(blame);
    }
    if seen.started == 0 {
        return Some((ONE_THREAD, "The model has started no thread: nothing can happen at once.".into()));
    }
    if !main && !other {
        return Some((AFTER_JOIN, "Each get was called after each producer had been joined.".into()));
    }
    let unmet = !seen.met && !other;
    unmet.then(|| {
        let told = "The main thread got, and each get ran before the producers, or after. Spawn the consumer, last.";
        (MAIN_CONSUMER, told.into())
    })
}

fn one_at_a_time(seen: &Seen) -> Option<Blame> {
    let told = || (ONE_AT_A_TIME, "No producer ever had two items in the ring: they have no order.".into());
    (!seen.two_at_once).then(told)
}

fn never_full(seen: &Seen) -> Option<Blame> {
    let told = || (NEVER_FULL, format!("Each put was accepted, by a ring of {} slots.", seen.size));
    (!seen.refused).then(told)
}

fn not_emptied(seen: &Seen) -> Option<Blame> {
    let told = || (NOT_EMPTIED, "No get was tried, after all joins, until it found nothing: more may be there.".into());
    (!seen.drained).then(told)
}

/// Can an index come back between a producer's look at it and its claim?
fn no_lap(seen: &Seen) -> Option<Blame> {
    if seen.producers < 2 {
        return Some((
            ONE_PRODUCER,
            "One thread puts: nobody can come between its look at the ring and its claim.".into(),
        ));
    }
    if !seen.puts_met {
        return Some((ONE_AFTER_THE_OTHER, "Each producer had been joined before the next one put.".into()));
    }
    if seen.puts <= seen.size {
        let told = format!("{} items at most are put into {} slots, so no slot is used again.", seen.puts, seen.size);
        return Some((NO_LAP, told));
    }
    never_full(seen)
}

/// Why has no execution shown the fault?
fn unreached(seen: &Seen) -> Blame {
    if seen.executions >= seen.most {
        let told = format!("loom was stopped after {} executions. Fewer threads and items find more.", seen.most);
        return (TOO_LARGE, told);
    }
    if !seen.early[1] {
        return (MAIN_CONSUMER, "The main thread got. Spawn the consumer, after the producers.".into());
    }
    (NEVER_MEET, format!("In {} executions the ring did nothing wrong.", seen.executions))
}

fn loss(seen: &Seen) -> Blame {
    if !seen.lost {
        return unreached(seen);
    }
    let told = format!("In {} executions items were lost, and the model did not mind.", seen.executions);
    (LOSS_UNCHECKED, told)
}

/// Who lets the others run so often in one execution, of a few dozen steps, waits.
const MANY: usize = 100;

/// What has a model that panicked with these words taken for a fault of a sound ring?
#[allow(clippy::too_many_lines, reason = "one arm for each mistake")]
fn blame(seen: &Seen, words: &str) -> Blame {
    let told = |what: &str| format!("The ring is sound. {what} The model said: {words}");
    if words.contains("maximum number of branches") {
        if seen.yields > MANY {
            return (WAITS_IN_VAIN, told("A loop lets the others run, again and again, and they have ended."));
        }
        let what =
            "A loop waits for another thread, and does not let it run: std's own yield_now and sleep do not either.";
        return (SPINS, told(what));
    }
    if seen.started > 4 {
        return (TOO_MANY, told("Four threads may be spawned."));
    }
    if seen.two_consumers || words.contains("already") && words.contains("borrowed") {
        return (TWO_CONSUMERS, told("A get was called while another thread was in a get."));
    }
    if words.starts_with("deadlock") {
        return (WAITS, told("Nobody is left who could go on."));
    }
    let left = seen.accepted().any(|(_, item)| !seen.received().any(|got| got == item));
    // A thread that panics right after its call did not like what the call had returned.
    let last = seen.calls.last().filter(|(thread, _)| Some(*thread) == seen.panicked).map(|(_, call)| *call);
    let putters: Vec<_> = seen.accepted().map(|(thread, _)| thread).collect();
    match last {
        Some(Call::Get(None)) if left || !seen.drained_now || seen.accepted().next().is_none() => {
            (NOT_YET, told("A get found nothing, for no producer had finished an item."))
        }
        Some(Call::Put(_, false)) => (REFUSAL, told("A put was refused, for there was no room.")),
        Some(Call::Put(_, true)) => (NO_EMPTY_SLOT, told("A put was accepted, for there was room.")),
        _ if left && seen.drained_now => {
            let what = "A get found nothing when all producers had ended and items were there: nothing that loom sees, \
                        such as a join, puts it behind them. It sees no flag of std's.";
            (UNSEEN_BY_LOOM, told(what))
        }
        _ if left => (STILL_THERE, told("Not all that was accepted has been got.")),
        _ if seen.refused_now() => (REFUSAL, told("A put was refused, for there was no room.")),
        _ if seen.in_thread_order() => {
            let what = "All puts were accepted, and all items came out, one thread's behind the other's.";
            (MISCOUNTED, told(what))
        }
        _ if putters.iter().any(|putter| *putter != putters[0]) => {
            (ORDER_OF_TWO, told("Two producers' items came out in one of the orders that they may have."))
        }
        _ => (MORE_THAN_PROMISED, told("What was accepted has come out once, in its order.")),
    }
}
