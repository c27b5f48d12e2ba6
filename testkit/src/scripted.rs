//! A stream that does what a script says, so that what a kernel does once in a thousand runs is done in each.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};

use crate::child::fail;
use crate::mistake::{Chapter, Mistake};

/// The end of the stream was read, and read, and read.
pub const END_READ_ON: Mistake = Mistake::new("the end of the stream is taken for nothing yet", Chapter::BlockingEcho);
/// A write that takes nothing was tried again and again.
pub const ZERO_TRIED_ON: Mistake = Mistake::new("a write that takes nothing is tried for ever", Chapter::BlockingEcho);
/// What the exercise is about was left to the standard library.
pub const WRITE_ALL: Mistake = Mistake::new("write_all is what this exercise is about", Chapter::BlockingEcho);

/// How often is for ever.
const FOR_EVER: usize = 100;
/// More than any test sends. Who sends more goes on without end, and would fill the memory.
const PLENTY: usize = 1 << 20;

/// A stream with a script for its reads and one for its writes. When these are over, a read finds the end of the stream,
/// and a write takes everything, up to a mebibyte in all: then it says `EPIPE`, for nobody wants so much.
#[derive(Clone, Debug, Default)]
pub struct Scripted {
    reads: VecDeque<Result<Vec<u8>, i32>>,
    writes: VecDeque<Result<usize, i32>>,
    sent: Vec<u8>,
    in_vain: usize,
}

impl Scripted {
    /// A stream with nothing to read, that takes everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Next, these bytes can be read, at once or in pieces.
    pub fn gives(mut self, bytes: &[u8]) -> Self {
        self.reads.push_back(Ok(bytes.to_vec()));
        self
    }

    /// Next, a read fails with this `errno`.
    pub fn read_fails(mut self, errno: i32) -> Self {
        self.reads.push_back(Err(errno));
        self
    }

    /// Next, a write takes so many bytes at most.
    pub fn takes(mut self, count: usize) -> Self {
        self.writes.push_back(Ok(count));
        self
    }

    /// Next, a write fails with this `errno`.
    pub fn write_fails(mut self, errno: i32) -> Self {
        self.writes.push_back(Err(errno));
        self
    }

    /// All that was written.
    pub fn sent(&self) -> &[u8] {
        &self.sent
    }

    /// Counts a call that got nowhere.
    #[track_caller]
    fn in_vain(&mut self, mistake: Mistake, what: &str) {
        self.in_vain += 1;
        if self.in_vain > FOR_EVER {
            fail(mistake, format_args!("{what}, {FOR_EVER} times over, and was called again"));
        }
    }
}

impl Read for Scripted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.reads.pop_front() {
            None => {
                self.in_vain(END_READ_ON, "read said 0, the end of the stream");
                Ok(0)
            }
            Some(Err(errno)) => Err(io::Error::from_raw_os_error(errno)),
            Some(Ok(mut bytes)) => {
                let count = bytes.len().min(buffer.len());
                buffer[..count].copy_from_slice(&bytes[..count]);
                bytes.drain(..count);
                if !bytes.is_empty() {
                    self.reads.push_front(Ok(bytes));
                }
                Ok(count)
            }
        }
    }
}

impl Write for Scripted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.sent.len() > PLENTY {
            return Err(io::Error::from_raw_os_error(libc::EPIPE));
        }
        match self.writes.pop_front().unwrap_or(Ok(bytes.len())) {
            Ok(0) if !bytes.is_empty() => {
                // A stream that takes nothing goes on taking nothing.
                self.writes.push_front(Ok(0));
                self.in_vain(ZERO_TRIED_ON, "write said 0");
                Ok(0)
            }
            Ok(count) => {
                let count = count.min(bytes.len());
                self.sent.extend_from_slice(&bytes[..count]);
                Ok(count)
            }
            Err(errno) => Err(io::Error::from_raw_os_error(errno)),
        }
    }

    fn write_all(&mut self, _: &[u8]) -> io::Result<()> {
        fail(WRITE_ALL, "write_all was called: write the loop inside it yourself, around write")
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether this is the error with that `errno`.
pub fn is_errno(error: &io::Error, errno: i32) -> bool {
    error.raw_os_error() == Some(errno) || error.kind() == ErrorKind::Interrupted && errno == libc::EINTR
}
