use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "send_ok_not_delivered",
    claim: "With a queue, each message is guaranteed to be sent completely.",
    article: Some("each messages are guaranteed to be sent completely"),
    row: Some(11),
    verdict: Verdict::TrueWithExceptions,
    expected: "Sent is not delivered: send() takes all the bytes, the peer resets the connection, and its program has \
               read none of them.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let (client, server) = t.tcp_pair()?;

    let sent = t.send(client, &[b'x'; 1000])?;
    t.expect("the kernel has taken everything", sent, 1000)?;
    t.until_arrived(server, 1000)?;
    t.note("the bytes lie in the peer's receive buffer; its program closes without reading them");
    t.close(server)?;

    t.until_broken(client)?;
    let answer = t.recv(client, 100);
    t.expect("the sender learns it later, and not how much was lost", answer, Err(ECONNRESET))
}
