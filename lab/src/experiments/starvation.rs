use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "starvation",
    claim: "Read all that a socket has, then turn to the next.",
    article: Some("if a socket is ready-ready, read all from that socket"),
    row: Some(13),
    verdict: Verdict::TrueWithExceptions,
    expected: "A peer that sends as fast as it is read never lets the buffer run empty: the other client waits for as \
               long as it likes. With a budget it is served after so many reads.",
    run,
};

const PIECE: usize = 4096;
const PATIENCE: usize = 1000;
const BUDGET: usize = 16;

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (flood, greedy) = t.tcp_pair()?;
    let (other, modest) = t.tcp_pair()?;
    t.add(epoll, greedy, IN | ET)?;
    t.add(epoll, modest, IN | ET)?;
    socket::send(flood, &[b'x'; PIECE])?;
    t.until_arrived(greedy, PIECE)?;
    t.send(other, b"me too")?;
    t.until_arrived(modest, 6)?;

    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("both are reported", events, vec![event(IN, greedy), event(IN, modest)])?;
    let reads = read_while_it_sends(t, flood, greedy, PATIENCE)?;
    t.note(format!(
        "recv({greedy}, {PIECE}) until -1 EAGAIN, while the peer sends: {reads} reads, and it has not come"
    ));
    t.expect("the loop would still be reading", reads, PATIENCE)?;
    let waiting = file::readable_bytes(modest)?;
    t.expect("and the other client still waits", waiting, 6)?;

    let reads = read_while_it_sends(t, flood, greedy, BUDGET)?;
    t.note(format!(
        "with a budget: {reads} reads, then the next client; who has bytes left goes on a list of one's own"
    ));
    let bytes = t.recv(modest, 100)?;
    t.expect("the other client is served", bytes, b"me too".to_vec())
}

/// Reads until the buffer is empty or `limit` is reached: the number of reads. The peer sends a piece for each.
fn read_while_it_sends(t: &mut Transcript, peer: Fd, fd: Fd, limit: usize) -> Result<usize, Unproven> {
    for reads in 0..limit {
        match socket::recv(fd, PIECE) {
            Err(EAGAIN) => return Ok(reads),
            other => other.map(drop)?,
        }
        socket::send(peer, &[b'x'; PIECE])?;
        t.until_arrived(fd, PIECE)?;
    }
    Ok(limit)
}
