//! Expect: WRONG: a message of no bytes is not taken for one
//!
//! Thinks that a message must say something.

use super::{Framing, FramingError};

#[derive(Clone, Copy, Debug)]
pub struct LengthPrefixed {
    limit: usize,
}

impl LengthPrefixed {
    pub fn new(limit: usize) -> Self {
        Self { limit }
    }

    pub fn prefix(len: usize) -> [u8; 4] {
        u32::try_from(len).expect("the length of a message fits into four bytes").to_be_bytes()
    }
}

impl Default for LengthPrefixed {
    fn default() -> Self {
        Self::new(16 * 1024 * 1024)
    }
}

impl Framing for LengthPrefixed {
    type Message<'a> = &'a [u8];

    fn next<'a>(&mut self, input: &'a [u8]) -> Result<Option<(&'a [u8], usize)>, FramingError> {
        let Some((prefix, rest)) = input.split_first_chunk() else { return Ok(None) };
        let len = u32::from_be_bytes(*prefix) as usize;
        if len > self.limit {
            return Err(FramingError::TooLong { limit: self.limit });
        }
        if len == 0 {
            return Err(FramingError::Malformed("an empty message"));
        }
        Ok(rest.get(..len).map(|message| (message, prefix.len() + len)))
    }
}
