use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "etimedout",
    claim: "A connection ends with the end of the stream or with ECONNRESET.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "When the network goes away, it ends with ETIMEDOUT: the same mask as for a reset, another error. (Shown \
               by cutting the loopback of a private network.)",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    if let Err(errno) = process::private_network() {
        t.note(format!("unshare(NEWUSER|NEWNET) = -1 {errno}"));
        return Err(Unproven::Unavailable(format!("this process may not have a network of its own ({errno})")));
    }
    if let Err(errno) = process::switch_loopback(true) {
        return Err(Unproven::Unavailable(format!(
            "the loopback of a private network cannot be switched on ({errno})"
        )));
    }
    t.note("unshare(NEWUSER|NEWNET): a private network, with a loopback of its own");
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    socket::set_option(server, libc::IPPROTO_TCP, libc::TCP_USER_TIMEOUT, 300)?;
    t.note(format!("TCP_USER_TIMEOUT of {server} is 300 ms, in place of many minutes"));
    t.add(epoll, server, IN | OUT | RDHUP | ET)?;
    t.epoll_wait(epoll, 8, SOON)?;

    process::switch_loopback(false)?;
    t.note("the loopback is switched off");
    t.send(server, b"is anybody there?")?;
    let events = t.epoll_wait(epoll, 8, 4 * SOON)?;
    t.expect("the connection is broken", events, vec![event(IN | OUT | ERR | HUP | RDHUP, server)])?;
    let answer = t.recv(server, 100);
    t.expect("neither the end nor a reset", answer, Err(ETIMEDOUT))?;
    let answer = t.recv(client, 100);
    t.expect("the peer knows nothing", answer, Err(EAGAIN))
}
