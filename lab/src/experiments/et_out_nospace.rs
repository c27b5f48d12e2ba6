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
    for (sender, hears) in [
        ("sends until EAGAIN", true),
        ("stops before EAGAIN", false),
        ("stops before EAGAIN, and looks with poll", true),
        ("stops after a short send", true),
    ] {
        t.note(format!("-- a sender that {sender}"));
        let epoll = t.epoll()?;
        let (client, server) = t.tcp_pair_sized(32_768, 32_768)?;
        t.add(epoll, client, OUT | ET)?;
        t.epoll_wait(epoll, 8, SOON)?;

        let sent = match sender {
            "sends until EAGAIN" => t.fill_for_good(client, 1000)?,
            "stops after a short send" => t.roughly().send(client, &vec![b'x'; 8 << 20])?,
            _ => t.fill_nearly(client, 1000)?,
        };
        if sender.ends_with("poll") {
            let ready = t.poll(client, OUT, NOW)?;
            t.expect("poll finds it full", ready, NOTHING)?;
        }
        // After a short send the kernel may still move bytes, and make room by itself: then OUT comes sooner.
        if !sender.ends_with("short send") {
            let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
            t.expect("no event yet", events, vec![])?;
        }

        t.take(server, sent)?;
        t.until_all_sent(client)?;
        let events = t.epoll_wait(epoll, 8, if hears { SOON } else { 2 * A_MOMENT })?;
        match hears {
            true => t.expect("the peer has read: OUT", events, vec![event(OUT, client)])?,
            false => t.expect("the peer has read all of it, and there is no event", events, vec![])?,
        }
        t.close(epoll)?;
        t.close(client)?;
        t.close(server)?;
    }
    Ok(())
}
