use crate::prelude::*;
use std::time::Duration;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "close_wakes_nobody",
    claim: "Closing a socket in another thread wakes the thread that sleeps in epoll_wait.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "The entry goes without an event: the sleeper sleeps until its time-out.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (_client, server) = t.tcp_pair()?;
    t.add(epoll, server, IN | RDHUP)?;

    let waiter = Waiter::start(t, epoll, 8, A_WHILE)?;
    t.note("another thread sleeps in epoll_wait(max=8, timeout=1000ms)");
    t.close(server)?;

    let woken = waiter.join()?;
    t.note(format!("that thread: {} after {}", woken.answer.in_words(), milliseconds(woken.after)));
    t.expect("it was told nothing", woken.answer, Ok(vec![]))?;
    t.expect_that("it slept its whole time", woken.after >= Duration::from_millis(1000))
}
