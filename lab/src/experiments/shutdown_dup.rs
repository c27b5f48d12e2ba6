use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "shutdown_dup",
    claim: "While a duplicate of a socket is open, the peer cannot be told that the connection is at its end.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "close tells it nothing. shutdown does, whatever duplicates there are.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let (client, server) = t.tcp_pair()?;
    let copy = t.dup(server)?;

    t.close(server)?;
    let ready = t.poll(client, IN | RDHUP, A_MOMENT)?;
    t.expect("close: the peer hears nothing", ready, NOTHING)?;

    t.shutdown_write(copy)?;
    let ready = t.poll(client, IN | RDHUP, SOON)?;
    t.expect("shutdown: the peer hears of the end", ready, IN | RDHUP)?;
    let bytes = t.recv(client, 100)?;
    t.expect("and reads it", bytes, vec![])
}
