use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "close_fork",
    claim: "Closing a socket removes it from epoll and tells the peer, also after a fork.",
    article: Some("when the socket closes, it will be removed automatically"),
    row: Some(7),
    verdict: Verdict::False,
    expected: "The child holds a copy: events go on, and the peer sees no end of the stream until the child has gone.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    t.add(epoll, server, IN)?;

    let child = t.fork_sleeper()?;
    t.close(server)?;
    t.send(client, b"ping")?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("an event under a number that is closed here", events, vec![event(IN, server)])?;
    let answer = t.recv(client, 1);
    t.expect("the peer does not see the end", answer, Err(EAGAIN))?;

    t.end(child)?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("the last copy has gone, and the entry with it", events, vec![])?;
    t.until_ended(client)?;
    let answer = t.recv(client, 1);
    t.expect("now the peer sees it: a reset, for its bytes were never read", answer, Err(ECONNRESET))
}
