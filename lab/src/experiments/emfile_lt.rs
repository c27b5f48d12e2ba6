use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "emfile_lt",
    claim: "A server that has run out of descriptors waits quietly until one is free.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "Level-triggered, the client that cannot be accepted is reported at each wait: the loop spins. Closing a \
               spare descriptor lets it be accepted, and sent away.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let listener = t.listener()?;
    t.add(epoll, listener, IN)?;
    let spare = t.eventfd()?;
    let client = t.client_of(listener)?;
    t.until_waiting(listener, 1)?;
    process::limit_open_files(client.0 as u64 + 1)?;
    t.note("the limit of open files is reached: setrlimit(NOFILE)");

    let mut turns = 0;
    for _ in 0..1000 {
        let reported = sys::epoll::epoll_wait(epoll, 8, SOON)? == vec![event(IN, listener)];
        turns += usize::from(reported && socket::accept4(listener, 0) == Err(EMFILE));
    }
    t.note(format!("epoll_wait = 1 [{{IN, {listener}}}], accept4 = -1 EMFILE: {turns} times in 1000 turns"));
    t.expect("every turn is one for nothing", turns, 1000)?;

    t.note("the spare descriptor is given up:");
    t.close(spare)?;
    let accepted = t.accept(listener)?;
    t.expect("the client can be accepted", accepted, spare)?;
    t.close(accepted)?;
    t.until_ended(client)?;
    let bytes = t.recv(client, 100)?;
    t.expect("and is told that this is the end", bytes, vec![])?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("silence", events, vec![])
}
