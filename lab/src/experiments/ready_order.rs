use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "ready_order",
    claim: "epoll_wait reports descriptors by their numbers, and with little room the low ones win.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "It reports them in the order in which they became ready. With room for one, level-triggered, each has \
               its turn; edge-triggered, two hundred come in batches, each once.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    t.need_files(250)?;
    let epoll = t.epoll()?;
    let fds = [t.eventfd()?, t.eventfd()?, t.eventfd()?];
    for fd in fds {
        t.add(epoll, fd, IN)?;
    }
    let [low, middle, high] = fds;
    for fd in [high, low, middle] {
        t.write_counter(fd, 1)?;
    }
    let all = [event(IN, high), event(IN, low), event(IN, middle)];
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("in the order of the writes", events, all.to_vec())?;
    for wanted in all.iter().cycle().take(6) {
        let events = t.epoll_wait(epoll, 1, SOON)?;
        t.expect("one at a time, each in its turn", events, vec![*wanted])?;
    }
    two_hundred(t)
}

fn two_hundred(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    for _ in 0..200 {
        let fd = file::eventfd(1, libc::EFD_CLOEXEC)?;
        sys::epoll::epoll_ctl(epoll, sys::epoll::Op::Add, fd, IN | ET)?;
    }
    t.note("200 eventfds are ready, edge-triggered");
    let mut seen = std::collections::BTreeSet::new();
    for wanted in [64, 64, 64, 8, 0] {
        let events = t.epoll_wait(epoll, 64, NOW)?;
        t.expect("a batch", events.len(), wanted)?;
        seen.extend(events.iter().map(|event| event.fd));
    }
    t.expect("each was reported once", seen.len(), 200)
}
