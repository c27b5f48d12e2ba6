use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "ctl_errors",
    claim: "A wrong call of epoll_ctl or epoll_wait says what is wrong with it.",
    article: None,
    row: None,
    verdict: Verdict::True,
    expected: "Added twice: EEXIST. Changed or deleted without being there: ENOENT. Not open: EBADF. Room for no \
               event: EINVAL. A duplicate of a watched descriptor can be added.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;

    t.add(epoll, server, IN)?;
    let answer = t.add(epoll, server, IN);
    t.expect("it is already watched", answer, Err(EEXIST))?;
    let copy = t.dup(server)?;
    let answer = t.add(epoll, copy, IN);
    t.expect("its duplicate is another entry", answer, Ok(()))?;

    let answer = t.modify(epoll, client, IN);
    t.expect("nothing to change", answer, Err(ENOENT))?;
    let answer = t.delete(epoll, client);
    t.expect("nothing to delete", answer, Err(ENOENT))?;

    let answer = t.add(epoll, Fd(999), IN);
    t.expect("no such descriptor", answer, Err(EBADF))?;
    let answer = t.add(client, server, IN);
    t.expect("a socket is no epoll", answer, Err(EINVAL))?;

    let answer = t.epoll_wait(epoll, 0, NOW);
    t.expect("no room for an event", answer, Err(EINVAL))
}
