use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "cost",
    claim: "With epoll, the list of descriptors need not be handed over at each call.",
    article: Some("you don't need to rebuild the FDSET each time you call epoll_wait"),
    row: Some(4),
    verdict: Verdict::True,
    expected: "Each descriptor is added once, and then a thousand waits find the one that is ready. poll is handed the \
               whole list each time. The timings are this machine's.",
    run,
};

const TURNS: u32 = 1000;

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    t.need_files(950)?;
    let mut fds = Vec::new();
    let epoll = t.epoll()?;
    for count in [10, 100, 900] {
        while fds.len() < count {
            let fd = file::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC)?;
            sys::epoll::epoll_ctl(epoll, sys::epoll::Op::Add, fd, IN)?;
            fds.push(fd);
        }
        compare(t, epoll, &fds)?;
    }
    Ok(())
}

fn compare(t: &mut Transcript, epoll: Fd, fds: &[Fd]) -> Result<(), Unproven> {
    let ready = fds[fds.len() / 2];
    file::write(ready, &1_u64.to_ne_bytes())?;

    let (by_epoll, epoll_took) = timed(TURNS, || sys::epoll::epoll_wait(epoll, 8, NOW) == Ok(vec![event(IN, ready)]));

    let mut entries: Vec<_> =
        fds.iter().map(|fd| libc::pollfd { fd: fd.0, events: libc::POLLIN, revents: 0 }).collect();
    let (by_poll, poll_took) = timed(TURNS, || file::poll_all(&mut entries, NOW) == Ok(1));

    file::read(ready, 8)?;
    let (epoll_took, poll_took) = (microseconds(epoll_took), microseconds(poll_took));
    t.note(format!("{} descriptors, one ready: epoll_wait takes {epoll_took}, poll {poll_took}", fds.len()));
    t.expect("every epoll_wait found it, and no epoll_ctl came between", by_epoll, TURNS as usize)?;
    t.expect("every poll found it too", by_poll, TURNS as usize)
}
