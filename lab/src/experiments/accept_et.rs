use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "accept_et",
    claim: "One accept() for each event of the listening socket is enough.",
    article: Some("newsock = accept()"),
    row: Some(6),
    verdict: Verdict::TrueWithExceptions,
    expected: "Level-triggered it is: three waiting clients are reported three times. Edge-triggered they are one \
               event, and after one accept the other two wait until a fourth client comes.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let listener = t.listener()?;
    t.add(epoll, listener, IN | ET)?;
    for _ in 0..3 {
        t.client_of(listener)?;
    }
    t.until_waiting(listener, 3)?;

    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("edge-triggered: three clients are one event", events, vec![event(IN, listener)])?;
    t.accept(listener)?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("after one accept, silence", events, vec![])?;
    let ready = t.poll(listener, IN, NOW)?;
    t.expect("and two clients hang", ready, IN)?;

    t.client_of(listener)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("until a fourth comes", events, vec![event(IN, listener)])?;

    t.modify(epoll, listener, IN)?;
    for _ in 0..3 {
        let events = t.epoll_wait(epoll, 8, SOON)?;
        t.expect("level-triggered: reported until it is served", events, vec![event(IN, listener)])?;
        t.accept(listener)?;
    }
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("everybody has been accepted", events, vec![])
}
