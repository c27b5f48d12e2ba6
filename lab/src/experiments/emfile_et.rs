use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "emfile_et",
    claim: "Edge-triggered, accept until EAGAIN, and no client is forgotten.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "Without a free descriptor accept says EMFILE, even when nobody waits, so EAGAIN never comes. The event \
               has been used up: descriptors become free, and the clients hang until another one connects.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let listener = t.listener()?;
    t.add(epoll, listener, IN | ET)?;
    let spare = t.eventfd()?;
    let (_, most) = process::open_files()?;
    let last = t.client_of(listener)?;
    t.until_waiting(listener, 1)?;
    process::limit_open_files(last.0 as u64 + 1)?;
    t.note("the limit of open files is reached: setrlimit(NOFILE)");

    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("the client is reported", events, vec![event(IN, listener)])?;
    let answer = t.accept(listener);
    t.expect("it cannot be accepted", answer, Err(EMFILE))?;
    t.close(spare)?;
    t.note("a descriptor is free again");
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("nobody is told", events, vec![])?;
    let ready = t.poll(listener, IN, NOW)?;
    t.expect("and the client hangs", ready, IN)?;

    t.accept(listener)?;
    let answer = t.accept(listener);
    t.expect("nobody waits any more, and still it is EMFILE", answer, Err(EMFILE))?;
    process::limit_open_files(most.min(last.0 as u64 + 10))?;
    t.note("the limit is raised");
    let answer = t.accept(listener);
    t.expect("with a free descriptor it is EAGAIN", answer, Err(EAGAIN))
}
