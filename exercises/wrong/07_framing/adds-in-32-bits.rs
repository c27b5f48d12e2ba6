//! Expect: WRONG: four more than the greatest length overflows
//!
//! Adds before it makes room for the sum.

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
        let len = u32::from_be_bytes(*prefix) ;
        if len as usize > self.limit {
            return Err(FramingError::TooLong { limit: self.limit });
        }
        let end = (len + 4) as usize;
        Ok(input.get(4..end).map(|message| (message, end)))
    }
}
