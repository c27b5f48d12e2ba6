//! Bytes become requests.

use http_server::{HttpFraming, Incoming, Limits, Method, Refusal, Request, Status, Version};
use pretty_assertions::assert_eq;
use reactor::framing::{Framing, FramingError};

const SMALL: Limits = Limits { head: 200, body: 50 };

pub(crate) fn request(bytes: &[u8]) -> Request<'_> {
    match HttpFraming::new(SMALL).next(bytes) {
        Ok(Some((Incoming::Request(request), taken))) if taken == bytes.len() => request,
        other => panic!("{:?} became {other:?}", String::from_utf8_lossy(bytes)),
    }
}

pub(crate) fn refusal(bytes: &[u8]) -> Refusal {
    match HttpFraming::new(SMALL).next(bytes) {
        Ok(Some((Incoming::Refused(refusal), taken))) if taken == bytes.len() => refusal,
        other => panic!("{:?} became {other:?}", String::from_utf8_lossy(bytes)),
    }
}

#[test]
fn a_request_is_taken_apart() {
    let request =
        request(b"PUT /a%20b?c=d?e HTTP/1.1\r\nHost: x:80\r\nX-Y:  1 \r\nx-y: 2,,3\r\nContent-Length: 3\r\n\r\nabc");

    assert_eq!((request.method(), request.version()), (Method::Put, Version::Http11));
    assert_eq!((request.path(), request.query(), request.host()), ("/a%20b", Some("c=d?e"), "x:80"));
    assert_eq!(request.fields("X-y").collect::<Vec<_>>(), [b"1".as_slice(), b"2,,3"]);
    assert_eq!(request.list("x-Y").collect::<Vec<_>>(), [b"1", b"2", b"3"]);
    assert_eq!(request.body(), b"abc");
}

#[test]
fn a_target_may_be_a_whole_url() {
    for (target, expected) in [
        ("http://a:1/b?c", ("a:1", "/b", Some("c"))),
        ("HTTP://a", ("a", "/", None)),
        ("http://a?c", ("a", "/", Some("c"))),
        ("/", ("host", "/", None)),
        ("//b/c", ("host", "//b/c", None)),
    ] {
        let bytes = format!("GET {target} HTTP/1.1\r\nHost: host\r\n\r\n");
        let request = request(bytes.as_bytes());
        assert_eq!((request.host(), request.path(), request.query()), expected, "{target}");
    }
}

