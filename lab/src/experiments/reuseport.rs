use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "reuseport",
    claim: "With SO_REUSEPORT, several listening sockets share a port and its clients.",
    article: None,
    row: None,
    verdict: Verdict::TrueWithExceptions,
    expected: "200 clients are dealt out over four sockets, each client to one. A socket without the option is refused \
               with EADDRINUSE. Closing one of the four resets the clients in its queue.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    t.need_files(250)?;
    let first = sharing_listener(0)?;
    let port = socket::port(first)?;
    let listeners = [first, sharing_listener(port)?, sharing_listener(port)?, sharing_listener(port)?];
    t.note("four sockets with SO_REUSEPORT listen at one port");
    let lonely = socket::tcp_socket()?;
    let answer = socket::bind(lonely, port);
    t.call(format_args!("bind({lonely}, the same port)"), &answer);
    t.expect("without the option there is no sharing", answer, Err(EADDRINUSE))?;

    let clients = (0..200).map(|_| socket::client_of(first)).collect::<sys::Result<Vec<Fd>>>()?;
    let waiting = |fd: &Fd| socket::waiting_clients(*fd).unwrap_or(0);
    t.until("all clients wait", || listeners.iter().map(waiting).sum::<usize>() == 200)?;
    let shares: Vec<usize> = listeners.iter().map(waiting).collect();
    t.note(format!("200 clients connect: ~{}, ~{}, ~{} and ~{}", shares[0], shares[1], shares[2], shares[3]));
    t.expect_that("everybody has a share", shares.iter().all(|share| *share > 0))?;

    if std::fs::read_to_string("/proc/sys/net/ipv4/tcp_migrate_req").is_ok_and(|on| on.trim() == "1") {
        return Err(Unproven::Unavailable(
            "net.ipv4.tcp_migrate_req is 1: queued clients move to another socket".into(),
        ));
    }
    t.close(first)?;
    let reset = |fd: &&Fd| socket::recv(**fd, 1) == Err(ECONNRESET);
    let mut resets = 0;
    t.until("the clients of its queue are reset", || {
        resets += clients.iter().filter(reset).count();
        resets >= shares[0]
    })?;
    t.note(format!("~{resets} clients read ECONNRESET"));
    t.expect_that("as many as waited in its queue", resets == shares[0])
}

fn sharing_listener(port: u16) -> sys::Result<Fd> {
    let fd = socket::tcp_socket()?;
    socket::set_option(fd, libc::SOL_SOCKET, libc::SO_REUSEPORT, 1)?;
    socket::bind(fd, port)?;
    socket::listen(fd, 1024)?;
    Ok(fd)
}
