use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "et_out",
    claim: "Edge-triggered, EPOLLOUT comes only after a send has failed with EAGAIN.",
    article: Some(
        "epoll_wait will only give you a write-ready event if you previously got EAGAIN while attempting to write out",
    ),
    row: Some(27),
    verdict: Verdict::False,
    expected: "We send nothing, and OUT comes: with ADD, with every arrival of data, and with MOD.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;

    t.add(epoll, server, IN | OUT | ET)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("with ADD", events, vec![event(OUT, server)])?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("... once", events, vec![])?;

    for _ in 0..2 {
        t.send(client, b"ping")?;
        let events = t.epoll_wait(epoll, 8, SOON)?;
        t.expect("OUT rides with IN", events, vec![event(IN | OUT, server)])?;
        t.recv(server, 100)?;
    }

    t.modify(epoll, server, IN | OUT | ET)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("with MOD", events, vec![event(OUT, server)])
}
