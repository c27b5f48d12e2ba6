//! Expect: WRONG: one more than the mark overflows

use std::io::{self, Write};

/// A queue of bytes with a mark: above it, the client reads more slowly than it is sent to.
///
/// An empty outbox owns no memory.
#[derive(Debug)]
pub struct Outbox {
    bytes: Vec<u8>,
    /// How many of `bytes` have been written.
    written: usize,
    high_water: usize,
}

/// What became of [`Outbox::write_to`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The outbox is empty.
    Empty,
    /// The kernel took what it had room for, this many bytes: the rest waits for the next writable event.
    Blocked(usize),
}

impl Outbox {
    /// Makes an empty outbox whose high-water mark is at `high_water` bytes.
    pub fn new(high_water: usize) -> Self {
        Self { bytes: Vec::new(), written: 0, high_water }
    }

    /// Puts `bytes` behind all that wait.
    pub fn push(&mut self, bytes: &[u8]) {
        // The room that has been written is used again once it is the larger part, so each byte moves once on average.
        if self.written > self.len() {
            self.bytes.drain(..self.written);
            self.written = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Writes what waits, by one call of `write`, to a descriptor that does not block. A short write is not tried
    /// again: the socket was full a moment ago, and its next writable event is on its way.
    ///
    /// # Errors
    /// What `write` answers, but for `EAGAIN`, which is [`Progress::Blocked`], and `EINTR`, after which it tries again.
    pub fn write_to(&mut self, mut socket: impl Write) -> io::Result<Progress> {
        while !self.is_empty() {
            let count = match socket.write(&self.bytes[self.written..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
                result => result?,
            };
            self.written += count;
            if !self.is_empty() {
                return Ok(Progress::Blocked(count));
            }
        }
        self.clear();
        Ok(Progress::Empty)
    }

    /// How many bytes wait.
    pub fn len(&self) -> usize {
        self.bytes.len() - self.written
    }

    /// Whether no byte waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether more bytes wait than the high-water mark.
    pub fn is_high(&self) -> bool {
        self.len() >= self.high_water + 1
    }

    /// Whether so few bytes wait, at most half the mark, that a client that was held back may go on. The distance
    /// between the two marks keeps it from being stopped and started with every message.
    pub fn is_low(&self) -> bool {
        self.len() <= self.high_water / 2
    }

    /// Whether more than twice the mark waits: holding the client back has not helped.
    pub fn is_overfull(&self) -> bool {
        self.len().div_ceil(2) > self.high_water
    }

    /// Drops what waits, and the memory.
    pub fn clear(&mut self) {
        self.bytes = Vec::new();
        self.written = 0;
    }
}
