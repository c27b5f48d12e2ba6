use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "masks_own",
    claim: "HUP means that something is wrong.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "It means that both directions have ended, and may be quite in order. Ending one's own writing shows \
               nothing; ending one's own reading looks like the peer's half-close; an urgent byte needs PRI.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    row(t, "we have ended our writing", OUT, |t, _, own| Ok(t.shutdown_write(own)?))?;
    row(t, "we have ended our reading", IN | OUT | RDHUP, |t, _, own| Ok(t.shutdown_read(own)?))?;
    row(t, "both have ended their writing", IN | OUT | HUP | RDHUP, |t, peer, own| {
        t.shutdown_write(own)?;
        t.shutdown_write(peer)?;
        t.until_ended(own)
    })?;
    row(t, "the peer has sent an urgent byte", OUT, |t, peer, own| {
        t.send_urgent(peer, b"!")?;
        t.until("it has arrived", || file::poll(own, PRI, NOW) == Ok(PRI))
    })
}

type Action = fn(&mut Transcript, Fd, Fd) -> Result<(), Unproven>;

fn row(t: &mut Transcript, what: &str, mask: Mask, act: Action) -> Result<(), Unproven> {
    t.note(format!("-- {what}"));
    let epoll = t.epoll()?;
    let (peer, own) = t.tcp_pair()?;
    act(t, peer, own)?;
    t.add(epoll, own, IN | OUT | RDHUP | ET)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("this is what is reported", events, vec![event(mask, own)])?;
    t.close(own)?;
    t.close(peer)?;
    Ok(t.close(epoll)?)
}
