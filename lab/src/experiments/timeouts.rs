use crate::prelude::*;
use std::time::{Duration, Instant};

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "timeouts",
    claim: "epoll_wait never returns before its time-out, unless there is something to report, or a signal.",
    article: None,
    row: None,
    verdict: Verdict::True,
    expected: "Never sooner; how much later is shown. epoll_pwait2 takes time-outs of less than a millisecond.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;

    for timeout in [0, 1, 10, 100] {
        let begin = Instant::now();
        let events = t.epoll_wait(epoll, 8, timeout)?;
        let took = begin.elapsed();
        t.note(format!("it took {}", milliseconds(took)));
        t.expect("nothing to report", events, vec![])?;
        t.expect_that("not too soon", took >= Duration::from_millis(timeout as u64))?;
    }

    let wanted = Duration::from_micros(200);
    let begin = Instant::now();
    let answer = t.epoll_pwait2(epoll, 8, wanted);
    let took = begin.elapsed();
    // EPERM: a container's filter that is older than the call.
    if matches!(answer, Err(ENOSYS | EPERM)) {
        return Err(Unproven::Unavailable("there is no epoll_pwait2 here (it came with Linux 5.11)".to_owned()));
    }
    t.note(format!("it took {}", microseconds(took)));
    t.expect("nothing to report", answer, Ok(vec![]))?;
    t.expect_that("not too soon", took >= wanted)
}
