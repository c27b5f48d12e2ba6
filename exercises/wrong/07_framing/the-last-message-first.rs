//! Expect: WRONG: a later message is handed over before the first
//!
//! Looks for the last message of a read, and forgets the others.

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
        let mut start = 0;
        let mut found = None;
        while let Some((prefix, rest)) = input[start..].split_first_chunk() {
            let len = u32::from_be_bytes(*prefix) as usize;
            if len > self.limit {
                return Err(FramingError::TooLong { limit: self.limit });
            }
            let Some(message) = rest.get(..len) else { break };
            start += prefix.len() + len;
            found = Some((message, start));
        }
        Ok(found)
    }
}
