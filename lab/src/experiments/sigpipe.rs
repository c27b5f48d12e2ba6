use crate::prelude::*;
use crate::sys::process::End;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "sigpipe",
    claim: "A send that fails returns an error.",
    article: None,
    row: None,
    verdict: Verdict::TrueWithExceptions,
    expected: "Where the signal SIGPIPE has its ordinary meaning, as in a C program, EPIPE kills the process. \
               MSG_NOSIGNAL prevents it for a send. (Rust programs ignore the signal from the start.)",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let (near, far) = t.unix_pair()?;
    t.close(far)?;

    let end = in_child(|| {
        // Succeeds or not: the child does not come back from here.
        let _ = socket::send_with(near, b"reply", 0);
        0
    })?;
    t.note("a child with SIGPIPE as in C: send without MSG_NOSIGNAL");
    t.expect_that("it is killed by SIGPIPE", end == End::Signal(libc::SIGPIPE))?;

    let end = in_child(|| i32::from(socket::send(near, b"reply") != Err(EPIPE)))?;
    t.note("another child: send with MSG_NOSIGNAL");
    t.expect_that("it gets EPIPE, and lives", end == End::Exit(0))?;

    let answer = file::write(near, b"reply");
    t.call(format_args!("write({near}, \"reply\")"), &answer);
    t.expect("here the signal is ignored: EPIPE, for a write too", answer, Err(EPIPE))
}

fn in_child(act: impl FnOnce() -> i32) -> Result<End, Unproven> {
    let child = process::fork(|| match process::default_action(libc::SIGPIPE) {
        Ok(()) => act(),
        Err(_) => 2,
    })?;
    Ok(process::wait_for(child)?)
}
