use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "level_is_no_flag",
    claim: "An application may want to change to level-triggered mode.",
    article: Some("so you might want to change this to level-triggered in your application"),
    row: Some(16),
    verdict: Verdict::Slip,
    expected: "Level-triggered is what one gets without a flag. The change that can be asked for is EPOLLET, \
               edge-triggered.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    t.add(epoll, server, IN | ET)?;

    t.send(client, b"ping")?;

    let first = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("edge-triggered: the arrival is reported", first, vec![event(IN, server)])?;
    let second = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("... once", second, vec![])?;

    t.modify(epoll, server, IN)?;

    for _ in 0..2 {
        let events = t.epoll_wait(epoll, 8, SOON)?;
        t.expect("without the flag: reported at each wait", events, vec![event(IN, server)])?;
    }
    Ok(())
}
