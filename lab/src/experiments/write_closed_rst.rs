use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "write_closed_rst",
    claim: "A connection that was reset fails with ECONNRESET.",
    article: None,
    row: None,
    verdict: Verdict::TrueWithExceptions,
    expected: "Once, to whoever asks first: a send, a read, or getsockopt(SO_ERROR). After that sends fail with EPIPE, \
               and reads find a plain end.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let server = reset(t)?;
    let answer = t.send(server, b"reply");
    t.expect("a send is told", answer, Err(ECONNRESET))?;
    let answer = t.send(server, b"reply");
    t.expect("the next one hears EPIPE", answer, Err(EPIPE))?;

    let server = reset(t)?;
    let answer = t.recv(server, 100);
    t.expect("a read is told", answer, Err(ECONNRESET))?;
    let answer = t.recv(server, 100);
    t.expect("the next one finds the end", answer, Ok(vec![]))?;

    let server = reset(t)?;
    let error = t.socket_error(server)?;
    t.expect_that("SO_ERROR is told", error == ECONNRESET)?;
    let error = t.socket_error(server)?;
    t.expect_that("... and forgets", error == Errno(0))?;
    let answer = t.recv(server, 100);
    t.expect("a read then looks like an orderly end", answer, Ok(vec![]))
}

fn reset(t: &mut Transcript) -> Result<Fd, Unproven> {
    let (client, server) = t.tcp_pair()?;
    t.close_with_reset(client)?;
    t.until_broken(server)?;
    Ok(server)
}
