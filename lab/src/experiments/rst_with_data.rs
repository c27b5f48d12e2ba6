use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "rst_with_data",
    claim: "A reset throws away what has been received.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "What lies in the receive buffer stays readable: four bytes, six bytes, and then ECONNRESET.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    t.add(epoll, server, IN | OUT | RDHUP | ET)?;
    t.send(client, b"0123456789")?;
    t.until_arrived(server, 10)?;
    t.close_with_reset(client)?;
    t.until_broken(server)?;

    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("an error comes with IN and OUT", events, vec![event(IN | OUT | ERR | HUP | RDHUP, server)])?;
    let bytes = t.recv(server, 4)?;
    t.expect("the data is there", bytes, b"0123".to_vec())?;
    let bytes = t.recv(server, 100)?;
    t.expect("all of it", bytes, b"456789".to_vec())?;
    let answer = t.recv(server, 100);
    t.expect("then comes the error", answer, Err(ECONNRESET))?;
    let answer = t.recv(server, 100);
    t.expect("then the end", answer, Ok(vec![]))
}
