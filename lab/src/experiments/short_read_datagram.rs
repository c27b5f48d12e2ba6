use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "short_read_datagram",
    claim: "Edge-triggered, one must read until EAGAIN, even when a read has been short.",
    article: Some("you must make sure to read ALL the data on the socket until you get EAGAIN"),
    row: Some(26),
    verdict: Verdict::True,
    expected: "An exception to short_read_drained: on UDP every read is short, for it gives one datagram; only EAGAIN \
               says that there is no other.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let receiver = socket::udp_socket()?;
    socket::bind(receiver, 0)?;
    file::set_nonblocking(receiver, true)?;
    let sender = socket::udp_socket()?;
    socket::connect(sender, socket::port(receiver)?)?;
    t.note(format!("{sender} is a UDP socket that sends to {receiver}"));
    let epoll = t.epoll()?;
    t.add(epoll, receiver, IN | ET)?;

    t.send(sender, b"one")?;
    t.send(sender, b"two")?;
    t.epoll_wait(epoll, 8, SOON)?;

    for datagram in [b"one", b"two"] {
        t.until_arrived(receiver, 3)?;
        let bytes = t.recv(receiver, 100)?;
        t.expect("a short read, one datagram", bytes, datagram.to_vec())?;
    }
    let answer = t.recv(receiver, 100);
    t.expect("that was all", answer, Err(EAGAIN))
}
