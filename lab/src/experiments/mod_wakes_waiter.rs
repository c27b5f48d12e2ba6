use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "mod_wakes_waiter",
    claim: "Register a writable socket for EPOLLOUT, and epoll_wait returns.",
    article: Some("you register for EPOLLOUT, epoll will return and you write data out on the socket"),
    row: Some(21),
    verdict: Verdict::True,
    expected: "At once, and also when another thread calls epoll_ctl while epoll_wait sleeps: MOD and ADD both wake \
               it.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    t.add(epoll, server, IN)?;

    let waiter = Waiter::start(t, epoll, 8, SOON)?;
    t.note("a thread sleeps in epoll_wait");
    t.modify(epoll, server, IN | OUT)?;
    let woken = waiter.join()?;
    t.note(format!("that thread: {}", woken.answer.in_words()));
    t.expect("MOD wakes it", woken.answer, Ok(vec![event(OUT, server)]))?;

    t.modify(epoll, server, IN)?;
    let waiter = Waiter::start(t, epoll, 8, SOON)?;
    t.note("a thread sleeps in epoll_wait");
    t.add(epoll, client, OUT)?;
    let woken = waiter.join()?;
    t.note(format!("that thread: {}", woken.answer.in_words()));
    t.expect("so does ADD", woken.answer, Ok(vec![event(OUT, client)]))
}
