use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "et_coalesces",
    claim: "Edge-triggered: as many events come as the peer has sent messages.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "Three arrivals between two waits are one event: an event says *look*, not *how much*.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    t.add(epoll, server, IN | ET)?;

    for message in [b"one", b"two", b"six"] {
        t.send(client, message)?;
    }
    t.until_arrived(server, 9)?;
    t.note("all three have arrived");

    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("there is one event", events, vec![event(IN, server)])?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("and no other", events, vec![])?;
    let bytes = t.recv(server, 100)?;
    t.expect("one read takes all three", bytes, b"onetwosix".to_vec())
}
