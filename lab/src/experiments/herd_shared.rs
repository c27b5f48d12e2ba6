use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "herd_shared",
    claim: "Threads that wait on one shared epoll wake one at a time.",
    article: None,
    row: None,
    verdict: Verdict::TrueWithExceptions,
    expected: "Edge-triggered, or with EPOLLONESHOT, one connection wakes one of four. Level-triggered it wakes more, \
               as long as nobody accepts (accepted: 2 to 4).",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let woken = woken_by_one_connection(t, IN, "IN")?;
    t.expect_within("level-triggered: several", woken, 2..=4)?;
    let woken = woken_by_one_connection(t, IN | ET, "IN|ET")?;
    t.expect("edge-triggered: one", woken, 1)?;
    let woken = woken_by_one_connection(t, IN | ONESHOT, "IN|ONESHOT")?;
    t.expect("with ONESHOT: one", woken, 1)
}

fn woken_by_one_connection(t: &mut Transcript, mask: Mask, words: &str) -> Result<usize, Unproven> {
    let listener = socket::listener()?;
    let epoll = sys::epoll::epoll_create1(libc::EPOLL_CLOEXEC)?;
    sys::epoll::epoll_ctl(epoll, sys::epoll::Op::Add, listener, mask)?;
    let mut waiters = Vec::new();
    for _ in 0..4 {
        waiters.push(Waiter::start(t, epoll, 8, 500)?);
    }
    socket::client_of(listener)?;

    let mut woken = 0;
    for waiter in waiters {
        woken += waiter.join()?.answer?.len();
    }
    t.note(format!("4 threads sleep in epoll_wait on one epoll ({words}); one client connects: ~{woken} wake"));
    Ok(woken)
}
