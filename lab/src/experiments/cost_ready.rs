use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "cost_ready",
    claim: "The cost of epoll_wait does not depend on the number of descriptors.",
    article: None,
    row: None,
    verdict: Verdict::TrueWithExceptions,
    expected: "Not on the number that is watched; the ones that are ready are each looked at and copied. The timings \
               are this machine's.",
    run,
};

const WATCHED: usize = 900;
const TURNS: u32 = 200;

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    t.need_files(950)?;
    let epoll = t.epoll()?;
    let mut fds = Vec::new();
    for _ in 0..WATCHED {
        let fd = file::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC)?;
        sys::epoll::epoll_ctl(epoll, sys::epoll::Op::Add, fd, IN)?;
        fds.push(fd);
    }
    t.note(format!("{WATCHED} eventfds are watched"));

    let mut ready = 0;
    for count in [1, 10, 100, 900] {
        for fd in &fds[ready..count] {
            file::write(*fd, &1_u64.to_ne_bytes())?;
        }
        ready = count;
        let (found_all, took) =
            timed(TURNS, || sys::epoll::epoll_wait(epoll, count as i32, NOW).is_ok_and(|events| events.len() == count));
        t.note(format!("{count} ready: epoll_wait(max={count}, timeout=0ms) takes {}", microseconds(took)));
        t.expect("each wait reports all that are ready", found_all, TURNS as usize)?;
    }
    Ok(())
}
