//! Entity tags: how a client asks whether what it has is still what there is. RFC 9110 section 8.8.3.

use crate::request::Request;
use std::fmt;
use std::hash::{DefaultHasher, Hasher};
use std::time::SystemTime;

/// A name for one state of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// A strong tag: other bytes, another tag. Stable while the program runs, and between builds of one compiler.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        hasher.write(bytes);
        Self(format!("\"{:016x}-{:x}\"", hasher.finish(), bytes.len()))
    }

    /// A weak tag, which costs no look at the bytes. Weak, because a file can change twice within one tick of its
    /// file system's clock.
    pub fn of_file(length: u64, modified: SystemTime) -> Self {
        let since = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self(format!("W/\"{:x}-{length:x}\"", since.as_nanos()))
    }

    /// The tag as it stands in a header, quotes included.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the client has this very state: one of its `If-None-Match` fields is `*` or lists this tag
    /// (RFC 9110 section 13.1.2, by the weak comparison that it demands).
    pub fn is_known_to(&self, request: &Request<'_>) -> bool {
        request.fields("if-none-match").any(|value| value == b"*" || tags(value).any(|tag| tag == opaque(&self.0)))
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The tag without the sign of weakness.
fn opaque(tag: &str) -> &[u8] {
    tag.trim_start_matches("W/").as_bytes()
}

/// The quoted parts of a list, quotes included. Not split at commas: a tag may contain one.
fn tags(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let start = rest.iter().position(|byte| *byte == b'"')?;
        let length = rest[start + 1..].iter().position(|byte| *byte == b'"')? + 2;
        let (tag, behind) = rest[start..].split_at(length);
        rest = behind;
        Some(tag)
    })
}
