use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "default_lt",
    claim: "Unless it is asked for something else, epoll is level-triggered: it reports a state, not a change.",
    article: Some("The default way is Level-triggered."),
    row: Some(15),
    verdict: Verdict::True,
    expected: "Nobody reads, and three waits in a row report the same four bytes.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    t.add(epoll, server, IN)?;

    t.send(client, b"ping")?;

    for _ in 0..3 {
        let events = t.epoll_wait(epoll, 8, SOON)?;
        t.expect("the unread bytes are reported", events, vec![event(IN, server)])?;
    }
    Ok(())
}
