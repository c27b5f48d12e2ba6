//! The chunked coding, RFC 9112 section 7.1: a body in pieces, each behind its size in hexadecimal.

use crate::refusal::{Limits, Progress, Refusal};
use crate::status::Status;

/// Sixteen hexadecimal digits are more than any body has bytes.
const MOST_DIGITS: usize = 16;

/// More trailer fields than this are refused.
const MOST_TRAILERS: usize = 32;

/// Undoes the coding while the bytes arrive.
///
/// A line of `5;name=value` costs its sender little and would cost us a search for its end at every packet. So this
/// goes by single bytes and remembers where it stands: each byte is looked at once, the data of a chunk not at all.
#[derive(Debug)]
pub(crate) struct Chunked {
    limits: Limits,
    /// What the chunks held so far.
    data: Vec<u8>,
    /// How many bytes of the input have been understood.
    position: usize,
    /// How many of them were zeros that lead, extensions and trailers, which nobody reads.
    ballast: usize,
    at: At,
}

/// What the next byte belongs to.
#[derive(Clone, Copy, Debug)]
enum At {
    /// A size, of which there were so many digits.
    Size { digits: usize, size: usize },
    /// Spaces behind a size, which may stand before a `;` and nowhere else.
    Padding { size: usize },
    /// The rest of the line behind a size: `;name=value`.
    Extension { size: usize },
    /// The line feed after a size.
    SizeEnd { size: usize },
    /// Data, of which so much is missing.
    Data { missing: usize },
    /// The carriage return and line feed after the data.
    DataEnd { seen: usize },
    /// A line of the trailer, which began here.
    Trailer { start: usize, line: usize },
}

impl Chunked {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, data: Vec::new(), position: 0, ballast: 0, at: At::Size { digits: 0, size: 0 } }
    }

    /// The body and how many bytes of `input` it took, or `None`: not all there yet.
    pub(crate) fn decode(&mut self, input: &[u8]) -> Progress<Vec<u8>> {
        while let Some(&byte) = input.get(self.position) {
            if let At::Data { missing } = self.at {
                self.copy(&input[self.position..], missing);
                continue;
            }
            self.position += 1;
            self.at = self.step(byte)?;
            if let At::Trailer { start, line } = self.at
                && byte == b'\n'
                && self.position > start
            {
                if self.ends_trailer(input, start, line)? {
                    return Ok(Some((std::mem::take(&mut self.data), self.position)));
                }
                self.at = At::Trailer { start, line: self.position };
            }
        }
        Ok(None)
    }

    fn copy(&mut self, input: &[u8], missing: usize) {
        let data = &input[..missing.min(input.len())];
        self.data.extend_from_slice(data);
        self.position += data.len();
        let missing = missing - data.len();
        self.at = if missing == 0 { At::DataEnd { seen: 0 } } else { At::Data { missing } };
    }

    /// What comes after `byte`.
    fn step(&mut self, byte: u8) -> Result<At, Refusal> {
        match (self.at, byte) {
            (At::Size { digits: 1.., size }, b'\r') => Ok(At::SizeEnd { size }),
            (At::Size { digits: 1.., size } | At::Padding { size }, b';') => Ok(At::Extension { size }),
            (At::Size { digits: 1.., size } | At::Padding { size }, b' ' | b'\t') => {
                self.carry(Status::BadRequest)?;
                Ok(At::Padding { size })
            }
            (At::Size { digits, size }, _) => self.digit(byte, digits, size),
            (At::Extension { size }, b'\r') => Ok(At::SizeEnd { size }),
            (At::Extension { size }, b'\t' | b' '..=b'~' | 0x80..) => {
                self.carry(Status::BadRequest)?;
                Ok(At::Extension { size })
            }
            (At::SizeEnd { size: 0 }, b'\n') => Ok(At::Trailer { start: self.position, line: self.position }),
            (At::SizeEnd { size }, b'\n') => Ok(At::Data { missing: size }),
            (At::DataEnd { seen: 0 }, b'\r') => Ok(At::DataEnd { seen: 1 }),
            (At::DataEnd { seen: 1 }, b'\n') => Ok(At::Size { digits: 0, size: 0 }),
            (At::Trailer { .. }, _) => {
                self.carry(Status::RequestHeaderFieldsTooLarge)?;
                Ok(self.at)
            }
            _ => Err(Refusal::bad("a malformed chunk")),
        }
    }

    fn digit(&mut self, byte: u8, digits: usize, size: usize) -> Result<At, Refusal> {
        let value = char::from(byte).to_digit(16).ok_or(Refusal::bad("a malformed chunk size"))? as usize;
        if digits == MOST_DIGITS {
            return Err(Refusal::bad("a chunk size with too many digits"));
        }
        if digits > 0 && size == 0 {
            // A zero that leads says nothing.
            self.carry(Status::BadRequest)?;
        }
        // The limit is checked at each digit, so `size` cannot overflow unless the limit is absurd.
        let size = size.saturating_mul(16).saturating_add(value);
        if size > self.limits.body - self.data.len() {
            return Err(Refusal::too_large());
        }
        Ok(At::Size { digits: digits + 1, size })
    }

    /// Counts a byte that is read and thrown away: a body of one byte must not cost gigabytes of extensions.
    fn carry(&mut self, status: Status) -> Result<(), Refusal> {
        self.ballast += 1;
        if self.ballast > self.limits.head {
            return Err(Refusal::new(status, "zeros, chunk extensions or trailers without end"));
        }
        Ok(())
    }

    /// Whether the line that ends here is the blank one behind the last trailer field.
    ///
    /// Trailers must be well-formed, and are then forgotten, as RFC 9112 section 7.1.2 allows: merged into the head
    /// they could change the meaning of what was already checked.
    fn ends_trailer(&self, input: &[u8], start: usize, line: usize) -> Result<bool, Refusal> {
        match &input[line..self.position] {
            b"\r\n" => {
                let mut room = [httparse::EMPTY_HEADER; MOST_TRAILERS];
                let parsed = httparse::parse_headers(&input[start..self.position], &mut room);
                parsed.map(|_| true).map_err(|_| Refusal::bad("a malformed trailer"))
            }
            [.., b'\r', b'\n'] => Ok(false),
            _ => Err(Refusal::bad("a trailer line without a carriage return")),
        }
    }
}
