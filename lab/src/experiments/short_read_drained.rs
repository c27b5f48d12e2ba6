use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "short_read_drained",
    claim: "Edge-triggered, one must read until EAGAIN.",
    article: Some("you must make sure to read ALL the data on the socket until you get EAGAIN"),
    row: Some(26),
    verdict: Verdict::TrueWithExceptions,
    expected: "On TCP a read that gives less than it asked for has emptied the buffer, a thousand times of a thousand: \
               the read that says EAGAIN can be saved. See short_read_fin, short_read_urgent and short_read_datagram \
               for when it cannot.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let (client, server) = t.tcp_pair()?;

    let (mut short, mut empty) = (0, 0);
    for round in 1..=1000 {
        let message = vec![b'x'; round];
        socket::send(client, &message)?;
        t.until_arrived(server, round)?;
        short += usize::from(socket::recv(server, round + 1)?.len() == round);
        empty += usize::from(socket::recv(server, 1) == Err(EAGAIN));
    }

    t.note(format!("1000 times: send n bytes, recv({server}, n+1), recv({server}, 1)"));
    t.expect("the first read is short", short, 1000)?;
    t.expect("and the second one finds nothing", empty, 1000)
}
