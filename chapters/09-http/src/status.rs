//! What became of a request, as a number that a program reads and a phrase that a person does.

use std::fmt;

/// The status codes that this server gives, of RFC 9110 section 15.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Status {
    /// 200: here it is.
    Ok = 200,
    /// 204: done, and there is nothing to show for it.
    NoContent = 204,
    /// 301: it lives at the address in `Location`.
    MovedPermanently = 301,
    /// 304: what you have is what I would send.
    NotModified = 304,
    /// 400: this is not HTTP, or means two things at once.
    BadRequest = 400,
    /// 403: you may not have it.
    Forbidden = 403,
    /// 404: nothing lives here.
    NotFound = 404,
    /// 405: not with this method; `Allow` says with which.
    MethodNotAllowed = 405,
    /// 413: the body is longer than the server takes.
    ContentTooLarge = 413,
    /// 414: the target is longer than the server takes.
    UriTooLong = 414,
    /// 417: `Expect` asks for something other than `100-continue`.
    ExpectationFailed = 417,
    /// 431: the head is longer than the server takes.
    RequestHeaderFieldsTooLarge = 431,
    /// 500: the server's own fault.
    InternalServerError = 500,
    /// 501: a method or a transfer coding that the server does not know.
    NotImplemented = 501,
    /// 503: not now.
    ServiceUnavailable = 503,
    /// 505: a version of HTTP that the server does not speak.
    HttpVersionNotSupported = 505,
}

impl Status {
    /// The three digits.
    pub fn code(self) -> u16 {
        self as u16
    }

    /// The words that stand behind the digits. No program may depend on them.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::NoContent => "No Content",
            Self::MovedPermanently => "Moved Permanently",
            Self::NotModified => "Not Modified",
            Self::BadRequest => "Bad Request",
            Self::Forbidden => "Forbidden",
            Self::NotFound => "Not Found",
            Self::MethodNotAllowed => "Method Not Allowed",
            Self::ContentTooLarge => "Content Too Large",
            Self::UriTooLong => "URI Too Long",
            Self::ExpectationFailed => "Expectation Failed",
            Self::RequestHeaderFieldsTooLarge => "Request Header Fields Too Large",
            Self::InternalServerError => "Internal Server Error",
            Self::NotImplemented => "Not Implemented",
            Self::ServiceUnavailable => "Service Unavailable",
            Self::HttpVersionNotSupported => "HTTP Version Not Supported",
        }
    }

    /// Whether a response with this status ends with its head, whatever its fields say: RFC 9112 section 6.3.
    pub fn has_no_body(self) -> bool {
        matches!(self, Self::NoContent | Self::NotModified)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code(), self.phrase())
    }
}
