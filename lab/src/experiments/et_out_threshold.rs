use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "et_out_threshold",
    claim: "EPOLLOUT comes as soon as a byte can be sent.",
    article: Some(
        "epoll_wait will only give you a write-ready event if you previously got EAGAIN while attempting to write out",
    ),
    row: Some(29),
    verdict: Verdict::False,
    expected: "It waits until about a third of the send buffer is free (accepted: the queue at 20 to 70 % of it), so \
               that a sender is not woken for every byte.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair_sized(65_536, 16_384)?;
    t.add(epoll, client, OUT | ET)?;
    t.epoll_wait(epoll, 8, SOON)?;
    let sent = t.fill_until_blocked(epoll, client, 1000)?;
    let (queued, size) = socket::send_queue(client)?;
    t.note(format!("the send queue holds ~{queued} bytes of {size}"));

    // The peer reads in small steps, and we look after each.
    let (mut read, mut at_event, mut small_sends) = (0, None, 0);
    while read < sent && at_event.is_none() {
        read += socket::recv(server, 1000).map_or(0, |bytes| bytes.len());
        let (queued, _) = socket::send_queue(client)?;
        if !sys::epoll::epoll_wait(epoll, 8, NOW)?.is_empty() {
            at_event = Some(queued);
        } else if queued < size - 4096 && small_sends < 10 {
            small_sends += usize::from(socket::send(client, b"x").is_ok());
        }
        std::thread::yield_now();
    }

    t.note(format!("send({client}, \"x\") has succeeded ~{small_sends} times while OUT was not reported"));
    let Some(at_event) = at_event else {
        return Err(Unproven::Refuted("expected OUT once the peer had read, and it did not come".to_owned()));
    };
    t.expect_within("OUT came with the queue at so many per cent", at_event * 100 / size, 20..=70)
}
