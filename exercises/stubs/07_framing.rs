//! Exercise 7: messages behind their length.
//!
//! TCP hands you bytes, cut anywhere. Each message has its length in front: four bytes, big-endian, that do not count
//! themselves. Find the first whole message of what has come so far, and believe no length that a stranger sends.
//!
//! `Framing` says what its caller expects of `next`. Chapter 6 has all that is needed.
//!
//! It has the public interface of `src/framing/length_prefix.rs`, so that the engine can run on what you write here.

use super::{Framing, FramingError};

/// Messages behind their length: four bytes, big-endian, that do not count themselves.
#[derive(Clone, Copy, Debug)]
pub struct LengthPrefixed {
    limit: usize,
}

impl LengthPrefixed {
    /// Messages of at most `limit` bytes, the prefix not counted.
    pub fn new(limit: usize) -> Self {
        Self { limit }
    }

    /// The prefix to send before a message of `len` bytes.
    ///
    /// # Panics
    /// At 2^32 bytes.
    pub fn prefix(len: usize) -> [u8; 4] {
        todo!("the length in four bytes")
    }
}

impl Default for LengthPrefixed {
    /// Messages of at most 16 MiB.
    fn default() -> Self {
        todo!("a framing with that limit")
    }
}

impl Framing for LengthPrefixed {
    type Message<'a> = &'a [u8];

    /// The first message of `input`, without its prefix, and how many bytes of `input` both took. `None` if it is not all
    /// there yet. `input` begins where the last message ended; after `None` the same bytes come again, with more behind.
    ///
    /// # Errors
    /// [`FramingError::TooLong`] as soon as the prefix tells of more bytes than the limit.
    fn next<'a>(&mut self, input: &'a [u8]) -> Result<Option<(&'a [u8], usize)>, FramingError> {
        todo!("find the first whole message")
    }
}
