use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "two_threads_one_epoll",
    claim: "Two threads can wait on one edge-triggered epoll, and each socket is served by one of them at a time.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "While the first thread is busy with a socket, new bytes hand the same socket to the second. With \
               EPOLLONESHOT they do not.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (client, server) = t.tcp_pair()?;
    t.add(epoll, server, IN | ET)?;
    second_thread(t, epoll, client, Ok(vec![event(IN, server)]), "the second thread has the same socket")?;

    t.delete(epoll, server)?;
    t.recv(server, 100)?;
    t.add(epoll, server, IN | ET | ONESHOT)?;
    second_thread(t, epoll, client, Ok(vec![]), "with ONESHOT it has not")
}

/// Expects `answer` for the thread that waits while another is busy.
fn second_thread(
    t: &mut Transcript,
    epoll: Fd,
    client: Fd,
    answer: sys::Result<Vec<Event>>,
    sentence: &str,
) -> Result<(), Unproven> {
    let first = Waiter::start(t, epoll, 8, SOON)?;
    t.note("a thread waits");
    t.send(client, b"some")?;
    let woken = first.join()?;
    t.note(format!("it gets {}, and is busy with it", woken.answer.in_words()));

    let timeout = if answer == Ok(vec![]) { A_WHILE } else { SOON };
    let second = Waiter::start(t, epoll, 8, timeout)?;
    t.note("a second thread waits");
    t.send(client, b"more")?;
    let woken = second.join()?;
    t.note(format!("it gets {}", woken.answer.in_words()));
    t.expect(sentence, woken.answer, answer)
}
