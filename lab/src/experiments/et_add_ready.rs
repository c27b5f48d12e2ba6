use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "et_add_ready",
    claim: "Edge-triggered: data that came before the socket was registered is missed.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "EPOLL_CTL_ADD looks at the socket, and what is ready then is the first event.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;

    t.send(client, b"early")?;
    t.until_arrived(server, 5)?;
    t.note("the bytes have arrived");

    t.add(epoll, server, IN | OUT | ET)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("they are reported", events, vec![event(IN | OUT, server)])?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("... once", events, vec![])
}
