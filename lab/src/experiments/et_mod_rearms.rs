use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "et_mod_rearms",
    claim: "Edge-triggered: what has been reported once stays unreported until something changes.",
    article: Some("You will only receive an event if the status has changed from not-ready to ready."),
    row: Some(24),
    verdict: Verdict::False,
    expected: "EPOLL_CTL_MOD with the same mask makes epoll look again, and report what is still unread.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    t.add(epoll, server, IN | ET)?;

    t.send(client, b"ping")?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("the arrival is reported", events, vec![event(IN, server)])?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("... once", events, vec![])?;

    t.modify(epoll, server, IN | ET)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("the same mask again: the same event again", events, vec![event(IN, server)])
}
