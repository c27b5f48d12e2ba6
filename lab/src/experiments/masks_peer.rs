use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "masks_peer",
    claim: "The mask tells what the peer has done.",
    article: None,
    row: None,
    verdict: Verdict::TrueWithExceptions,
    expected: "RDHUP tells that it will send nothing more, ERR and HUP that the connection is broken. But close and \
               half-close look the same, and every one of them comes with IN: reading tells them apart.",
    run,
};

const BROKEN: Mask = Mask(IN.0 | OUT.0 | ERR.0 | HUP.0 | RDHUP.0);

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    row(t, "nothing", OUT, &[Err(EAGAIN)], |_, _, _| Ok(()))?;
    row(t, "sent data", IN | OUT, &[Ok(1)], |t, peer, own| {
        t.send(peer, b"x")?;
        t.until_arrived(own, 1)
    })?;
    row(t, "half-closed", IN | OUT | RDHUP, &[Ok(0)], |t, peer, _| Ok(t.shutdown_write(peer)?))?;
    row(t, "closed", IN | OUT | RDHUP, &[Ok(0)], |t, peer, _| Ok(t.close(peer)?))?;
    row(t, "sent data and closed", IN | OUT | RDHUP, &[Ok(1), Ok(0)], |t, peer, _| {
        t.send(peer, b"x")?;
        Ok(t.close(peer)?)
    })?;
    row(t, "closed, and then was sent data", BROKEN, &[Ok(0), Ok(0)], |t, peer, own| {
        t.close(peer)?;
        t.until_ended(own)?;
        t.send(own, b"x")?;
        t.until_broken(own)
    })?;
    row(t, "reset", BROKEN, &[Err(ECONNRESET), Ok(0)], |t, peer, _| Ok(t.close_with_reset(peer)?))?;
    row(t, "closed with our data unread", BROKEN, &[Err(ECONNRESET), Ok(0)], |t, peer, own| {
        t.send(own, b"x")?;
        t.until_arrived(peer, 1)?;
        Ok(t.close(peer)?)
    })?;
    row(t, "sent data and reset", BROKEN, &[Ok(1), Err(ECONNRESET), Ok(0)], |t, peer, own| {
        t.send(peer, b"x")?;
        t.until_arrived(own, 1)?;
        Ok(t.close_with_reset(peer)?)
    })
}

type Action = fn(&mut Transcript, Fd, Fd) -> Result<(), Unproven>;

fn row(t: &mut Transcript, did: &str, mask: Mask, reads: &[sys::Result<usize>], act: Action) -> Result<(), Unproven> {
    t.note(format!("-- the peer has done this: {did}"));
    let epoll = t.epoll()?;
    let (peer, own) = t.tcp_pair()?;
    act(t, peer, own)?;
    if mask.has(RDHUP) {
        t.until_ended(own)?;
    }
    t.add(epoll, own, IN | OUT | RDHUP | ET)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("this is what is reported", events, vec![event(mask, own)])?;
    for wanted in reads {
        let read = t.recv(own, 100).map(|bytes| bytes.len());
        t.expect("this is what a read gives", read, *wanted)?;
    }
    t.close(own)?;
    // Where the peer is still open; else there is nothing to close.
    let _ = file::close(peer);
    Ok(t.close(epoll)?)
}
