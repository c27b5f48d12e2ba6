use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "blocking_fd",
    claim: "epoll is a way to use non-blocking sockets.",
    article: Some("Epoll is the new way to use non-blocking sockets"),
    row: Some(1),
    verdict: Verdict::Opinion,
    expected: "epoll takes a blocking socket as well, and does not change it: to be non-blocking is a flag of the \
               socket, O_NONBLOCK. (New it was in 2002, in Linux 2.5.44.)",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    file::set_nonblocking(server, false)?;
    t.note(format!("{server} is made blocking again: fcntl(F_SETFL) without O_NONBLOCK"));

    t.add(epoll, server, IN)?;
    t.send(client, b"ping")?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("epoll reports it like any other", events, vec![event(IN, server)])?;

    t.recv(server, 100)?;
    let blocks = file::status_flags(server)? & libc::O_NONBLOCK == 0;
    t.expect_that("it still blocks: one more read, and the thread would wait for this client alone", blocks)
}
