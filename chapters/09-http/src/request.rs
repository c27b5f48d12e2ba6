//! A request: what the client wants done, and to what.

use crate::method::Method;
use crate::refusal::Refusal;
use crate::status::Status;
use crate::target::{Target, is_authority};
use std::borrow::Cow;

/// More header fields than this are refused with 431. Browsers send about twenty.
const MOST_FIELDS: usize = 100;

/// The version of HTTP that a client speaks. Others are refused with 505.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// One request a connection, unless both sides agree otherwise.
    Http10,
    /// Any number of requests a connection, until one side says otherwise.
    Http11,
}

/// A whole and well-formed request. As a rule it borrows from the bytes that were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    method: Method,
    version: Version,
    authority: Option<Cow<'a, str>>,
    path: Cow<'a, str>,
    query: Option<Cow<'a, str>>,
    fields: Vec<Field<'a>>,
    body: Cow<'a, [u8]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Field<'a> {
    name: Cow<'a, str>,
    value: Cow<'a, [u8]>,
}

impl<'a> Request<'a> {
    /// Reads a head, blank line included. The body stays empty.
    pub(crate) fn parse(head: &'a [u8]) -> Result<Self, Refusal> {
        let mut room = [httparse::EMPTY_HEADER; MOST_FIELDS];
        let mut parsed = httparse::Request::new(&mut room);
        match parsed.parse(head) {
            Ok(httparse::Status::Complete(length)) if length == head.len() => {}
            Ok(_) => return Err(Refusal::bad("a blank line where none belongs")),
            Err(error) => return Err(refusal(error, head)),
        }
        let (Some(name), Some(target), Some(minor)) = (parsed.method, parsed.path, parsed.version) else {
            return Err(Refusal::bad("no request line"));
        };
        let method = Method::named(name).ok_or(Refusal::new(Status::NotImplemented, "an unknown method"))?;
        let Target { authority, path, query } = Target::parse(target, method)?;
        let fields = parsed.headers.iter().map(|header| Field { name: header.name.into(), value: header.value.into() });
        let request = Self {
            method,
            version: if minor == 0 { Version::Http10 } else { Version::Http11 },
            authority: authority.map(Cow::Borrowed),
            path: path.into(),
            query: query.map(Cow::Borrowed),
            fields: fields.collect(),
            body: Cow::Borrowed(&[]),
        };
        request.check_host()?;
        Ok(request)
    }

    /// What to do.
    pub fn method(&self) -> Method {
        self.method
    }

    /// Which rules the client follows.
    pub fn version(&self) -> Version {
        self.version
    }

    /// To what. It begins with `/` and is percent-encoded, as it was sent; or is `*`, which asks about the server
    /// itself.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The target with a slash behind its path: where a folder lives that was asked for as if it were a file.
    ///
    /// A path that begins with two slashes would be another host's address, so it loses one.
    pub(crate) fn path_with_slash(&self) -> String {
        let path = self.path.trim_start_matches('/');
        match self.query() {
            Some(query) => format!("/{path}/?{query}"),
            None => format!("/{path}/"),
        }
    }

    /// What stood behind the path's `?`.
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// The content.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The host, and the port if one was named, that the client believes it talks to.
    ///
    /// It comes from the target if that is a whole URL, else from `Host` (RFC 9112 section 3.2.2); empty if neither
    /// says.
    pub fn host(&self) -> &str {
        let field = || self.fields("host").next().and_then(|value| str::from_utf8(value).ok());
        self.authority.as_deref().or_else(field).unwrap_or_default()
    }

    /// The values of all fields called `name`, in order. Case does not matter.
    pub fn fields<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s [u8]> {
        let named = self.fields.iter().filter(move |field| field.name.eq_ignore_ascii_case(name));
        named.map(|field| field.value.trim_ascii())
    }

    /// The items of the comma-separated list that all fields called `name` make together: RFC 9110 section 5.6.1.
    pub fn list<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s [u8]> {
        let items = self.fields(name).flat_map(|value| value.split(|byte| *byte == b','));
        items.map(|item| item.trim_ascii()).filter(|item| !item.is_empty())
    }

    /// Whether the client may send another request on this connection: RFC 9112 section 9.3.
    pub fn keeps_alive(&self) -> bool {
        let says = |word: &str| self.list("connection").any(|item| item.eq_ignore_ascii_case(word.as_bytes()));
        !says("close") && (self.version == Version::Http11 || says("keep-alive"))
    }

    /// Whether the client waits for a `100 Continue` before it sends the body: RFC 9110 section 10.1.1.
    pub(crate) fn awaits_go_ahead(&self) -> Result<bool, Refusal> {
        if self.version == Version::Http10 {
            return Ok(false);
        }
        let mut awaits = false;
        for expectation in self.list("expect") {
            if !expectation.eq_ignore_ascii_case(b"100-continue") {
                return Err(Refusal::new(Status::ExpectationFailed, "an unknown expectation"));
            }
            awaits = true;
        }
        Ok(awaits)
    }

    pub(crate) fn with_body<'b>(self, body: Cow<'b, [u8]>) -> Request<'b>
    where
        'a: 'b,
    {
        Request { body, ..self }
    }

    /// The request on its own, to be kept while the bytes that it came in go away.
    pub(crate) fn into_owned(self) -> Request<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        let fields = self.fields.into_iter();
        Request {
            method: self.method,
            version: self.version,
            authority: self.authority.map(owned),
            path: owned(self.path),
            query: self.query.map(owned),
            fields: fields
                .map(|Field { name, value }| Field { name: owned(name), value: Cow::Owned(value.into_owned()) })
                .collect(),
            body: Cow::Owned(self.body.into_owned()),
        }
    }

    // RFC 9112 section 3.2. Two hosts, or none, are two opinions about whose request this is: one for the proxy that
    // checked it, another for us.
    fn check_host(&self) -> Result<(), Refusal> {
        let mut hosts = self.fields("host");
        let host = hosts.next();
        if hosts.next().is_some() {
            return Err(Refusal::bad("two Host fields"));
        }
        match host {
            None if self.version == Version::Http11 => Err(Refusal::bad("no Host field")),
            Some(host) if !host.iter().all(|byte| is_authority(*byte)) => Err(Refusal::bad("a malformed Host field")),
            _ => Ok(()),
        }
    }
}

fn refusal(error: httparse::Error, head: &[u8]) -> Refusal {
    use httparse::Error;
    match error {
        Error::TooManyHeaders => Refusal::new(Status::RequestHeaderFieldsTooLarge, "too many header fields"),
        Error::Version if names_http(head) => {
            Refusal::new(Status::HttpVersionNotSupported, "only HTTP/1.0 and HTTP/1.1 are spoken here")
        }
        Error::Version => Refusal::bad("a request line without a version"),
        Error::HeaderName => Refusal::bad("a malformed header name"),
        Error::HeaderValue => Refusal::bad("a malformed header value"),
        Error::NewLine => Refusal::bad("a carriage return without a line feed"),
        Error::Token | Error::Status => Refusal::bad("a malformed request line"),
    }
}

/// Whether the request line is one of HTTP, of whatever version: three words, the last like `HTTP/2.0`.
fn names_http(head: &[u8]) -> bool {
    let line = head.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let [_, _, [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]] = words[..] else { return false };
    major.is_ascii_digit() && minor.is_ascii_digit()
}
