use crate::prelude::*;
use crate::sys::process::End;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "eintr_stop",
    claim: "A program without signal handlers never sees EINTR.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "Stopped and continued (SIGSTOP, SIGCONT; Ctrl-Z and fg in a shell), epoll_wait returns EINTR.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let wake = t.eventfd()?;
    t.add(epoll, wake, IN)?;

    let parent = process::own_process();
    let child = process::fork(|| i32::from(!stop_and_continue(parent)))?;
    t.note("fork(): the child stops this process as soon as it sleeps, and lets it go on");
    let answer = t.epoll_wait(epoll, 8, SOON);

    let end = process::wait_for(child)?;
    t.expect_that("the child has stopped it and let it go on", end == End::Exit(0))?;
    t.expect("and the wait was interrupted", answer, Err(EINTR))
}

/// Stops a process in its sleep, and lets it go on: whether both have come to pass.
fn stop_and_continue(target: i32) -> bool {
    let becomes = |state| {
        (0..50_000).any(|_| {
            std::thread::sleep(std::time::Duration::from_micros(100));
            process::state(&target.to_string()) == Ok(state)
        })
    };
    becomes('S')
        && process::kill(target, libc::SIGSTOP).is_ok()
        && becomes('T')
        && process::kill(target, libc::SIGCONT).is_ok()
}
