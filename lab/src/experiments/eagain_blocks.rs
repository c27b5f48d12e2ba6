use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "eagain_blocks",
    claim: "After EAGAIN, epoll_wait blocks until the socket can be written again.",
    article: Some("If EAGAIN was returned then you will block on the next epoll_wait()"),
    row: Some(22),
    verdict: Verdict::TrueWithExceptions,
    expected: "It does, until the peer reads. But *cannot be written* is a threshold, not the truth: a small send may \
               succeed while OUT is not reported (see et_out_threshold).",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair_sized(32_768, 32_768)?;
    t.add(epoll, client, OUT)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("it can be written", events, vec![event(OUT, client)])?;

    let sent = t.fill_for_good(client, 1000)?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("it cannot: epoll_wait blocks, level-triggered as it is", events, vec![])?;

    t.take(server, sent)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("the peer has read: it can", events, vec![event(OUT, client)])
}
