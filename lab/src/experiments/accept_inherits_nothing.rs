use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "accept_inherits_nothing",
    claim: "A socket accepted from a non-blocking listener is non-blocking.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "On Linux accept() hands out a blocking socket; accept4() with SOCK_NONBLOCK does not.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let listener = t.listener()?;
    t.client_of(listener)?;
    t.client_of(listener)?;
    t.until_waiting(listener, 2)?;

    let plain = t.accept_with(listener, 0, "0")?;
    let blocks = file::status_flags(plain)? & libc::O_NONBLOCK == 0;
    t.expect_that("the flag of the listener is not handed on", blocks)?;

    let flagged = t.accept(listener)?;
    let blocks = file::status_flags(flagged)? & libc::O_NONBLOCK == 0;
    t.expect_that("the flag of the call is", !blocks)
}
