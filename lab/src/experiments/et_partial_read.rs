use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "et_partial_read",
    claim: "Edge-triggered: read a part of the data, and the next wait blocks.",
    article: Some("epoll_wait will block because the state will not change from not-ready to ready"),
    row: Some(25),
    verdict: Verdict::True,
    expected: "Ten bytes come, four are read: epoll_wait is silent while poll says that six can be read. (Until \
               something new arrives: see et_refire_newdata.)",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    t.add(epoll, server, IN | ET)?;

    t.send(client, b"0123456789")?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("the arrival is reported", events, vec![event(IN, server)])?;

    t.recv(server, 4)?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("the rest is not", events, vec![])?;
    let ready = t.poll(server, IN, NOW)?;
    t.expect("although it is there", ready, IN)?;

    let rest = t.recv(server, 100)?;
    t.expect("six bytes were waiting", rest, b"456789".to_vec())
}
