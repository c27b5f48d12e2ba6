//! Expect: WRONG: bytes that come again are taken for new ones
//!
//! Keeps the prefix, and takes it for read when it comes again.

use super::{Framing, FramingError};

#[derive(Clone, Copy, Debug)]
pub struct LengthPrefixed {
    limit: usize,
    len: Option<usize>,
}

impl LengthPrefixed {
    pub fn new(limit: usize) -> Self {
        Self { limit, len: None }
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
        if let Some(len) = self.len {
            let message = input.get(..len);
            return Ok(message.map(|message| {
                self.len = None;
                (message, len)
            }));
        }
        let Some((prefix, rest)) = input.split_first_chunk() else { return Ok(None) };
        let len = u32::from_be_bytes(*prefix) as usize;
        if len > self.limit {
            return Err(FramingError::TooLong { limit: self.limit });
        }
        let Some(message) = rest.get(..len) else {
            self.len = Some(len);
            return Ok(None);
        };
        Ok(Some((message, prefix.len() + len)))
    }
}
