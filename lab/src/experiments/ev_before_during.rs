use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "ev_before_during",
    claim: "A write to an eventfd makes epoll_wait return.",
    article: Some("I write 1 on the eventfd so that epoll_wait will break out"),
    row: Some(31),
    verdict: Verdict::True,
    expected: "A write before the wait is not lost, and a write during the wait wakes the sleeper.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let wake = t.eventfd()?;
    t.add(epoll, wake, IN | ET)?;

    t.write_counter(wake, 1)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("written before: it is there", events, vec![event(IN, wake)])?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("... once", events, vec![])?;

    let waiter = Waiter::start(t, epoll, 8, SOON)?;
    t.note("another thread sleeps in epoll_wait");
    t.write_counter(wake, 1)?;
    let woken = waiter.join()?;
    t.note(format!("that thread: {}", woken.answer.in_words()));
    t.expect("written during: the sleeper is woken", woken.answer, Ok(vec![event(IN, wake)]))
}
