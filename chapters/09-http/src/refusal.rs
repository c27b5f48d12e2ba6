//! How much a client may ask for, and what it is told when that is too much.

use crate::status::Status;
use std::fmt;

/// How much of a request is held in memory until the rest has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of request line and header fields together; also of chunk extensions and trailers.
    pub head: usize,
    /// Most bytes of a body.
    pub body: usize,
}

impl Default for Limits {
    /// 16 KiB of head, as other servers have it, and 1 MiB of body.
    fn default() -> Self {
        Self { head: 16 << 10, body: 1 << 20 }
    }
}

/// A request that will not be served: what to answer before the connection is closed.
///
/// After a refusal nobody can tell where the next request would begin, so there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What to answer.
    pub status: Status,
    /// The rule that the request breaks, for the person who wrote the client.
    pub why: &'static str,
    /// Whether the request was HEAD, the answer to which has no content, whatever it says: RFC 9110 section 9.3.2.
    pub to_head: bool,
}

impl Refusal {
    pub(crate) fn new(status: Status, why: &'static str) -> Self {
        Self { status, why, to_head: false }
    }

    pub(crate) fn too_large() -> Self {
        Self::new(Status::ContentTooLarge, "the body is longer than this server takes")
    }

    pub(crate) fn bad(why: &'static str) -> Self {
        Self::new(Status::BadRequest, why)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.why)
    }
}

impl std::error::Error for Refusal {}

/// What has become of bytes that arrive piece by piece: something whole and how many bytes it took, or nothing yet.
pub(crate) type Progress<T> = Result<Option<(T, usize)>, Refusal>;
