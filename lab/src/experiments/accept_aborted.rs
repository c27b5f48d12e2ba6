use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "accept_aborted",
    claim: "A connection that is reset before it is accepted is not accepted.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "Linux hands it out; the first read says ECONNRESET. (Other systems give ECONNABORTED from accept.)",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let listener = t.listener()?;
    t.add(epoll, listener, IN)?;
    let client = t.client_of(listener)?;
    t.until_waiting(listener, 1)?;

    t.close_with_reset(client)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("somebody wants to be accepted", events, vec![event(IN, listener)])?;
    let accepted = t.accept(listener)?;
    t.until_broken(accepted)?;
    let answer = t.recv(accepted, 100);
    t.expect("it had gone before", answer, Err(ECONNRESET))
}
