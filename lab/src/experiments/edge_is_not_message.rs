use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "edge_is_not_message",
    claim: "Edge-triggered, every change is kept until it has been reported.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "epoll looks at the descriptor again when it hands out the event: what has been read by then is not \
               reported at all.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    t.add(epoll, server, IN | ET)?;

    t.send(client, b"ping")?;
    t.until_arrived(server, 4)?;
    t.recv(server, 100)?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("it came and went unreported", events, vec![])?;

    t.send(client, b"ping")?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("the next one is reported", events, vec![event(IN, server)])
}
