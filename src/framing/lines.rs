use std::io::BufRead;

use super::{Framing, FramingError};

/// Lines that end in `\n` or `\r\n`; the message is the line without its end.
#[derive(Clone, Copy, Debug)]
pub struct Lines {
    limit: usize,
    /// How many bytes of the input are known to hold no line end: a long line is searched once, however it arrives.
    searched: usize,
}

impl Lines {
    /// Lines of at most `limit` bytes, their ends counted.
    pub fn new(limit: usize) -> Self {
        Self { limit, searched: 0 }
    }
}

impl Default for Lines {
    /// Lines of at most 64 KiB.
    fn default() -> Self {
        Self::new(64 * 1024)
    }
}

impl Framing for Lines {
    type Message<'a> = &'a [u8];

    fn next<'a>(&mut self, input: &'a [u8]) -> Result<Option<(&'a [u8], usize)>, FramingError> {
        let window = &input[..input.len().min(self.limit)];
        // A slice is a reader; of std's searches for a byte, the one behind this method is the vectorised one.
        let skipped = (&window[self.searched..]).skip_until(b'\n').unwrap_or(0);
        let end = self.searched + skipped;
        if skipped > 0 && window[end - 1] == b'\n' {
            self.searched = 0;
            let line = &window[..end - 1];
            return Ok(Some((line.strip_suffix(b"\r").unwrap_or(line), end)));
        }
        self.searched = end;
        if end == self.limit { Err(FramingError::TooLong { limit: self.limit }) } else { Ok(None) }
    }
}
