use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "short_write",
    claim: "A short write means that the send buffer is full, as epoll(7) says.",
    article: None,
    row: None,
    verdict: Verdict::TrueWithExceptions,
    expected: "On TCP a send right after it may well succeed. But waiting for OUT after a short write never hangs: a \
               megabyte arrives whole.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let mut succeeded = 0;
    for _ in 0..20 {
        let (client, server) = socket::tcp_pair_sized(32_768, 32_768)?;
        let taken = socket::send(client, &vec![b'x'; 8 << 20])?;
        t.expect_that_quietly("a send of 8 MiB is cut", taken < 8 << 20)?;
        succeeded += usize::from(socket::send(client, &[b'x'; 100]).is_ok());
        file::close(client)?;
        file::close(server)?;
    }
    t.note(format!("20 connections: send(8 MiB) is cut, and send(100 bytes) then succeeds ~{succeeded} times"));

    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair_sized(32_768, 32_768)?;
    t.add(epoll, client, OUT | ET)?;
    let (mut sent, mut read, mut turns) = (0, 0, 0);
    while sent < 1 << 20 {
        let reported = sys::epoll::epoll_wait(epoll, 8, SOON)?;
        t.expect_that_quietly("OUT comes after every short write", reported == vec![event(OUT, client)])?;
        sent += socket::send(client, &vec![b'x'; (1 << 20) - sent]).or_else(|errno| match errno {
            EAGAIN => Ok(0),
            other => Err(other),
        })?;
        turns += 1;
        read += t.until_all_read_quietly(client, server)?;
    }
    t.note(format!("a sender that waits for OUT after each send, cut or not: ~{turns} turns"));
    t.expect("the megabyte has arrived", read, 1 << 20)
}
