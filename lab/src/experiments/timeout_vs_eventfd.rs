use crate::prelude::*;
use std::sync::mpsc;
use std::time::{Duration, Instant};

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "timeout_vs_eventfd",
    claim: "A time-out in place of the eventfd costs latency.",
    article: Some("I could have used a timout in epoll_wait, but that would add unnecessary latency to amy reactor."),
    row: Some(33),
    verdict: Verdict::True,
    expected: "Both ways every item arrives. With a time-out it waits for half of that on average; a shorter one \
               means more turns for nothing. The timings are this machine's.",
    run,
};

const ITEMS: usize = 21;

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let wake = t.eventfd()?;
    t.add(epoll, wake, IN | ET)?;

    for (timeout, with_eventfd, way) in
        [(10, false, "a time-out of 10 ms"), (1, false, "a time-out of 1 ms"), (SOON, true, "the eventfd")]
    {
        let (mut latencies, turns) = deliver(epoll, timeout, with_eventfd.then_some(wake));
        latencies.sort();
        let median = latencies.get(ITEMS / 2).copied().unwrap_or_default();
        t.note(format!("{way}: median {}, ~{turns} turns of the loop", milliseconds(median)));
        t.expect("every item has arrived", latencies.len(), ITEMS)?;
    }
    Ok(())
}

/// How long each item lay in the queue, and the turns of the loop.
fn deliver(epoll: Fd, timeout: i32, wake: Option<Fd>) -> (Vec<Duration>, usize) {
    let (sender, queue) = mpsc::channel();
    let producer = std::thread::spawn(move || {
        for item in 0..ITEMS {
            // Uneven pauses, so that the items do not fall into step with the time-out.
            std::thread::sleep(Duration::from_micros(3_000 + 700 * item as u64 % 4_000));
            let _ = sender.send(Instant::now());
            if let Some(wake) = wake {
                let _ = file::write(wake, &1_u64.to_ne_bytes());
            }
        }
    });
    let (mut latencies, mut turns) = (Vec::new(), 0);
    while latencies.len() < ITEMS && turns < 10_000 {
        let _ = sys::epoll::epoll_wait(epoll, 8, timeout);
        turns += 1;
        latencies.extend(queue.try_iter().map(|put: Instant| put.elapsed()));
    }
    let _ = producer.join();
    (latencies, turns)
}
