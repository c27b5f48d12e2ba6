use crate::prelude::*;
use std::collections::VecDeque;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "drain_order",
    claim: "It does not matter whether the loop reads the eventfd before or after it empties the queue.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "Queue first, eventfd second: an item that comes in between loses its wake-up. Eventfd first: none does.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let wake = t.eventfd()?;
    t.add(epoll, wake, IN)?;

    let left = one_turn(t, epoll, wake, false)?;
    t.expect("wrong order: the loop sleeps, and an item is left in the queue", left, (0, 1))?;
    let left = one_turn(t, epoll, wake, true)?;
    t.expect("right order: the item is left too, but the loop comes round again", left, (1, 1))
}

/// A turn of the loop, in which a second item comes between the two steps: events then, items then.
fn one_turn(t: &mut Transcript, epoll: Fd, wake: Fd, eventfd_first: bool) -> Result<(usize, usize), Unproven> {
    let mut queue = VecDeque::from(["first"]);
    t.note("a thread puts an item into the queue, and wakes the loop");
    t.write_counter(wake, 1)?;
    t.epoll_wait(epoll, 8, SOON)?;

    let empty = |t: &mut Transcript, queue: &mut VecDeque<&str>| {
        t.note(format!("the loop takes {} item from the queue", queue.len()));
        queue.clear();
    };
    if eventfd_first {
        t.read_counter(wake)?;
        empty(t, &mut queue);
    } else {
        empty(t, &mut queue);
    }
    queue.push_back("second");
    t.note("a thread puts another item into the queue, and wakes the loop");
    t.write_counter(wake, 1)?;
    if !eventfd_first {
        t.read_counter(wake)?;
    }

    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    Ok((events.len(), queue.len()))
}
