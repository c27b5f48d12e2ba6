use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "short_read_urgent",
    claim: "Edge-triggered, one must read until EAGAIN, even when a read has been short.",
    article: Some("you must make sure to read ALL the data on the socket until you get EAGAIN"),
    row: Some(26),
    verdict: Verdict::True,
    expected: "An exception to short_read_drained: a read stops at the mark of an urgent byte. Three bytes of seven, \
               and no event for the other four.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    t.add(epoll, server, IN | ET)?;

    t.send(client, b"abc")?;
    t.send_urgent(client, b"!")?;
    t.send(client, b"defg")?;
    t.until_all_sent(client)?;
    t.note("everything has arrived");
    t.epoll_wait(epoll, 8, SOON)?;

    let bytes = t.recv(server, 100)?;
    t.expect("the read is short", bytes, b"abc".to_vec())?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("there is no second event", events, vec![])?;
    let bytes = t.recv(server, 100)?;
    t.expect("four bytes were left", bytes, b"defg".to_vec())
}
