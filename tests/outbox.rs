//! What goes into an outbox comes out, in order, whatever the socket takes at a time.

use std::io::{self, ErrorKind, Write};

use pretty_assertions::assert_eq;
use quickcheck::{Arbitrary, Gen, quickcheck};
use reactor::outbox::{Outbox, Progress};

/// What is done to an outbox.
#[derive(Clone, Debug)]
enum Step {
    Push(Vec<u8>),
    /// A write to a socket that answers so.
    Write(Answer),
    Clear,
}

#[derive(Clone, Copy, Debug)]
enum Answer {
    Takes(u8),
    WouldBlock,
    /// Then takes so much.
    Interrupted(u8),
    Fails,
}

/// A socket, the answer to the next write, and what has been written.
struct Socket<'s> {
    answer: Answer,
    written: &'s mut Vec<u8>,
    calls: usize,
}

impl Write for Socket<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        assert!(!bytes.is_empty(), "a system call for nothing");
        self.calls += 1;
        match self.answer {
            Answer::Takes(most) => {
                let count = bytes.len().min(most.into());
                self.written.extend_from_slice(&bytes[..count]);
                Ok(count)
            }
            Answer::WouldBlock => Err(io::Error::from_raw_os_error(libc::EAGAIN)),
            Answer::Interrupted(most) => {
                self.answer = Answer::Takes(most);
                Err(io::Error::from_raw_os_error(libc::EINTR))
            }
            Answer::Fails => Err(ErrorKind::ConnectionReset.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        unreachable!("a socket has nothing to flush")
    }
}

impl Arbitrary for Step {
    fn arbitrary(g: &mut Gen) -> Self {
        match u8::arbitrary(g) % 20 {
            0 => Self::Clear,
            1 => Self::Write(Answer::WouldBlock),
            2 => Self::Write(Answer::Fails),
            3 => Self::Write(Answer::Interrupted(u8::arbitrary(g).max(1))),
            4..=10 => Self::Write(Answer::Takes(u8::arbitrary(g).max(1))),
            _ => Self::Push(Vec::arbitrary(g)),
        }
    }
}

quickcheck! {
    fn an_outbox_does_as_a_plain_queue_does(steps: Vec<Step>, mark: u8) -> () {
        let mark = usize::from(mark);
        let mut outbox = Outbox::new(mark);
        let (mut twin, mut written, mut expected) = (Vec::new(), Vec::new(), Vec::new());

        for step in steps {
            match step {
                Step::Push(bytes) => {
                    outbox.push(&bytes);
                    twin.extend_from_slice(&bytes);
                }
                Step::Write(answer) => {
                    let mut socket = Socket { answer, written: &mut written, calls: 0 };
                    let progress = outbox.write_to(&mut socket).map_err(|error| error.kind());
                    assert!(socket.calls <= 1 + usize::from(matches!(answer, Answer::Interrupted(_))), "one call");
                    let (taken, wanted) = expect(answer, twin.len());
                    expected.extend(twin.drain(..taken));
                    assert_eq!(progress, wanted);
                }
                Step::Clear => {
                    outbox.clear();
                    twin.clear();
                }
            }
            assert_eq!((outbox.len(), outbox.is_empty()), (twin.len(), twin.is_empty()));
            assert_eq!(outbox.is_high(), twin.len() > mark);
            assert_eq!(outbox.is_low(), twin.len() <= mark / 2);
            assert_eq!(outbox.is_overfull(), twin.len() > 2 * mark);
            assert_eq!(written, expected);
        }
    }
}

/// How many of `waiting` bytes a write takes, and what it returns.
fn expect(answer: Answer, waiting: usize) -> (usize, Result<Progress, ErrorKind>) {
    let taken = match answer {
        Answer::Takes(most) | Answer::Interrupted(most) => waiting.min(most.into()),
        Answer::WouldBlock | Answer::Fails => 0,
    };
    match answer {
        // Nothing is written of nothing, so nothing fails.
        _ if taken == waiting => (taken, Ok(Progress::Empty)),
        Answer::Fails => (0, Err(ErrorKind::ConnectionReset)),
        _ => (taken, Ok(Progress::Blocked(taken))),
    }
}

#[test]
fn a_mark_as_high_as_can_be_is_never_passed() {
    let mut outbox = Outbox::new(usize::MAX);

    outbox.push(b"something");

    assert_eq!((outbox.is_high(), outbox.is_low(), outbox.is_overfull()), (false, true, false));
}
