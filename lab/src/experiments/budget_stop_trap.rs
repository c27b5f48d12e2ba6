use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "budget_stop_trap",
    claim: "Edge-triggered, a loop can stop reading when its budget is spent; epoll will report the rest.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "It will not: the rest hangs. Either the loop remembers who has bytes left and does not sleep, or it \
               calls epoll_ctl(MOD), which makes epoll look again.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    t.add(epoll, server, IN | ET)?;
    t.send(client, &[b'x'; 3000])?;
    t.until_arrived(server, 3000)?;

    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("the arrival is reported", events, vec![event(IN, server)])?;
    t.recv(server, 1000)?;
    t.note("the budget is spent");
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("the rest is not reported", events, vec![])?;

    t.note(format!("way out 1: a list of one's own, [{server}], and time-out 0 while it is not empty"));
    let events = t.epoll_wait(epoll, 8, NOW)?;
    t.expect("no sleep; others would be reported here", events, vec![])?;
    t.recv(server, 1000)?;

    t.note("way out 2: the same mask again");
    t.modify(epoll, server, IN | ET)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("the rest is reported", events, vec![event(IN, server)])?;
    let rest = t.recv(server, 1000)?;
    t.expect("and was there", rest.len(), 1000)
}