#[test]
fn only_options_asks_about_the_server() {
    assert_eq!(request(b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").path(), "*");
    assert_eq!(request(b"OPTIONS http://x HTTP/1.1\r\nHost: x\r\n\r\n").path(), "*");
    assert_eq!(refusal(b"GET * HTTP/1.1\r\nHost: x\r\n\r\n").status, Status::BadRequest);
}

#[test]
fn a_line_may_end_with_a_line_feed_alone() {
    assert_eq!(request(b"GET / HTTP/1.0\n\n").path(), "/");
    assert_eq!(request(b"GET / HTTP/1.1\nHost: x\n\r\n").host(), "x");
}

#[test]
fn blank_lines_before_a_request_are_passed_over() {
    assert_eq!(request(b"\r\n\r\n\n\r\nGET / HTTP/1.0\r\n\r\n").path(), "/");
}

#[test]
fn a_connection_stays_open_as_its_version_says() {
    for (version, connection, stays) in [
        ("1.1", "", true),
        ("1.1", "Connection: close\r\n", false),
        ("1.1", "Connection: x, CLOSE\r\n", false),
        ("1.1", "Connection: x\r\nConnection: close\r\n", false),
        ("1.1", "Connection: closed\r\n", true),
        ("1.0", "", false),
        ("1.0", "Connection: Keep-Alive\r\n", true),
        ("1.0", "Connection: keep-alive, close\r\n", false),
    ] {
        let bytes = format!("GET / HTTP/{version}\r\nHost: x\r\n{connection}\r\n");
        assert_eq!(request(bytes.as_bytes()).keeps_alive(), stays, "{version} {connection}");
    }
}

#[test]
fn nothing_follows_the_last_request() {
    for last in ["GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "nonsense\r\n\r\n"]
    {
        let mut framing = HttpFraming::new(SMALL);

        framing.next(last.as_bytes()).unwrap().unwrap();

        let behind = FramingError::Malformed("bytes behind the last request");
        assert_eq!(framing.next(b"GET / HTTP/1.0\r\n\r\n"), Err(behind), "{last}");
    }
}

#[test]
fn chunks_make_one_body() {
    let head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n";
    for (chunks, body) in [
        ("0\r\n\r\n", ""),
        ("3\r\nabc\r\n0\r\n\r\n", "abc"),
        ("1\r\na\r\n0A\r\n0123456789\r\n1;x=\"y;\"\r\n\n\r\n000;z\r\n\r\n", "a0123456789\n"),
        ("1 \t ;x\r\na\r\n0\r\nTrailer: x\r\nMore:\r\n\r\n", "a"),
    ] {
        let bytes = format!("{head}{chunks}");
        assert_eq!(String::from_utf8_lossy(request(bytes.as_bytes()).body()), body, "{chunks:?}");
    }
}

#[test]
fn a_client_that_waits_is_told_to_go_ahead_once() {
    let head = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\n";
    let mut framing = HttpFraming::new(SMALL);

    assert_eq!(framing.next(&head[..20]), Ok(None));
    assert_eq!(framing.next(head), Ok(Some((Incoming::AwaitsGoAhead, head.len()))));
    assert_eq!(framing.next(b"ab"), Ok(None));
    let Ok(Some((Incoming::Request(request), 3))) = framing.next(b"abcGET") else { panic!("no request") };

    assert_eq!((request.path(), request.body()), ("/", b"abc".as_slice()));
}

#[test]
fn a_client_that_does_not_wait_is_not_told() {
    request(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc");
    request(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n");
    let old = b"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    assert_eq!(HttpFraming::new(SMALL).next(old), Ok(None));
}

#[test]
fn each_limit_is_the_last_that_is_taken() {
    let head = |length: usize| format!("GET / HTTP/1.0\r\nX: {}\r\n\r\n", "y".repeat(length - 23));
    assert_eq!(head(200).len(), 200);
    request(head(200).as_bytes());
    assert_eq!(refusal(head(201).as_bytes()).status, Status::RequestHeaderFieldsTooLarge);
    assert_eq!(refusal(&head(400).as_bytes()[..200]).status, Status::RequestHeaderFieldsTooLarge);
    assert_eq!(refusal("/".repeat(200).as_bytes()).status, Status::UriTooLong);

    let sized = |length: usize| format!("PUT / HTTP/1.0\r\nContent-Length: {length}\r\n\r\n");
    request(format!("{}{}", sized(50), "y".repeat(50)).as_bytes());
    assert_eq!(refusal(sized(51).as_bytes()).status, Status::ContentTooLarge);

    let chunked = "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    request(format!("{chunked}32\r\n{}\r\n0\r\n\r\n", "y".repeat(50)).as_bytes());
    assert_eq!(refusal(format!("{chunked}33\r\n").as_bytes()).status, Status::ContentTooLarge);
    let in_two = format!("{chunked}32\r\n{}\r\n1\r\n", "y".repeat(50));
    assert_eq!(refusal(in_two.as_bytes()).status, Status::ContentTooLarge);
    let endless = format!("{chunked}1;{}", "x".repeat(201));
    assert_eq!(refusal(endless.as_bytes()).status, Status::BadRequest);
    let endless = format!("{chunked}0\r\n{}", "x: y\r\n".repeat(34));
    assert_eq!(refusal(endless.as_bytes()).status, Status::RequestHeaderFieldsTooLarge);
}

#[test]
fn more_fields_than_anybody_needs_are_refused() {
    let limits = Limits::default();
    let head = |count: usize| format!("GET / HTTP/1.0\r\n{}\r\n", "x: y\r\n".repeat(count));
    let first = |bytes: &str| match HttpFraming::new(limits).next(bytes.as_bytes()) {
        Ok(Some((Incoming::Refused(refusal), _))) => Some(refusal.status),
        _ => None,
    };

    assert_eq!(first(&head(100)), None);
    assert_eq!(first(&head(101)), Some(Status::RequestHeaderFieldsTooLarge));
}
