use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "eintr",
    claim: "SA_RESTART makes a signal harmless for a waiting call.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "epoll_wait returns EINTR with it and without it. With an event at hand, it returns the event.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let wake = t.eventfd()?;
    t.add(epoll, wake, IN)?;

    for (flags, words) in [(0, "0"), (libc::SA_RESTART, "SA_RESTART")] {
        process::handle_quietly(libc::SIGUSR1, flags)?;
        t.note(format!("SIGUSR1 has a handler, flags {words}"));
        let waiter = Waiter::start(t, epoll, 8, SOON)?;
        t.note("a thread sleeps in epoll_wait, and the signal is sent to it");
        process::kill_thread(waiter.number, libc::SIGUSR1)?;
        let woken = waiter.join()?;
        t.note(format!("that thread: epoll_wait = {}", woken.answer.in_words()));
        t.expect("it is interrupted", woken.answer, Err(EINTR))?;
    }

    t.write_counter(wake, 1)?;
    process::kill_thread(process::own_thread(), libc::SIGUSR1)?;
    t.note("this thread sends itself the signal, with an event at hand");
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("the event is reported", events, vec![event(IN, wake)])
}
