use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "herd_instances",
    claim: "One connection wakes one thread.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "Four threads, each with an epoll of its own on one listening socket: one connection wakes all four, \
               level- or edge-triggered (the thundering herd). With EPOLLEXCLUSIVE it wakes one (accepted: 1 to 3).",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let woken = herd(t, IN, 4)?;
    t.expect("level-triggered: everybody", woken, 4)?;
    let woken = herd(t, IN | ET, 4)?;
    t.expect("edge-triggered: everybody", woken, 4)?;
    let woken = herd(t, IN | EXCLUSIVE, 1)?;
    t.expect_within("exclusive: not everybody", woken, 1..=3)
}

fn herd(t: &mut Transcript, mask: Mask, at_least: usize) -> Result<usize, Unproven> {
    let listener = socket::listener()?;
    let mut epolls = Vec::new();
    for _ in 0..4 {
        let epoll = sys::epoll::epoll_create1(libc::EPOLL_CLOEXEC)?;
        sys::epoll::epoll_ctl(epoll, sys::epoll::Op::Add, listener, mask)?;
        epolls.push(epoll);
    }
    let woken = woken_by_one_client(t, &epolls, listener, at_least)?;
    t.note(format!("4 threads sleep, each in an epoll of its own ({mask}); one client connects: ~{woken} wake"));
    Ok(woken)
}
