use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "create1_flags",
    claim: "epoll_create1 takes nothing.",
    article: Some("efd = epoll_create1()"),
    row: Some(5),
    verdict: Verdict::Slip,
    expected: "It takes flags. Zero is one choice, and leaves the descriptor open in a program that is executed; \
               EPOLL_CLOEXEC closes it there; any other bit is EINVAL.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let unknown = t.epoll_create1(1);
    t.expect("an unknown flag is refused", unknown, Err(EINVAL))?;

    let inherited = t.epoll_create1(0)?;
    let closes = file::closes_on_exec(inherited)?;
    t.expect_that("without a flag, another program inherits it", !closes)?;

    let closed = t.epoll()?;
    let closes = file::closes_on_exec(closed)?;
    t.expect_that("with EPOLL_CLOEXEC, none does", closes)
}
