use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "out_while_needed",
    claim: "Level-triggered: ask for EPOLLOUT while there is something to send, and the spinning is gone.",
    article: Some("Once the application's TX buffer is empty, you could unregister for EPOLLOUT."),
    row: Some(23),
    verdict: Verdict::True,
    expected: "With IN alone the idle socket is silent; MOD to IN|OUT reports OUT at once; MOD back to IN is silent \
               again.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (_client, server) = t.tcp_pair()?;

    t.add(epoll, server, IN)?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("nothing to read: silence", events, vec![])?;

    t.modify(epoll, server, IN | OUT)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("there is something to send: OUT at once", events, vec![event(OUT, server)])?;
    t.send(server, b"the reply")?;

    t.modify(epoll, server, IN)?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("it has been sent: silence", events, vec![])
}
