use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "write_closed_fin",
    claim: "A send to a peer that has closed fails.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "TCP: the first one succeeds, for the peer may have closed one direction only. Its answer is a reset, \
               and then a send fails with EPIPE. A Unix socket knows at once.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let (client, server) = t.tcp_pair()?;
    t.close(client)?;
    t.until_ended(server)?;
    let answer = t.send(server, b"reply");
    t.expect("the first send succeeds", answer, Ok(5))?;
    t.until_broken(server)?;
    t.note("the peer has answered with a reset");
    let answer = t.send(server, b"reply");
    t.expect("the second does not", answer, Err(EPIPE))?;
    let answer = t.recv(server, 100);
    t.expect("a read finds the end, and no error", answer, Ok(vec![]))?;

    let (near, far) = t.unix_pair()?;
    t.close(far)?;
    let answer = t.send(near, b"reply");
    t.expect("a Unix socket: the first send fails", answer, Err(EPIPE))
}
