//! Framing turns a stream of bytes into messages: the article's `IFramingStrategy`.

use std::fmt;

mod fixed;
mod length_prefix;
mod lines;

pub use fixed::Fixed;
pub use length_prefix::LengthPrefixed;
pub use lines::Lines;

/// Finds the messages in a stream of bytes. Each client has its own.
pub trait Framing {
    /// A whole message. It borrows from the bytes that were read, so nothing is copied.
    type Message<'a>;

    /// Returns the first whole message of `input` and how many bytes it took, or `None` when it is not all there yet.
    ///
    /// `input` begins where the last message ended. After `None`, the next call sees the same bytes with more behind
    /// them, so an implementation may remember how far it has looked. A message takes one byte at least.
    ///
    /// # Errors
    /// [`FramingError`] if the bytes can never become a message: the client is then disconnected, because nobody knows
    /// where its next message would begin.
    fn next<'a>(&mut self, input: &'a [u8]) -> Result<Option<(Self::Message<'a>, usize)>, FramingError>;
}

/// Why a stream of bytes can never become messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FramingError {
    /// A message is longer than this many bytes, the most that the framing allows.
    TooLong {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The bytes break the protocol's rules; says which.
    Malformed(&'static str),
}

impl fmt::Display for FramingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { limit } => write!(f, "a message is longer than {limit} bytes"),
            Self::Malformed(rule) => f.write_str(rule),
        }
    }
}

impl std::error::Error for FramingError {}
