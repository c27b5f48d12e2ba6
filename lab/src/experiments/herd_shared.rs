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
    let woken = herd(t, IN, 2)?;
    t.expect_within("level-triggered: several", woken, 2..=4)?;
    let woken = herd(t, IN | ET, 1)?;
    t.expect("edge-triggered: one", woken, 1)?;
    let woken = herd(t, IN | ONESHOT, 1)?;
    t.expect("with ONESHOT: one", woken, 1)
}

fn herd(t: &mut Transcript, mask: Mask, at_least: usize) -> Result<usize, Unproven> {
    let listener = socket::listener()?;
    let epoll = sys::epoll::epoll_create1(libc::EPOLL_CLOEXEC)?;
    sys::epoll::epoll_ctl(epoll, sys::epoll::Op::Add, listener, mask)?;
    let woken = woken_by_one_client(t, &[epoll; 4], listener, at_least)?;
    t.note(format!("4 threads sleep in one epoll ({mask}); one client connects: ~{woken} wake"));
    Ok(woken)
}
