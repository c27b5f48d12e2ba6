//! Expect: WRONG: a limit that four bytes cannot hold is cut off

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
        u32::try_from(len).expect("the length of a message fits into four bytes").to_be_bytes()
    }
}

impl Default for LengthPrefixed {
    /// Messages of at most 16 MiB.
    fn default() -> Self {
        Self::new(16 * 1024 * 1024)
    }
}

impl Framing for LengthPrefixed {
    type Message<'a> = &'a [u8];

    fn next<'a>(&mut self, input: &'a [u8]) -> Result<Option<(&'a [u8], usize)>, FramingError> {
        let Some((prefix, rest)) = input.split_first_chunk::<4>() else { return Ok(None) };
        let len = u32::from_be_bytes(*prefix);
        // Before waiting for the bytes: who announces 4 GiB must not be given the memory to send them.
        if len > self.limit as u32 {
            return Err(FramingError::TooLong { limit: self.limit });
        }
        let len = len as usize;
        Ok(rest.get(..len).map(|message| (message, prefix.len() + len)))
    }
}
