use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "et_out_nospace",
    claim: "Edge-triggered, EPOLLOUT comes when room has become free in the send buffer.",
    article: Some(
        "epoll_wait will only give you a write-ready event if you previously got EAGAIN while attempting to write out",
    ),
    row: Some(28),
    verdict: Verdict::TrueWithExceptions,
    expected: "Only if somebody has found it full before: EAGAIN does, a short send does, even a poll does. A sender \
               that stops of its own accord with the buffer nearly full hears nothing.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    a_sender(t, "sends until EAGAIN", vec![OUT], |t, epoll, client| t.fill_until_blocked(epoll, client, 1000))?;
    a_sender(t, "stops before EAGAIN", vec![], |t, epoll, client| {
        let sent = t.fill_nearly(client, 1000)?;
        let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
        t.expect("no event yet", events, vec![])?;
        Ok(sent)
    })?;
    // From here on the kernel may make room by itself, while it moves bytes to the peer's buffer: then OUT comes before
    // the peer has read.
    a_sender(t, "stops before EAGAIN, and looks with poll", vec![OUT], |t, _, client| {
        let sent = t.fill_nearly(client, 1000)?;
        let ready = t.poll(client, OUT, NOW)?;
        t.expect("poll finds it full", ready, NOTHING)?;
        Ok(sent)
    })?;
    a_sender(t, "stops after a short send", vec![OUT], |t, _, client| {
        Ok(t.roughly().send(client, &vec![b'x'; 8 << 20])?)
    })
}

type Send = fn(&mut Transcript, Fd, Fd) -> Result<usize, Unproven>;

fn a_sender(t: &mut Transcript, does: &str, hears: Vec<Mask>, send: Send) -> Result<(), Unproven> {
    t.note(format!("-- a sender that {does}"));
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair_sized(32_768, 32_768)?;
    t.add(epoll, client, OUT | ET)?;
    t.epoll_wait(epoll, 8, SOON)?;

    let sent = send(t, epoll, client)?;
    t.take(server, sent)?;
    t.until_all_sent(client)?;

    let timeout = if hears.is_empty() { 2 * A_MOMENT } else { SOON };
    let heard = t.epoll_wait(epoll, 8, timeout)?.iter().map(|event| event.mask).collect::<Vec<_>>();
    let sentence =
        if hears.is_empty() { "the peer has read it all: no event" } else { "the peer has read it all: OUT" };
    t.expect(sentence, heard, hears)?;
    for fd in [epoll, client, server] {
        t.close(fd)?;
    }
    Ok(())
}
