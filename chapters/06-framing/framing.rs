//! Framing turns a stream of bytes into messages: the article's `IFramingStrategy`.

use std::fmt;

// ANCHOR: trait
/// Finds the messages in a stream of bytes. Each client has its own.
pub(crate) trait Framing {
    /// A whole message. It borrows from the bytes that were read, so nothing is copied.
    type Message<'a>;

    /// Returns the first whole message of `input` and how many bytes it took, or `None`
    /// when it is not all there yet.
    ///
    /// `input` begins where the last message ended. After `None`, the next call sees the
    /// same bytes with more behind them, so an implementation may remember how far it has
    /// looked. A message takes one byte at least.
    fn next<'a>(&mut self, input: &'a [u8]) -> Result<Option<(Self::Message<'a>, usize)>, FramingError>;
}

/// Why a stream of bytes can never become messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FramingError {
    /// A message is longer than this many bytes, the most that the framing allows.
    TooLong { limit: usize },
}
// ANCHOR_END: trait

// ANCHOR: lines
/// Lines that end in `\n` or `\r\n`; the message is the line without its end.
#[derive(Debug)]
pub(crate) struct Lines {
    limit: usize,
    /// How many bytes of the input are known to hold no line end: a long line is searched
    /// once, however it arrives.
    searched: usize,
    /// Flaw: search from the start each time.
    rescan: bool,
    /// How many bytes have been looked at, ever: what a search costs.
    pub(crate) looked_at: usize,
}

impl Framing for Lines {
    type Message<'a> = &'a [u8];

    fn next<'a>(&mut self, input: &'a [u8]) -> Result<Option<(&'a [u8], usize)>, FramingError> {
        let window = &input[..input.len().min(self.limit)];
        let new = &window[self.searched..];
        let Some(before) = new.iter().position(|byte| *byte == b'\n') else {
            self.looked_at += new.len();
            self.searched = if self.rescan { 0 } else { window.len() };
            return if window.len() == self.limit {
                Err(FramingError::TooLong { limit: self.limit })
            } else {
                Ok(None)
            };
        };
        self.looked_at += before + 1;
        let line = &window[..self.searched + before];
        self.searched = 0;
        Ok(Some((line.strip_suffix(b"\r").unwrap_or(line), line.len() + 1)))
    }
}
// ANCHOR_END: lines

impl Lines {
    /// Lines of at most `limit` bytes, their ends counted.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, searched: 0, rescan: false, looked_at: 0 }
    }

    /// The flaw: the same, but a line is searched from its start with each read.
    pub(crate) fn rescanning(limit: usize) -> Self {
        Self { rescan: true, ..Self::new(limit) }
    }
}

// ANCHOR: length-prefixed
/// Messages behind their length: four bytes, big-endian, that do not count themselves.
#[derive(Debug)]
pub(crate) struct LengthPrefixed {
    limit: usize,
}

impl Framing for LengthPrefixed {
    type Message<'a> = &'a [u8];

    fn next<'a>(&mut self, input: &'a [u8]) -> Result<Option<(&'a [u8], usize)>, FramingError> {
        let Some((prefix, rest)) = input.split_first_chunk() else { return Ok(None) };
        let len = u32::from_be_bytes(*prefix) as usize;
        // Before waiting for the bytes: who announces 4 GiB must not be given the memory
        // for it.
        if len > self.limit {
            return Err(FramingError::TooLong { limit: self.limit });
        }
        Ok(rest.get(..len).map(|message| (message, prefix.len() + len)))
    }
}
// ANCHOR_END: length-prefixed

impl LengthPrefixed {
    /// Messages of at most `limit` bytes, the prefix not counted.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit }
    }
}

// ANCHOR: read-is-message
/// Flaw: what one read returned is one message.
#[derive(Debug)]
pub(crate) struct ReadIsMessage;

impl Framing for ReadIsMessage {
    type Message<'a> = &'a [u8];

    fn next<'a>(&mut self, input: &'a [u8]) -> Result<Option<(&'a [u8], usize)>, FramingError> {
        Ok(Some((input, input.len())))
    }
}
// ANCHOR_END: read-is-message

impl fmt::Display for FramingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::TooLong { limit } = self;
        write!(f, "a message is longer than {limit} bytes")
    }
}

impl std::error::Error for FramingError {}
