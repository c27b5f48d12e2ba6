use super::{Framing, FramingError};

/// Messages that all have the same length.
#[derive(Clone, Copy, Debug)]
pub struct Fixed {
    len: usize,
}

impl Fixed {
    /// Messages of `len` bytes.
    ///
    /// # Panics
    /// If `len` is 0: there would be no end of empty messages.
    pub fn new(len: usize) -> Self {
        assert!(len > 0, "a message has one byte at least");
        Self { len }
    }
}

impl Framing for Fixed {
    type Message<'a> = &'a [u8];

    fn next<'a>(&mut self, input: &'a [u8]) -> Result<Option<(&'a [u8], usize)>, FramingError> {
        Ok(input.get(..self.len).map(|message| (message, self.len)))
    }
}
