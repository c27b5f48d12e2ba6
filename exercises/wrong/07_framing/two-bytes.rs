//! Expect: WRONG: only the lower bytes of the length are read
//!
//! Reads two of the four bytes.

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
        u32::try_from(len).expect("too long").to_be_bytes()
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
        let Some((prefix, rest)) = input.split_first_chunk::<4>() else { return Ok(None) };
        let len = u16::from_be_bytes([prefix[2], prefix[3]]) as usize;
        if len > self.limit {
            return Err(FramingError::TooLong { limit: self.limit });
        }
        Ok(rest.get(..len).map(|m| (m, len + 4)))
    }
}
