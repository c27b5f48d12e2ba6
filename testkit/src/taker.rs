//! A socket that takes what a script says, and remembers what it was offered.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, IoSlice, Write};

/// Of a write of more bytes than these, only the number is remembered.
const WORTH_KEEPING: usize = 400 * 1024;

/// What a write does.
#[derive(Clone, Copy)]
pub enum Answer {
    /// It takes so many bytes at most.
    Takes(usize),
    /// It fails with this `errno`.
    Fails(i32),
}

use Answer::{Fails, Takes};

/// A socket that does not block. It answers by its script; when that is over, it is full.
#[derive(Debug, Default)]
pub struct Taker {
    answers: VecDeque<Answer>,
    offered: Vec<Vec<u8>>,
    last: usize,
    calls: usize,
    in_vain: usize,
    moved: usize,
    /// Where in memory the bytes are that were offered last and not taken.
    rest: Option<usize>,
}

impl Taker {
    /// A socket that answers one write after the other.
    pub fn new(answers: &[Answer]) -> Self {
        Self { answers: answers.iter().copied().collect(), ..Self::default() }
    }

    /// Goes on with the script; what was offered so far is forgotten.
    pub fn then(&mut self, answer: Answer) {
        self.answers.push_back(answer);
        self.offered.clear();
    }

    /// What each write was given, except for those that were given very much.
    pub fn offered(&self) -> &[Vec<u8>] {
        &self.offered
    }

    /// How many bytes the last write was given.
    pub fn last(&self) -> usize {
        self.last
    }

    /// How often it was written to.
    pub fn calls(&self) -> usize {
        self.calls
    }

    /// How often the bytes that were left were given to the next write from another place in memory.
    pub fn moved(&self) -> usize {
        self.moved
    }
}

impl Write for Taker {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        self.calls += 1;
        self.in_vain += 1;
        // Who writes for ever is stopped in the end. What that is called is for the test to say.
        assert!(self.in_vain < 100, "the script has long been over");
        self.last = parts.iter().map(|part| part.len()).sum();
        if self.last < WORTH_KEEPING {
            let mut whole = Vec::new();
            parts.iter().for_each(|part| whole.extend_from_slice(part));
            self.offered.push(whole);
        }
        let place = parts.first().map_or(0, |part| part.as_ptr().addr());
        self.moved += usize::from(self.rest.is_some_and(|rest| rest != place));
        match self.answers.pop_front().unwrap_or(Fails(libc::EAGAIN)) {
            Takes(count) => {
                let taken = count.min(self.last);
                self.rest = parts.first().filter(|part| part.len() > taken).map(|_| place + taken);
                self.in_vain = 0;
                Ok(taken)
            }
            Fails(errno) => Err(io::Error::from_raw_os_error(errno)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// As a verdict shows it: `5 at most`, `EAGAIN`.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Takes(count) => write!(f, "{count} at most"),
            Fails(libc::EAGAIN) => f.write_str("EAGAIN"),
            Fails(libc::EINTR) => f.write_str("EINTR"),
            Fails(errno) => write!(f, "{}", io::Error::from_raw_os_error(*errno)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_looked_for_where_it_was() {
        let (mut socket, bytes) = (Taker::new(&[Takes(2), Takes(1)]), b"hello".to_vec());

        assert_eq!(socket.write(&bytes).unwrap(), 2);
        assert_eq!(socket.write(&bytes[2..]).unwrap(), 1);
        assert_eq!(socket.moved(), 0);
        assert_eq!(socket.write(&bytes.clone()[3..]).unwrap_err().kind(), io::ErrorKind::WouldBlock);

        assert_eq!((socket.moved(), socket.calls(), socket.last()), (1, 3, 2));
        assert_eq!(socket.offered(), [b"hello".to_vec(), b"llo".to_vec(), b"lo".to_vec()]);
    }
}
