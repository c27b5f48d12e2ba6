use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "replaces_poll",
    claim: "epoll replaces poll() and select().",
    article: Some("It replaces poll() and select()."),
    row: Some(3),
    verdict: Verdict::TrueWithExceptions,
    expected: "Both are still there, and poll answers for a regular file, which epoll refuses. (And epoll is Linux's \
               own.)",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    t.send(client, b"ping")?;
    t.add(epoll, server, IN)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("epoll says that the socket can be read", events, vec![event(IN, server)])?;
    let ready = t.poll(server, IN, NOW)?;
    t.expect("poll says the same", ready, IN)?;

    let regular = file::open(c"/proc/self/exe")?;
    t.note(format!("{regular} is a regular file"));
    let ready = t.poll(regular, IN, NOW)?;
    t.expect("poll has an answer for it: always ready", ready, IN)?;
    let answer = t.add(epoll, regular, IN);
    t.expect("epoll has none", answer, Err(EPERM))
}
