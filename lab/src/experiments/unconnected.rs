use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "unconnected",
    claim: "A socket without a connection is not reported.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "It is: OUT and HUP. A refused connect is IN, OUT, ERR, HUP and RDHUP, and SO_ERROR gives the reason, \
               once.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let fresh = socket::tcp_socket()?;
    t.note(format!("{fresh} is a new TCP socket"));
    t.add(epoll, fresh, IN | OUT | RDHUP)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("it is reported", events, vec![event(OUT | HUP, fresh)])?;
    t.close(fresh)?;

    // Bound and not listening: nobody else can take the port, and a connect is refused.
    let closed = socket::tcp_socket()?;
    socket::bind(closed, 0)?;
    let client = socket::tcp_socket()?;
    file::set_nonblocking(client, true)?;
    let answer = socket::connect(client, socket::port(closed)?);
    t.call(format_args!("connect({client}, a port where nobody listens)"), &answer);
    t.expect("it is on its way", answer, Err(EINPROGRESS))?;
    t.add(epoll, client, IN | OUT | RDHUP)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("it is refused", events, vec![event(IN | OUT | ERR | HUP | RDHUP, client)])?;
    let error = t.socket_error(client)?;
    t.expect_that("SO_ERROR says so", error == ECONNREFUSED)?;
    let error = t.socket_error(client)?;
    t.expect_that("... once", error == Errno(0))
}
