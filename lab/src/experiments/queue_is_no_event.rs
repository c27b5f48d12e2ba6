use crate::prelude::*;
use std::sync::mpsc;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "queue_is_no_event",
    claim: "While epoll_wait sleeps, data that another thread puts into a queue is not sent.",
    article: Some("sendAllData() will not be called until epoll_wait returns because data is ready to be received"),
    row: Some(30),
    verdict: Verdict::True,
    expected: "The kernel knows nothing of a queue: the sleeper sleeps until its time-out. Any other event releases \
               it.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    t.add(epoll, server, IN | OUT | ET)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("it can be written at once", events, vec![event(OUT, server)])?;
    let (sender, queue) = mpsc::channel();

    let waiter = Waiter::start(t, epoll, 8, A_WHILE)?;
    t.note("the loop sleeps in epoll_wait(max=8, timeout=1000ms)");
    let _ = sender.send("a reply");
    t.note("another thread puts a reply into the queue");
    let woken = waiter.join()?;
    t.note(format!("the loop: {} after {}", woken.answer.in_words(), milliseconds(woken.after)));
    t.expect("it slept its whole time, and OUT did not come either", woken.answer, Ok(vec![]))?;

    let waiter = Waiter::start(t, epoll, 8, SOON)?;
    t.note("the loop sleeps again; somebody sends a packet");
    t.send(client, b"hello?")?;
    let woken = waiter.join()?;
    t.expect("that wakes it", woken.answer, Ok(vec![event(IN | OUT, server)]))?;
    t.expect_that("and the reply is still in the queue", queue.try_recv().is_ok())
}
