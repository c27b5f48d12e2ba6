use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "ev_et",
    claim: "The eventfd that wakes the loop must be read after each wake-up.",
    article: Some("I add the eventfd in the epoll_wait list"),
    row: Some(32),
    verdict: Verdict::TrueWithExceptions,
    expected: "Level-triggered it must, or the loop spins. Edge-triggered it need not: every write is an event, a \
               thousand of a thousand, and two writes between two waits are one.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let wake = t.eventfd()?;
    t.add(epoll, wake, IN | ET)?;
    let one = 1_u64.to_ne_bytes();

    let mut woken = 0;
    for _ in 0..1000 {
        file::write(wake, &one)?;
        woken += sys::epoll::epoll_wait(epoll, 8, SOON)?.len();
    }
    t.note(format!("edge-triggered; 1000 times write 1, then epoll_wait: {woken} events"));
    t.expect("every write is an event, though nobody reads", woken, 1000)?;

    t.write_counter(wake, 1)?;
    t.write_counter(wake, 1)?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("two writes are one event", events, vec![event(IN, wake)])?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("then silence", events, vec![])?;

    t.modify(epoll, wake, IN)?;
    let spins = (0..1000).filter(|_| sys::epoll::epoll_wait(epoll, 8, A_MOMENT) == Ok(vec![event(IN, wake)])).count();
    t.note(format!("level-triggered; 1000 times epoll_wait, no write: {spins} events"));
    t.expect("every wait returns at once", spins, 1000)?;
    let counter = t.read_counter(wake)?;
    t.expect("one read takes all the writes", counter, 1002)?;
    let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
    t.expect("and ends the spinning", events, vec![])
}
