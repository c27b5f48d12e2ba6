use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "stale_batch",
    claim: "An event whose descriptor is open belongs to the connection that has that descriptor.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "Within one batch, handling the first event closes another client, and accept() gives its number to a \
               newcomer: the closed client's event then reads from a stranger.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let listener = t.listener()?;
    let (first_peer, first) = socket::pair_through(listener)?;
    let (second_peer, second) = socket::pair_through(listener)?;
    t.note(format!("two clients have been accepted: {first} and {second}"));
    for fd in [first, listener, second] {
        t.add(epoll, fd, IN)?;
    }

    socket::send(first_peer, b"kick the other")?;
    t.until_arrived(first, 14)?;
    let stranger = socket::client_of(listener)?;
    socket::send(stranger, b"a stranger's secret")?;
    t.until_waiting(listener, 1)?;
    socket::send(second_peer, b"hello")?;
    t.until_arrived(second, 5)?;
    t.note("the first sends, a stranger connects and sends, the second sends");

    let batch = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("one batch", batch.clone(), vec![event(IN, first), event(IN, listener), event(IN, second)])?;

    t.recv(batch[0].fd, 100)?;
    t.note("the first event: what it says makes us close the second client");
    t.close(second)?;
    t.note("the second event: accept");
    let accepted = t.accept(batch[1].fd)?;
    t.expect("the stranger gets the number that was free", accepted, second)?;
    t.until_arrived(accepted, 19)?;

    t.note(format!("the third event: {:?}", batch[2]));
    let bytes = t.recv(batch[2].fd, 100)?;
    t.expect("it was the second client's, and reads from the stranger", bytes, b"a stranger's secret".to_vec())
}
