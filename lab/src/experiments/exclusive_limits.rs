use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "exclusive_limits",
    claim: "EPOLLEXCLUSIVE can be combined with any other flag, and changed like any other.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "With RDHUP or ONESHOT it is EINVAL, and so is MOD of such an entry. With IN, OUT and ET it is taken.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let listener = t.listener()?;

    let answer = t.add(epoll, listener, IN | RDHUP | EXCLUSIVE);
    t.expect("not with RDHUP", answer, Err(EINVAL))?;
    let answer = t.add(epoll, listener, IN | EXCLUSIVE | ONESHOT);
    t.expect("not with ONESHOT", answer, Err(EINVAL))?;
    let answer = t.add(epoll, listener, IN | OUT | EXCLUSIVE | ET);
    t.expect("with ET", answer, Ok(()))?;
    let answer = t.modify(epoll, listener, IN | EXCLUSIVE);
    t.expect("no change", answer, Err(EINVAL))?;
    let answer = t.modify(epoll, listener, IN);
    t.expect("not even to an ordinary entry", answer, Err(EINVAL))
}
