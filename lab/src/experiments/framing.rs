use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "framing",
    claim: "A read may give more than one message, or a part of one.",
    article: Some(
        "you may receive more than one message in a single read and you could also only receive half of a message",
    ),
    row: Some(35),
    verdict: Verdict::True,
    expected: "Two sends arrive in one read, and one send in two: TCP carries bytes, and keeps no borders.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let (client, server) = t.tcp_pair()?;

    t.send(client, b"one\n")?;
    t.send(client, b"two\n")?;
    t.until_arrived(server, 8)?;
    let bytes = t.recv(server, 100)?;
    t.expect("two messages, one read", bytes, b"one\ntwo\n".to_vec())?;

    t.send(client, b"three\n")?;
    t.until_arrived(server, 6)?;
    let bytes = t.recv(server, 3)?;
    t.expect("the buffer ends within a message", bytes, b"thr".to_vec())?;
    let bytes = t.recv(server, 3)?;
    t.expect("the next read begins within it", bytes, b"ee\n".to_vec())?;

    t.send(client, b"fo")?;
    t.until_arrived(server, 2)?;
    let bytes = t.recv(server, 100)?;
    t.expect("half of it has been sent, half of it is there", bytes, b"fo".to_vec())?;
    let answer = t.recv(server, 100);
    t.expect("the rest is yet to come", answer, Err(EAGAIN))
}
