use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "eventfd_counter",
    claim: "An eventfd is a counter: a write adds to it, a read takes it and leaves zero.",
    article: None,
    row: None,
    verdict: Verdict::True,
    expected: "Exactly eight bytes each. It is full at 2^64-2: then a write is refused with EAGAIN, OUT is gone, and \
               no event comes. Zero can be written, and wakes only if the counter is not zero.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let counter = t.eventfd()?;

    let answer = t.read_counter(counter);
    t.expect("at zero there is nothing to read", answer, Err(EAGAIN))?;
    t.write_counter(counter, 2)?;
    t.write_counter(counter, 3)?;
    let answer = t.read_counter(counter);
    t.expect("a read takes the sum", answer, Ok(5))?;
    let answer = t.write(counter, b"1234");
    t.expect("four bytes are no number", answer, Err(EINVAL))?;
    let answer = t.write_counter(counter, u64::MAX);
    t.expect("2^64-1 is no value", answer, Err(EINVAL))?;

    t.add(epoll, counter, IN | ET)?;
    t.write_counter(counter, 0)?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("adding zero to zero wakes nobody", events, vec![])?;
    t.write_counter(counter, u64::MAX - 1)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("2^64-2 is the largest value", events, vec![event(IN, counter)])?;
    t.write_counter(counter, 0)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("adding zero to something wakes", events, vec![event(IN, counter)])?;

    let answer = t.write_counter(counter, 1);
    t.expect("it is full", answer, Err(EAGAIN))?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("the refused write is no event", events, vec![])?;
    let ready = t.poll(counter, IN | OUT, NOW)?;
    t.expect("OUT is gone", ready, IN)
}
