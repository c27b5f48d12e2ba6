use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "del_recalls",
    claim: "After EPOLL_CTL_DEL no event of that descriptor is seen.",
    article: None,
    row: None,
    verdict: Verdict::TrueWithExceptions,
    expected: "No event that is still in the kernel. One that epoll_wait has already copied out is in the program's \
               hands, and stays there.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (first, first_peer) = t.unix_pair()?;
    let (second, second_peer) = t.unix_pair()?;
    t.add(epoll, first, IN | ET)?;
    t.add(epoll, second, IN | ET)?;

    t.send(first_peer, b"x")?;
    t.send(second_peer, b"x")?;
    let events = t.epoll_wait(epoll, 1, SOON)?;
    t.expect("room for one: the other event stays in the kernel", events, vec![event(IN, first)])?;
    t.delete(epoll, second)?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("it has been recalled", events, vec![])?;

    t.add(epoll, second, IN | ET)?;
    t.send(first_peer, b"x")?;
    let batch = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("room for both", batch.clone(), vec![event(IN, second), event(IN, first)])?;
    t.delete(epoll, first)?;
    t.note(format!("the program still holds the event {:?}, and goes by it:", batch[1]));
    let bytes = t.recv(batch[1].fd, 100)?;
    t.expect("what has been handed out cannot be recalled", bytes, b"xx".to_vec())
}
