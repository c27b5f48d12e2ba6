use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "ev_vs_pipe",
    claim: "Waking by an eventfd is like the older trick of writing to a pipe of one's own.",
    article: Some(r#"That way of doing things is similar to what is called the "pipe to self trick"."#),
    row: Some(34),
    verdict: Verdict::True,
    expected: "Both wake. But the pipe keeps each byte, and is full after some thousands; the eventfd keeps a sum, \
               which one read takes.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    let (read_end, write_end) = t.pipe()?;
    t.add(epoll, read_end, IN | ET)?;

    t.write(write_end, b"!")?;
    let events = t.epoll_wait(epoll, 8, SOON)?;
    t.expect("a byte in the pipe wakes", events, vec![event(IN, read_end)])?;

    let mut bytes = 1;
    while file::write(write_end, b"!").is_ok() {
        bytes += 1;
    }
    t.note(format!("write({write_end}, \"!\"), again and again: ~{bytes} bytes, then -1 EAGAIN"));
    t.expect_within("a pipe that nobody reads is full after so many bytes", bytes, 4096..=1 << 20)?;
    let first = t.read(read_end, 8)?;
    t.expect("a read takes as many as it asks for", first.len(), 8)?;

    let wake = t.eventfd()?;
    for _ in 0..bytes {
        file::write(wake, &1_u64.to_ne_bytes())?;
    }
    t.note(format!("write({wake}, counter 1), ~{bytes} times: all taken"));
    let sum = file::read(wake, 8)?;
    let sum = u64::from_ne_bytes(sum.try_into().unwrap_or_default()) as usize;
    t.note(format!("read({wake}, counter ~{sum}) = 8"));
    t.expect_that("one read takes them all", sum == bytes)
}
