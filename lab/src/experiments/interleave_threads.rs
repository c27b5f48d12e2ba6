use crate::prelude::*;
use std::sync::mpsc;
use std::thread::JoinHandle;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "interleave_threads",
    claim: "On a blocking socket two threads may send at once, for each send waits until all is taken.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "While one waits in the middle of its message for room, the other gets in: of ten pairs of messages, one \
               or more arrive as a mixture.",
    run,
};

const MESSAGE: usize = 1 << 20;
const PAIRS: usize = 10;

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let mut mixed = 0;
    for _ in 0..PAIRS {
        let (client, server) = socket::tcp_pair_sized(32_768, 32_768)?;
        file::set_nonblocking(client, false)?;
        let senders = [sender(t, client, b'B')?, sender(t, client, b'C')?];

        let mut received = Vec::new();
        t.until("both messages have come", || {
            while let Ok(piece) = socket::recv(server, 65_536) {
                received.extend_from_slice(&piece);
            }
            received.len() == 2 * MESSAGE
        })?;
        for sender in senders {
            let answer = sender.join().map_err(|_| Unproven::Refuted("a thread panicked".to_owned()))?;
            t.expect_that_quietly("a send takes its whole message", answer == Ok(MESSAGE))?;
        }
        // In order there is one border: all of one letter, then all of the other.
        let borders = received.windows(2).filter(|pair| pair[0] != pair[1]).count();
        mixed += usize::from(borders > 1);
        file::close(client)?;
        file::close(server)?;
    }
    t.note(format!("{PAIRS} times, on a blocking socket: threads B and C each send({MESSAGE} bytes of their letter)"));
    t.note(format!("every send = {MESSAGE}; the peer finds the two messages mixed ~{mixed} times"));
    t.expect_within("messages are corrupt", mixed, 1..=PAIRS)
}

/// Starts a thread that sends a message, and waits until it sleeps in the middle of it.
fn sender(t: &mut Transcript, socket: Fd, letter: u8) -> Result<JoinHandle<sys::Result<usize>>, Unproven> {
    let (started, start) = mpsc::channel();
    let message = vec![letter; MESSAGE];
    let thread = std::thread::spawn(move || {
        let _ = started.send(process::own_thread());
        socket::send(socket, &message)
    });
    let number = start.recv().map_err(|_| Unproven::Refuted("a thread did not start".to_owned()))?;
    t.until("the thread sleeps", || process::state(&format!("self/task/{number}")) == Ok('S'))?;
    Ok(thread)
}
