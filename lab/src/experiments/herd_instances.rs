use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "herd_instances",
    claim: "One connection wakes one thread.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "Four threads, each with an epoll of its own on one listening socket: one connection wakes all four, level- \
               or edge-triggered (the thundering herd). With EPOLLEXCLUSIVE it wakes one (accepted: 1 to 3).",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let woken = woken_by_one_connection(t, IN, "IN")?;
    t.expect("level-triggered: everybody", woken, 4)?;
    let woken = woken_by_one_connection(t, IN | ET, "IN|ET")?;
    t.expect("edge-triggered: everybody", woken, 4)?;
    let woken = woken_by_one_connection(t, IN | EXCLUSIVE, "IN|EXCLUSIVE")?;
    t.expect_within("exclusive: not everybody", woken, 1..=3)
}

fn woken_by_one_connection(t: &mut Transcript, mask: Mask, words: &str) -> Result<usize, Unproven> {
    let listener = socket::listener()?;
    let mut waiters = Vec::new();
    for _ in 0..4 {
        let epoll = sys::epoll::epoll_create1(libc::EPOLL_CLOEXEC)?;
        sys::epoll::epoll_ctl(epoll, sys::epoll::Op::Add, listener, mask)?;
        waiters.push(Waiter::start(t, epoll, 8, 500)?);
    }
    socket::client_of(listener)?;

    let mut woken = 0;
    for waiter in waiters {
        woken += waiter.join()?.answer?.len();
    }
    t.note(format!("4 threads sleep, each in its own epoll_wait ({words}); one client connects: ~{woken} wake"));
    Ok(woken)
}
