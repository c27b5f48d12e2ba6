use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "half_close_reply",
    claim: "A read that finds the end of the stream means that the client has gone.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "It means that the client sends nothing more. One that has ended its writing still reads, and the reply \
               reaches it.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let (client, server) = t.tcp_pair()?;

    t.send(client, b"request")?;
    t.shutdown_write(client)?;
    t.until_ended(server)?;
    t.recv(server, 100)?;
    let bytes = t.recv(server, 100)?;
    t.expect("the server reads the end", bytes, vec![])?;

    t.send(server, b"reply")?;
    t.close(server)?;
    t.until_ended(client)?;
    let bytes = t.recv(client, 100)?;
    t.expect("the client has its reply", bytes, b"reply".to_vec())?;
    let bytes = t.recv(client, 100)?;
    t.expect("and then an orderly end", bytes, vec![])
}
