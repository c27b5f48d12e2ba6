use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "close_removes",
    claim: "Closing a socket removes it from epoll.",
    article: Some("when the socket closes, it will be removed automatically"),
    row: Some(7),
    verdict: Verdict::TrueWithExceptions,
    expected: "With no duplicate of the descriptor anywhere, close removes it, with the event that was pending. See \
               close_dup, close_fork and close_exec for the exceptions.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    t.add(epoll, server, IN)?;

    t.send(client, b"ping")?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("there is something to report", events, vec![event(IN, server)])?;

    t.close(server)?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("nothing of it is left", events, vec![])
}
