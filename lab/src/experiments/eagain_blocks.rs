use crate::prelude::*;
use std::time::{Duration, Instant};

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "eagain_blocks",
    claim: "After EAGAIN, epoll_wait blocks until the socket can be written again.",
    article: Some("If EAGAIN was returned then you will block on the next epoll_wait()"),
    row: Some(22),
    verdict: Verdict::TrueWithExceptions,
    expected: "It blocks, and the peer's reading ends that. But so may the kernel, which in time finds room for more \
               in the peer's buffer although nobody reads; and a small send may succeed while OUT is not reported \
               (see et_out_threshold).",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair_sized(32_768, 32_768)?;
    t.add(epoll, client, OUT)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("it can be written", events, vec![event(OUT, client)])?;

    let sent = t.fill_until_blocked(epoll, client, 1000)?;

    let mut more = 0;
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(1) {
        if !sys::epoll::epoll_wait(epoll, 8, A_MOMENT)?.is_empty() {
            more += socket::fill(client, 1000)?;
        }
    }
    t.note(format!("for a second the peer reads nothing; in that time OUT came back for ~{more} bytes"));

    t.take(server, sent + more)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("the peer has read: it can be written again", events, vec![event(OUT, client)])
}
