//! A response, and how it is written: RFC 9110 section 15, RFC 9112 section 4.

use crate::etag::ETag;
use crate::events::EventStream;
use crate::method::Method;
use crate::refusal::Refusal;
use crate::request::{Request, Version};
use crate::status::Status;
use std::borrow::Cow;
use std::io::Write;
use std::sync::Arc;
use std::time::SystemTime;

/// What a service answers.
#[derive(Clone, Debug)]
pub struct Response {
    /// What became of the request.
    pub status: Status,
    /// What stands in the head beside the fields that [`Response::write_head`] knows itself.
    pub fields: Vec<(&'static str, Cow<'static, str>)>,
    /// The content.
    pub body: Body,
}

/// The content of a response.
#[derive(Clone, Debug)]
pub enum Body {
    /// Bytes made for this response.
    Bytes(Cow<'static, [u8]>),
    /// Bytes that many responses share.
    Shared(Arc<[u8]>),
    /// Nothing, where a GET would be answered with so many bytes: for HEAD, if making them is expensive.
    Omitted(u64),
    /// Events without end. The connection stays open, and the client is told of everything that is published.
    Events(EventStream),
}

impl Response {
    /// An empty response.
    pub fn new(status: Status) -> Self {
        Self { status, fields: Vec::new(), body: Body::Bytes(Cow::Borrowed(&[])) }
    }

    /// A response with content of this type.
    pub fn with(status: Status, content_type: impl Into<Cow<'static, str>>, body: Body) -> Self {
        Self { body, ..Self::new(status) }.field("Content-Type", content_type)
    }

    /// A response that a person reads.
    pub fn text(status: Status, text: impl Into<String>) -> Self {
        let bytes = text.into().into_bytes();
        Self::with(status, "text/plain; charset=utf-8", Body::Bytes(Cow::Owned(bytes)))
    }

    /// Nothing but a status, in words too.
    pub fn status(status: Status) -> Self {
        Self::text(status, format!("{status}\n"))
    }

    /// It lives elsewhere: RFC 9110 section 15.4.2.
    pub fn moved(location: impl Into<Cow<'static, str>>) -> Self {
        Self::status(Status::MovedPermanently).field("Location", location)
    }

    /// What the client has is still right.
    pub fn not_modified(tag: &ETag) -> Self {
        Self::new(Status::NotModified).field("ETag", tag.to_string())
    }

    /// These are the methods that can be used here: the answer to OPTIONS, and to any method that cannot.
    pub fn allows(methods: &'static str, request: &Request<'_>) -> Self {
        match request.method() {
            Method::Options => Self::new(Status::NoContent),
            _ => Self::status(Status::MethodNotAllowed),
        }
        .field("Allow", methods)
    }

    /// Subscribes the client to `stream`: server-sent events, HTML section 9.2.
    pub fn events(stream: &EventStream) -> Self {
        Self::with(Status::Ok, "text/event-stream", Body::Events(stream.clone())).field("Cache-Control", "no-cache")
    }

    /// Adds a field. Neither name nor value can end the line: what a value must not hold becomes a space.
    #[must_use]
    pub fn field(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        let mut value = value.into();
        if value.bytes().any(|byte| byte.is_ascii_control()) {
            value = value.replace(|c: char| c.is_ascii_control(), " ").into();
        }
        self.fields.push((name, value));
        self
    }

    /// The bytes of the body. None for a stream of events: they come later.
    pub fn content(&self) -> &[u8] {
        match &self.body {
            _ if self.status.has_no_body() => &[],
            Body::Bytes(bytes) => bytes,
            Body::Shared(bytes) => bytes,
            Body::Omitted(_) | Body::Events(_) => &[],
        }
    }

    /// Whether the response ends only with its connection, which therefore can serve no other request.
    pub fn is_endless(&self) -> bool {
        matches!(self.body, Body::Events(_))
    }

    /// Appends the head to `to`, blank line included.
    ///
    /// It says how long the body is and, if this is the `last` response, that the connection ends with it: the client
    /// must know where the next response begins. `version` is the client's.
    pub fn write_head(&self, to: &mut Vec<u8>, version: Version, last: bool) {
        let length = match &self.body {
            Body::Omitted(length) => Some(*length),
            Body::Events(_) => None,
            Body::Bytes(_) | Body::Shared(_) => Some(self.content().len() as u64),
        };
        put(to, format_args!("HTTP/1.1 {}\r\n", self.status));
        put(to, format_args!("Date: {}\r\n", httpdate::fmt_http_date(SystemTime::now())));
        for (name, value) in &self.fields {
            put(to, format_args!("{name}: {value}\r\n"));
        }
        if let Some(length) = length.filter(|_| !self.status.has_no_body()) {
            put(to, format_args!("Content-Length: {length}\r\n"));
        }
        match (last || self.is_endless(), version) {
            (true, _) => put(to, format_args!("Connection: close\r\n")),
            (false, Version::Http10) => put(to, format_args!("Connection: keep-alive\r\n")),
            (false, Version::Http11) => {}
        }
        put(to, format_args!("\r\n"));
    }
}

impl From<Refusal> for Response {
    fn from(refusal: Refusal) -> Self {
        let text = format!("{refusal}\n");
        let omitted = refusal.to_head.then(|| Body::Omitted(text.len() as u64));
        let response = Self::text(refusal.status, text);
        Self { body: omitted.unwrap_or(response.body), ..response }
    }
}

fn put(to: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to a Vec cannot fail.
    let _ = to.write_fmt(text);
}
