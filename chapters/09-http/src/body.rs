//! Where a request ends: the size of its body, and the chunked coding.
//!
//! This is where requests are smuggled. If a proxy takes one length from a head and the server behind it another, what
//! the proxy believes to be a body is a request to the server. So whatever can be read in two ways is refused
//! (RFC 9112 sections 6.1 to 6.3 and 11.2).

use crate::chunked::Chunked;
use crate::refusal::{Limits, Progress, Refusal};
use crate::request::{Request, Version};
use crate::status::Status;
use std::borrow::Cow;

/// A body that is on its way.
#[derive(Debug)]
pub(crate) enum Body {
    /// So many bytes.
    Sized(usize),
    /// As many as its chunks say.
    Chunked(Chunked),
}

impl Body {
    /// What body must follow this head: RFC 9112 section 6.3.
    pub(crate) fn announced(by: &Request<'_>, limits: Limits) -> Result<Self, Refusal> {
        let length = content_length(by)?;
        let codings = by.fields("transfer-encoding").next().is_some();
        match (length, codings) {
            (Some(_), true) => Err(Refusal::bad("both Content-Length and Transfer-Encoding")),
            (None, true) => chunked(by).map(|()| Self::Chunked(Chunked::new(limits))),
            (Some(length), false) if length > limits.body as u64 => Err(Refusal::too_large()),
            (Some(length), false) => Ok(Self::Sized(length as usize)),
            (None, false) => Ok(Self::Sized(0)),
        }
    }

    /// The body and how many bytes of `input` it took, or `None`: not all there yet.
    ///
    /// Each call sees the same bytes with more behind them, and looks at each byte at most once.
    pub(crate) fn take<'a>(&mut self, input: &'a [u8]) -> Progress<Cow<'a, [u8]>> {
        match self {
            Self::Sized(length) => Ok(input.get(..*length).map(|body| (Cow::Borrowed(body), *length))),
            Self::Chunked(chunked) => Ok(chunked.decode(input)?.map(|(body, taken)| (Cow::Owned(body), taken))),
        }
    }
}

/// `Content-Length`, RFC 9110 section 8.6: digits, once. Not `+5`, not `5, 5`, not `0x5`.
fn content_length(request: &Request<'_>) -> Result<Option<u64>, Refusal> {
    let mut lengths = request.fields("content-length");
    let Some(length) = lengths.next() else { return Ok(None) };
    if lengths.next().is_some() {
        return Err(Refusal::bad("two Content-Length fields"));
    }
    if length.is_empty() || !length.iter().all(u8::is_ascii_digit) {
        return Err(Refusal::bad("a malformed Content-Length"));
    }
    let digits = str::from_utf8(length).unwrap_or_default();
    // Nothing but digits, and yet not a number: it is too large for one.
    digits.parse().map(Some).map_err(|_| Refusal::too_large())
}

/// `Transfer-Encoding`, RFC 9112 section 6.1: `chunked`, once, and nothing else.
fn chunked(request: &Request<'_>) -> Result<(), Refusal> {
    if request.version() == Version::Http10 {
        return Err(Refusal::bad("Transfer-Encoding in HTTP/1.0, which has none"));
    }
    let mut chunked = 0;
    for coding in request.list("transfer-encoding") {
        if !coding.eq_ignore_ascii_case(b"chunked") {
            return Err(Refusal::new(Status::NotImplemented, "an unknown transfer coding"));
        }
        chunked += 1;
    }
    if chunked == 1 { Ok(()) } else { Err(Refusal::bad("a body must be chunked once")) }
}
