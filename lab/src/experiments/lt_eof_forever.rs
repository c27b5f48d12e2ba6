use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "lt_eof_forever",
    claim: "Level-triggered: once the receive buffer is empty, epoll does not report the socket.",
    article: Some("As soon as the internal receive buffer is empty, then epoll won't return."),
    row: Some(19),
    verdict: Verdict::TrueWithExceptions,
    expected: "The peer has closed and every byte has been read: the end of the stream is reported at each wait until \
               the socket is closed.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    t.add(epoll, server, IN)?;

    t.close(client)?;
    t.epoll_wait(epoll, 8, SOON)?;
    let bytes = t.recv(server, 100)?;
    t.expect("the end of the stream has been read", bytes, vec![])?;

    let reported =
        (0..1000).filter(|_| sys::epoll::epoll_wait(epoll, 8, A_MOMENT) == Ok(vec![event(IN, server)])).count();
    t.note(format!("1000 more waits: {reported} times {:?}", [event(IN, server)]));
    t.expect("an empty buffer is reported for ever", reported, 1000)?;

    t.close(server)?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("closing ends it", events, vec![])
}
