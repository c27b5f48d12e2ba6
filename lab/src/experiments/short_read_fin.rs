use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "short_read_fin",
    claim: "Edge-triggered, one must read until EAGAIN, even when a read has been short.",
    article: Some("you must make sure to read ALL the data on the socket until you get EAGAIN"),
    row: Some(26),
    verdict: Verdict::True,
    expected: "An exception to short_read_drained: behind the data may lie the end of the stream. It came in the same \
               event, and no other follows: who stops at the short read never sees it, unless the mask says RDHUP.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    for (mask, reported) in [(IN | ET, IN), (IN | RDHUP | ET, IN | RDHUP)] {
        let (client, server) = t.tcp_pair()?;
        t.add(epoll, server, mask)?;
        t.send(client, b"bye")?;
        t.close(client)?;
        t.until_ended(server)?;
        t.note("the data and the end have both arrived");

        let events = t.epoll_wait(epoll, 8, SOON)?;
        t.expect("they are one event", events, vec![event(reported, server)])?;
        let bytes = t.recv(server, 100)?;
        t.expect("the read is short", bytes, b"bye".to_vec())?;
        let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
        t.expect("there is no second event", events, vec![])?;
        let bytes = t.recv(server, 100)?;
        t.expect("only another read finds the end", bytes, vec![])?;
        t.close(server)?;
    }
    Ok(())
}
