use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "interleave_threads",
    claim: "On a blocking socket two threads may send at once, for each send waits until all is taken.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "While one waits in the middle of its message, the other gets in: of the records that the peer reads, some \
               are a mixture (accepted: 1 of 2000 and more).",
    run,
};

const RECORD: usize = 10_000;
const RECORDS: usize = 1000;

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let (client, server) = t.tcp_pair()?;
    file::set_nonblocking(client, false)?;
    file::set_nonblocking(server, false)?;
    t.note("both ends are made blocking again");

    let senders = [b'B', b'C'].map(|letter| {
        std::thread::spawn(move || (0..RECORDS).all(|_| socket::send(client, &[letter; RECORD]) == Ok(RECORD)))
    });
    let mut mixed = 0;
    for _ in 0..2 * RECORDS {
        let record = read_record(server)?;
        mixed += usize::from(record.iter().any(|byte| *byte != record[0]));
    }
    let complete = senders.into_iter().filter_map(|sender| sender.join().ok()).filter(|all| *all).count();

    t.note(format!("two threads: {RECORDS} times send({client}, {RECORD} bytes of their letter) = {RECORD}"));
    t.expect("every send took its whole record", complete, 2)?;
    t.note(format!("the peer reads {} records of {RECORD} bytes: ~{mixed} of them are mixed", 2 * RECORDS));
    t.expect_within("records are corrupt", mixed, 1..=2 * RECORDS)
}

fn read_record(fd: Fd) -> Result<Vec<u8>, Unproven> {
    let mut record = Vec::with_capacity(RECORD);
    while record.len() < RECORD {
        let piece = socket::recv(fd, RECORD - record.len())?;
        if piece.is_empty() {
            return Err(Unproven::Refuted("the stream ended within a record".to_owned()));
        }
        record.extend_from_slice(&piece);
    }
    Ok(record)
}
