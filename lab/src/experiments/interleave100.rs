use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "interleave100",
    claim: "Two threads that send on one socket corrupt each other's messages.",
    article: Some("Thread B attempts to send 100 bytes but could only send 50."),
    row: Some(10),
    verdict: Verdict::True,
    expected: "B's message is cut by a full buffer. Before B goes on, the peer reads, and C sends: the peer receives \
               C's message in the middle of B's. (The threads are played here by one, in the order that does the \
               harm.)",
    run,
};

const MESSAGE: usize = 100;

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let Some((client, server, part)) = send_until_cut(t)? else {
        return Err(Unproven::Refuted("expected that a send of 100 bytes is cut now and then; none was".to_owned()));
    };
    t.note(format!("a TCP connection with small buffers: {client} is the client, {server} the server"));
    t.note(format!("thread B: send({client}, 100 times 'B'), again and again; at last = ~{part}"));
    t.expect_within("a message of B is cut", part, 1..=MESSAGE - 1)?;
    t.until_all_read(client, server)?;

    t.note("thread C finds the socket ready:");
    t.send(client, &[b'C'; MESSAGE])?;
    let missing = MESSAGE - part;
    let answer = socket::send(client, &vec![b'B'; missing]);
    t.note(format!("thread B sends the rest of its message: send({client}, ~{missing} times 'B') = ~{missing}"));
    t.expect("it has all been taken", answer, Ok(missing))?;

    let received = t.take(server, MESSAGE + missing)?;
    let wanted = [vec![b'C'; MESSAGE], vec![b'B'; missing]].concat();
    t.expect_that("C's message stands in the middle of B's", received == wanted)?;
    t.note(format!("as records of 100 the peer has: ~{part} B and ~{missing} C; then ~{part} C and ~{missing} B"));
    Ok(())
}

/// Sends messages until one is cut: the connection, and what was taken of that message.
///
/// Whether the buffers end within a message depends on their sizes, so several are tried.
fn send_until_cut(t: &mut Transcript) -> Result<Option<(Fd, Fd, usize)>, Unproven> {
    for receive_buffer in [2304, 4608, 9216, 16_384, 32_768, 65_536] {
        let (client, server) = socket::tcp_pair_sized(4608, receive_buffer)?;
        for _ in 0..5 {
            let last = (0..).map(|_| socket::send(client, &[b'B'; MESSAGE])).find(|sent| *sent != Ok(MESSAGE));
            match last {
                Some(Ok(part)) => return Ok(Some((client, server, part))),
                Some(Err(EAGAIN)) => t.until_all_read_quietly(client, server)?,
                Some(Err(other)) => return Err(other.into()),
                None => break,
            };
        }
        file::close(client)?;
        file::close(server)?;
    }
    Ok(None)
}
