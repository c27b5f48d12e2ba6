//! Exercise 9: the bytes that wait for one client.
//!
//! The kernel takes as much as it has room for, and says how much that was. The rest waits in an outbox, until an event
//! says that there is room again. The outbox also knows when so much waits that the client must be held back, and when so
//! little that it may go on: two marks, of which the lower is at half the height of the higher.
//!
//! What you write has the public interface of `src/outbox.rs`, so that the engine can run on it. The private fields are
//! one way to do it; yours may be others.

use std::io::{self, ErrorKind, Write};

/// A queue of bytes with a mark: above it, the client reads more slowly than it is sent to.
///
/// An empty outbox owns no memory. One that is never quite empty owns at most a few times as many bytes as have waited
/// in it at once since it was last empty. To send a part costs the same, however much waits behind it.
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
        todo!("keep the bytes; give up the room of those that have been written, but not each time")
    }

    /// Writes what waits, all of it by one call of `write`, to a descriptor that does not block. A short write is not
    /// tried again: the socket was full a moment ago, and its next writable event is on its way. If nothing waits, `write`
    /// is not called.
    ///
    /// # Errors
    /// What `write` answers, but for `EAGAIN`, which is [`Progress::Blocked`], and `EINTR`, after which it tries again.
    /// The bytes wait on.
    pub fn write_to(&mut self, mut socket: impl Write) -> io::Result<Progress> {
        todo!("offer all that waits, and note how much was taken")
    }

    /// How many bytes wait.
    pub fn len(&self) -> usize {
        todo!("those that have not been written")
    }

    /// Whether no byte waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether more bytes wait than the high-water mark.
    pub fn is_high(&self) -> bool {
        todo!("compare with the mark")
    }

    /// Whether so few bytes wait, at most half the mark, that a client that was held back may go on. The distance
    /// between the two marks keeps it from being stopped and started with every message.
    pub fn is_low(&self) -> bool {
        todo!("compare with half the mark")
    }

    /// Whether more than twice the mark waits: holding the client back has not helped. The mark may be any number, up to
    /// `usize::MAX`.
    pub fn is_overfull(&self) -> bool {
        todo!("compare with twice the mark")
    }

    /// Drops what waits, and the memory.
    pub fn clear(&mut self) {
        todo!("make it as a new one, with the same mark")
    }
}
