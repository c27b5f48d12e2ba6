use crate::prelude::*;
use std::sync::mpsc;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "eventfd_blocks",
    claim: "Writing to an eventfd never blocks.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "A full one blocks the writer until somebody reads, unless it is non-blocking.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let wake = file::eventfd(0, libc::EFD_CLOEXEC)?;
    t.note(format!("{wake} is an eventfd without NONBLOCK"));
    t.write_counter(wake, u64::MAX - 1)?;

    let (sender, receiver) = mpsc::channel();
    let writer = std::thread::spawn(move || {
        let _ = sender.send(process::own_thread());
        file::write(wake, &1_u64.to_ne_bytes())
    });
    let number = receiver.recv().map_err(|_| Unproven::Refuted("a thread did not start".to_owned()))?;
    t.until("the writer sleeps", || process::state(&format!("self/task/{number}")) == Ok('S'))?;
    t.note("a thread writes 1, and sleeps in the call");
    t.expect_that("it has not come back", !writer.is_finished())?;

    let counter = file::read(wake, 8)?;
    t.note(format!("read({wake}, counter 2^64-2) = {}", counter.len()));
    let answer = writer.join().map_err(|_| Unproven::Refuted("a thread panicked".to_owned()))?;
    t.expect("the read lets it go on", answer, Ok(8))
}
