use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "lowat",
    claim: "Bytes in the receive buffer make the socket readable.",
    article: Some("In Level-triggered mode, epoll will return as long a socket is read or write ready."),
    row: Some(17),
    verdict: Verdict::TrueWithExceptions,
    expected: "With SO_RCVLOWAT at 100, fifty bytes wait in the buffer and nothing is reported; with a hundred it is.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    socket::set_option(server, libc::SOL_SOCKET, libc::SO_RCVLOWAT, 100)?;
    t.note(format!("SO_RCVLOWAT of {server} is 100"));
    t.add(epoll, server, IN)?;

    t.send(client, &[b'x'; 50])?;
    t.until_arrived(server, 50)?;
    t.note("50 bytes have arrived");
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("they are not reported", events, vec![])?;

    t.send(client, &[b'x'; 50])?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("a hundred are", events, vec![event(IN, server)])?;

    t.recv(server, 1)?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("ninety-nine are not", events, vec![])
}
