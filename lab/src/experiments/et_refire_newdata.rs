use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "et_refire_newdata",
    claim: "Edge-triggered: an event comes only when the socket turns from not ready to ready.",
    article: Some("You will only receive an event if the status has changed from not-ready to ready."),
    row: Some(24),
    verdict: Verdict::False,
    expected: "The socket stays readable all the time, and every new arrival is an event; so is the end of the stream.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    t.add(epoll, server, IN | RDHUP | ET)?;

    for _ in 0..3 {
        t.send(client, b"ping")?;
        let events = t.epoll_wait(epoll, 8, SOON)?;
        t.expect("an arrival is an event, though nobody reads", events, vec![event(IN, server)])?;
    }

    t.shutdown_write(client)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("so is the end", events, vec![event(IN | RDHUP, server)])?;

    let bytes = t.recv(server, 100)?;
    t.expect("all of it was there to read", bytes, b"pingpingping".to_vec())
}
