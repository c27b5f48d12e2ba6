use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "eventfd_out_edge",
    claim: "Registering an eventfd for EPOLLIN|EPOLLOUT, like everything else, does no harm.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "Edge-triggered, reading it makes an event of its own: every wake-up costs the loop two turns.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let wake = t.eventfd()?;

    t.add(epoll, wake, IN | OUT | ET)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("it can be written at once", events, vec![event(OUT, wake)])?;
    t.write_counter(wake, 1)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("the wake-up", events, vec![event(IN | OUT, wake)])?;
    t.read_counter(wake)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("a second turn, for nothing", events, vec![event(OUT, wake)])?;

    t.modify(epoll, wake, IN | ET)?;
    t.write_counter(wake, 1)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("with IN alone: the wake-up", events, vec![event(IN, wake)])?;
    t.read_counter(wake)?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("and nothing else", events, vec![])
}
