use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "lt_partial_read",
    claim: "Level-triggered: read a part of the data, and the next wait reports the rest.",
    article: Some("the next epoll call will return because there is still data available"),
    row: Some(18),
    verdict: Verdict::True,
    expected: "Ten bytes come, four are read: the socket is reported again. The other six are read: it is not.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    t.add(epoll, server, IN)?;

    t.send(client, b"0123456789")?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("the bytes are reported", events, vec![event(IN, server)])?;

    t.recv(server, 4)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("six are left: reported again", events, vec![event(IN, server)])?;

    t.recv(server, 6)?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("none is left: silence", events, vec![])
}
