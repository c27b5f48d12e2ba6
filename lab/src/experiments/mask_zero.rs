use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "mask_zero",
    claim: "epoll reports what has been asked for, and nothing else.",
    article: Some("In Level-triggered mode, epoll will return as long a socket is read or write ready."),
    row: Some(17),
    verdict: Verdict::TrueWithExceptions,
    expected: "Without OUT in the mask, a writable socket is not reported. ERR and HUP are reported whatever the mask \
               says, even with none at all; RDHUP is not.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    t.add(epoll, server, IN)?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("it can be written, and nobody asked", events, vec![])?;

    t.modify(epoll, server, NOTHING)?;
    t.send(client, b"ping")?;
    t.shutdown_write(client)?;
    t.until_ended(server)?;
    t.note("data and the end have arrived");
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("with mask 0 neither is reported", events, vec![])?;

    t.shutdown_write(server)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("both directions have ended: HUP", events, vec![event(HUP, server)])?;
    t.close(server)?;

    let (client, server) = t.tcp_pair()?;
    t.add(epoll, server, NOTHING)?;
    t.close_with_reset(client)?;
    t.until_ended(server)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("a reset: ERR and HUP", events, vec![event(ERR | HUP, server)])
}
