use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "close_dup",
    claim: "Closing a socket removes it from epoll, also when it has been duplicated.",
    article: Some("when the socket closes, it will be removed automatically"),
    row: Some(7),
    verdict: Verdict::False,
    expected: "epoll watches the open file, not the number. While a duplicate keeps the file open, events come with \
               the closed number, and neither number deletes the entry: its name is the number and the file together.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (watched, peer) = t.unix_pair()?;
    t.add(epoll, watched, IN)?;
    let copy = t.dup(watched)?;
    t.close(watched)?;
    t.send(peer, b"x")?;

    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("an event under a number that is closed", events, vec![event(IN, watched)])?;
    let again = (0..1000).filter(|_| sys::epoll::epoll_wait(epoll, 8, NOW) == Ok(vec![event(IN, watched)])).count();
    t.note(format!("1000 more waits: {again} times {:?}", [event(IN, watched)]));
    t.expect("and again, at each wait", again, 1000)?;
    let answer = t.read(watched, 1);
    t.expect("it cannot be read", answer, Err(EBADF))?;
    let answer = t.delete(epoll, watched);
    t.expect("it cannot be deleted by the number", answer, Err(EBADF))?;
    let answer = t.delete(epoll, copy);
    t.expect("nor by the duplicate", answer, Err(ENOENT))?;

    the_number_is_used_again(t, epoll, watched)?;
    t.dup2(copy, watched)?;
    let answer = t.delete(epoll, watched);
    t.expect("number and file together: the entry is found", answer, Ok(()))?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("silence at last", events, vec![])
}

fn the_number_is_used_again(t: &mut Transcript, epoll: Fd, watched: Fd) -> Result<(), Unproven> {
    let (newcomer, peer) = t.unix_pair()?;
    t.expect("a new socket gets the free number", newcomer, watched)?;
    let answer = t.delete(epoll, newcomer);
    t.expect("the old entry is not its own", answer, Err(ENOENT))?;
    t.add(epoll, newcomer, IN)?;
    t.send(peer, b"y")?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("two entries, one number", events, vec![event(IN, watched), event(IN, watched)])?;
    t.close(newcomer)?;
    Ok(())
}
