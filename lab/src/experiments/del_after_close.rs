use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "del_after_close",
    claim: "A socket can be deleted from epoll whenever one likes.",
    article: Some("You can call epoll_ctl(efd, EPOLL_CTL_DEL, sock) if you want"),
    row: Some(8),
    verdict: Verdict::TrueWithExceptions,
    expected: "Before close, yes. After it EBADF, or ENOENT when the number has gone to a new socket.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (first, _peer) = t.unix_pair()?;

    t.add(epoll, first, IN)?;
    let answer = t.delete(epoll, first);
    t.expect("while it is open", answer, Ok(()))?;

    t.add(epoll, first, IN)?;
    t.close(first)?;
    let answer = t.delete(epoll, first);
    t.expect("once it is closed", answer, Err(EBADF))?;

    let (second, _peer) = t.unix_pair()?;
    t.expect("the number is given out again", second, first)?;
    let answer = t.delete(epoll, second);
    t.expect("and names somebody else", answer, Err(ENOENT))
}
