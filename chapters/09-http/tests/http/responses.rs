//! What a response looks like.

use crate::client::{Client, serve};
use http_server::{Body, ETag, Request, Response, Status, Version};
use pretty_assertions::assert_eq;
use std::time::{Duration, SystemTime};

fn head(response: &Response) -> String {
    let mut head = Vec::new();
    response.write_head(&mut head, Version::Http11, false);
    String::from_utf8(head).unwrap()
}

#[test]
fn a_response_says_when_it_was_made() {
    let server = serve(|_: &Request<'_>| Response::status(Status::Ok));
    let mut client = Client::of(&server);

    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");

    let head = client.until("\r\n\r\n");
    let date = head.lines().find_map(|line| line.strip_prefix("Date: ")).expect("a Date");
    let age = SystemTime::now().duration_since(httpdate::parse_http_date(date).unwrap()).unwrap();
    assert!(age < Duration::from_secs(30), "{date}");
}

#[test]
fn no_value_can_end_its_line() {
    let response = Response::moved("/a\r\nSet-Cookie: x\0\r\n\r\n<script>".to_owned());

    assert!(head(&response).contains("\r\nLocation: /a  Set-Cookie: x     <script>\r\n"), "{}", head(&response));
}

#[test]
fn a_response_without_a_body_has_no_length_either() {
    for status in [Status::NoContent, Status::NotModified] {
        let response = Response::text(status, "must not be sent");
        assert_eq!(response.content(), b"");
        assert!(!head(&response).contains("Content-Length"), "{status}");
    }
    assert!(head(&Response::new(Status::Ok)).contains("Content-Length: 0\r\n"));
}

#[test]
fn head_is_get_without_the_body() {
    let server = serve(|request: &Request<'_>| match request.path() {
        "/omitted" => Response::with(Status::Ok, "text/plain", Body::Omitted(5)),
        _ => Response::with(Status::Ok, "text/plain", Body::Bytes(b"hello".into())),
    });
    let mut client = Client::of(&server);

    let get = client.get("/");
    client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\nHEAD /omitted HTTP/1.1\r\nHost: x\r\n\r\n");

    assert_eq!(get.body, b"hello");
    assert_eq!(client.reply_to_head().head, get.head);
    assert_eq!(client.reply_to_head().head, get.head);
    // And the next reply begins where the heads ended.
    assert_eq!(client.get("/"), get);
}

#[test]
fn head_is_refused_without_a_body() {
    let server = serve(|_: &Request<'_>| Response::status(Status::Ok));
    for head in ["HEAD / HTTP/1.1\r\n\r\n", "\r\nHEAD / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n"] {
        let mut client = Client::of(&server);
        client.send(head);

        let reply = client.reply_to_head();

        assert!(reply.status >= 400, "{head}");
        assert!(reply.field("content-length").is_some_and(|length| length != "0"), "{head}");
        client.has_ended();
    }
}

#[test]
fn a_client_names_what_it_has() {
    let server = serve(|request: &Request<'_>| match ETag::of(b"hello").is_known_to(request) {
        true => Response::not_modified(&ETag::of(b"hello")),
        false => Response::status(Status::Ok),
    });
    let tag = ETag::of(b"hello");
    let mut client = Client::of(&server);
    for (known, status) in [
        (String::new(), 200),
        (format!("If-None-Match: {tag}\r\n"), 304),
        (format!("If-None-Match: W/{tag}\r\n"), 304),
        (format!("If-None-Match: \"x\", {tag}\r\n"), 304),
        (format!("If-None-Match: \"a,b\",W/\"x\" ,\t{tag},\r\n"), 304),
        (format!("If-None-Match: \"x\"\r\nIf-None-Match: {tag}\r\n"), 304),
        ("If-None-Match: *\r\n".to_owned(), 304),
        (format!("If-None-Match: {}\r\n", tag.as_str().trim_matches('"')), 200),
        (format!("If-None-Match: \"{tag}\"\r\n"), 200),
        ("If-None-Match: \"x\", \"*\"\r\n".to_owned(), 200),
        ("If-None-Match: \"\r\n".to_owned(), 200),
    ] {
        client.send(format!("GET / HTTP/1.1\r\nHost: x\r\n{known}\r\n"));
        assert_eq!(client.reply().status, status, "{known}");
    }
}

#[test]
fn other_bytes_have_another_tag() {
    assert_eq!(ETag::of(b"hello"), ETag::of(b"hello"));
    assert_ne!(ETag::of(b"hello"), ETag::of(b"hellp"));
    assert_ne!(ETag::of(b""), ETag::of(b"\0"));

    let (then, later) = (SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + Duration::from_nanos(1));
    assert_ne!(ETag::of_file(5, then), ETag::of_file(6, then));
    assert_ne!(ETag::of_file(5, then), ETag::of_file(5, later));
}
