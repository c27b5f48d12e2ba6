use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "oneshot",
    claim: "There are two ways of working: level-triggered and edge-triggered.",
    article: Some("epoll offers two ways of working: Edged-triggered and Level-triggered."),
    row: Some(14),
    verdict: Verdict::True,
    expected: "Two they are. Flags vary them: with EPOLLONESHOT the first event switches the entry off, until MOD.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    t.add(epoll, server, IN | ONESHOT)?;

    t.send(client, b"one")?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("the first arrival is reported", events, vec![event(IN, server)])?;

    t.send(client, b"two")?;
    t.until_arrived(server, 6)?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("the second is not", events, vec![])?;
    let answer = t.add(epoll, server, IN | ONESHOT);
    t.expect("the entry is still there", answer, Err(EEXIST))?;

    t.modify(epoll, server, IN | ONESHOT)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("switched on again: what is unread is reported", events, vec![event(IN, server)])
}
