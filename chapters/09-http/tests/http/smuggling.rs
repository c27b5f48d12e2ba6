//! Whatever two servers could read in two ways is refused, and nothing behind it is read as a request.

use crate::client::{Client, serve};
use crate::framing::refusal;
use http_server::{Request, Response, Status};
use pretty_assertions::assert_eq;

const HOST: &str = "Host: x\r\n";

#[test]
fn a_length_that_can_be_read_in_two_ways_is_refused() {
    for lengths in [
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: 3\r\nContent-Length: 3\r\n",
        "Content-Length: 3, 3\r\n",
        "Content-Length: +3\r\n",
        "Content-Length: -3\r\n",
        "Content-Length: 0x3\r\n",
        "Content-Length: 3 3\r\n",
        "Content-Length: 3.0\r\n",
        "Content-Length: \r\n",
        "Content-Length : 3\r\n",
        "Content-Length\r\n",
        " Content-Length: 3\r\n",
        "X: y\r\n Content-Length: 3\r\n",
        "X: y\r\n\tContent-Length: 3\r\n",
        "X: y\rContent-Length: 3\r\n",
        "X: y\0\r\n",
        "X\0: y\r\n",
        ": y\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding:\r\n",
        "Transfer-Encoding: \x0bchunked\r\n",
        "Transfer-Encoding: ,\r\n",
    ] {
        let bytes = format!("POST / HTTP/1.1\r\n{HOST}{lengths}\r\n");
        assert_eq!(refusal(bytes.as_bytes()).status, Status::BadRequest, "{lengths:?}");
    }
}

#[test]
fn a_coding_that_nobody_knows_is_not_implemented() {
    for coding in ["gzip", "gzip, chunked", "chunked, gzip", "identity", "xchunked", "chunked;q=1", "\"chunked\""] {
        let bytes = format!("POST / HTTP/1.1\r\n{HOST}Transfer-Encoding: {coding}\r\n\r\n");
        assert_eq!(refusal(bytes.as_bytes()).status, Status::NotImplemented, "{coding}");
    }
    let old = b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(refusal(old).status, Status::BadRequest);
}

#[test]
fn a_number_that_is_none_is_too_large() {
    let bytes = format!("POST / HTTP/1.1\r\n{HOST}Content-Length: {}\r\n\r\n", "9".repeat(30));
    assert_eq!(refusal(bytes.as_bytes()).status, Status::ContentTooLarge);
}

#[test]
fn a_malformed_chunk_is_refused() {
    for chunks in [
        "\r\n",
        "g\r\n",
        "+1\r\na\r\n",
        "-1\r\n",
        "0x1\r\na\r\n",
        " 1\r\na\r\n",
        "1 \r\na\r\n",
        "1 x\r\na\r\n",
        "1\na\r\n",
        "1\r\nab\r\n",
        "1\r\na\n",
        "1\r\na\rx",
        "1;x\ny\r\na\r\n",
        "1;\rx",
        "1;\0",
        "00000000000000001\r\n",
        "0\r\nX : y\r\n\r\n",
        "0\r\nX\r\n\r\n",
        "0\r\n y\r\n\r\n",
        "0\r\nX: y\n",
        "0\r\n\n",
    ] {
        let bytes = format!("POST / HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n{chunks}");
        assert_eq!(refusal(bytes.as_bytes()).status, Status::BadRequest, "{chunks:?}");
    }
    let huge = format!("POST / HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n");
    assert_eq!(refusal(huge.as_bytes()).status, Status::ContentTooLarge);
}

#[test]
fn zeros_that_lead_are_not_without_end() {
    let chunks = "0000000000000001\r\na\r\n".repeat(2_000);
    let bytes = format!("POST / HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n{chunks}");
    assert_eq!(refusal(bytes.as_bytes()).status, Status::BadRequest);
}

#[test]
fn one_request_is_for_one_host() {
    for hosts in [
        "",
        "Host: a\r\nHost: b\r\n",
        "Host: a\r\nHost: a\r\n",
        "Host: a b\r\n",
        "Host: a, b\r\n",
        "Host: a/b\r\n",
        "Host: u@a\r\n",
        "Host: \u{e9}\r\n",
    ] {
        let bytes = format!("GET / HTTP/1.1\r\n{hosts}\r\n");
        assert_eq!(refusal(bytes.as_bytes()).status, Status::BadRequest, "{hosts:?}");
    }
}

#[test]
fn a_request_line_has_one_meaning() {
    for (line, status) in [
        ("GET  / HTTP/1.1", 400),
        ("GET / HTTP/1.1 ", 400),
        ("GET\t/\tHTTP/1.1", 400),
        ("GET /a b HTTP/1.1", 400),
        ("GET /\r HTTP/1.1", 400),
        ("GET", 400),
        ("GET /", 400),
        ("GET / http/1.1", 400),
        ("GET / HTTP/1", 400),
        ("GET / HTTPS/1.1", 400),
        ("GET /#x HTTP/1.1", 400),
        ("GET /\\x HTTP/1.1", 400),
        ("GET /\u{e9} HTTP/1.1", 400),
        ("GET a HTTP/1.1", 400),
        ("GET ?a HTTP/1.1", 400),
        ("GET http:// HTTP/1.1", 400),
        ("GET https://x/ HTTP/1.1", 400),
        ("GET http://u@x/ HTTP/1.1", 400),
        ("OPTIONS *?a HTTP/1.1", 400),
        ("GET / HTTP/1.2", 505),
        ("GET / HTTP/0.9", 505),
        ("PRI * HTTP/2.0", 505),
        ("CONNECT x:1 HTTP/1.1", 501),
        ("get / HTTP/1.1", 501),
        ("BREW / HTTP/1.1", 501),
        ("\x16\x03\x01", 400),
    ] {
        let bytes = format!("{line}\r\n{HOST}\r\n");
        assert_eq!(refusal(bytes.as_bytes()).status.code(), status, "{line:?}");
    }
}

#[test]
fn what_stands_behind_a_refusal_is_no_request() {
    let server = serve(|request: &Request<'_>| Response::text(Status::Ok, request.path()));
    let smuggled = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\
                    GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";

    let mut client = Client::of(&server);
    client.send(smuggled);

    let reply = client.reply();
    assert_eq!((reply.status, reply.field("connection")), (400, Some("close")));
    assert_eq!(reply.text(), "400 Bad Request: both Content-Length and Transfer-Encoding\n");
    client.has_ended();
}
