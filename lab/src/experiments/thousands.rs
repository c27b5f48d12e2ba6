use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "thousands",
    claim: "epoll handles thousands of connections.",
    article: Some("epoll might potentially handle thousands of connections"),
    row: Some(12),
    verdict: Verdict::True,
    expected: "With thousands of idle connections (as many as the limit of open files allows here, up to two thousand) \
               a wait finds the one that speaks. The timings are this machine's.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let (_, most) = process::open_files()?;
    // A connection has both its ends in this process; a few descriptors are for the rest.
    let connections = (most.saturating_sub(50) / 2).min(2000) as usize;
    if connections < 200 {
        return Err(Unproven::Unavailable(format!("this process may open only {most} files")));
    }
    t.need_files(2 * connections as u64 + 50)?;
    let epoll = t.epoll()?;
    let listener = t.listener()?;

    let mut clients = Vec::new();
    for _ in 0..connections {
        let (client, server) = socket::pair_through(listener)?;
        // With an orderly end, each would occupy its port for a minute.
        socket::reset_on_close(client)?;
        sys::epoll::epoll_ctl(epoll, sys::epoll::Op::Add, server, IN | RDHUP | ET)?;
        clients.push((client, server));
    }
    t.note(format!("{connections} connections are watched, all of them idle"));

    let mut speakers = clients.iter().cycle().step_by(7);
    let (found, took) = timed(1000, || {
        speakers.next().is_some_and(|(client, server)| {
            let sent = socket::send(*client, b"x");
            let events = sys::epoll::epoll_wait(epoll, 64, SOON);
            sent == Ok(1) && events == Ok(vec![event(IN, *server)])
        })
    });
    t.note(format!("1000 times one of them speaks, and epoll_wait reports it: {} each", microseconds(took)));
    t.expect("every byte was reported at once, under the right number", found, 1000)
}
