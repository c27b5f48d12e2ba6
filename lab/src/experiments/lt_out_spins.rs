use crate::prelude::*;
use std::time::Instant;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "lt_out_spins",
    claim: "Level-triggered: a socket registered for EPOLLOUT is reported nearly all the time.",
    article: Some("since the socket will be write-ready almost all of the time, it will return"),
    row: Some(20),
    verdict: Verdict::True,
    expected: "On an idle connection, a thousand waits return at once a thousand times.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (_client, server) = t.tcp_pair()?;
    t.add(epoll, server, IN | OUT)?;

    let begin = Instant::now();
    let returns =
        (0..1000).filter(|_| sys::epoll::epoll_wait(epoll, 8, A_MOMENT) == Ok(vec![event(OUT, server)])).count();
    let took = milliseconds(begin.elapsed());

    t.note(format!(
        "epoll_wait(max=8, timeout={A_MOMENT}ms), 1000 times: {returns} times 1 [{{OUT, {server}}}], in {took}"
    ));
    t.expect("nobody sends, and no wait waits", returns, 1000)
}
