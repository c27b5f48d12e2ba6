use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "eventfd_semaphore",
    claim: "Every read of an eventfd empties it.",
    article: None,
    row: None,
    verdict: Verdict::TrueWithExceptions,
    expected: "Made with EFD_SEMAPHORE, it gives one per read.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let counter = file::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC | libc::EFD_SEMAPHORE)?;
    t.note(format!("{counter} is an eventfd, NONBLOCK|CLOEXEC|SEMAPHORE"));

    t.write_counter(counter, 2)?;

    for _ in 0..2 {
        let answer = t.read_counter(counter);
        t.expect("a read takes one", answer, Ok(1))?;
    }
    let answer = t.read_counter(counter);
    t.expect("both have been taken", answer, Err(EAGAIN))
}
