//! What a request is about: RFC 9112 section 3.2.

use crate::method::Method;
use crate::refusal::Refusal;

/// A target, taken apart.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    /// The host and the port, if the target is a whole URL.
    pub(crate) authority: Option<&'a str>,
    /// Begins with `/`, or is `*`.
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// Of the four forms that RFC 9112 names, the one of CONNECT is missing: that is asked of a proxy.
    pub(crate) fn parse(text: &'a str, method: Method) -> Result<Self, Refusal> {
        if !text.is_ascii() || text.contains(['#', '\\']) {
            return Err(Refusal::bad("a character that no target may hold"));
        }
        if text == "*" && method == Method::Options {
            return Ok(Self { authority: None, path: text, query: None });
        }
        let (text, query) = text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)));
        if text.starts_with('/') {
            return Ok(Self { authority: None, path: text, query });
        }
        let Some((authority, path)) = split_url(text) else {
            return Err(Refusal::bad("a target that is neither a path nor a URL"));
        };
        let path = match (path, method) {
            // How a proxy passes on an `*`: RFC 9112 section 3.2.4.
            ("", Method::Options) if query.is_none() => "*",
            ("", _) => "/",
            (path, _) => path,
        };
        Ok(Self { authority: Some(authority), path, query })
    }
}

fn split_url(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let sound = scheme.eq_ignore_ascii_case("http") && !authority.is_empty() && authority.bytes().all(is_authority);
    sound.then_some((authority, path))
}

/// What may stand in `host:port`: RFC 3986 section 3.2. A user's name may not, so there is no `@`.
pub(crate) fn is_authority(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+;=:[]%".contains(&byte)
}
