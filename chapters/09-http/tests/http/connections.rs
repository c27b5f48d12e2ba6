//! Many requests, many packets, and clients that leave.

use crate::client::{Client, Server, eventually, serve, serve_with};
use http_server::{Assets, Method, Request, Response, Service, Status};
use pretty_assertions::assert_eq;
use reactor::Builder;

/// Answers with what it was asked.
fn mirror() -> Server<impl Service> {
    serve(|request: &Request<'_>| {
        let mut body = format!("{} {} ", request.method(), request.path()).into_bytes();
        body.extend_from_slice(request.body());
        let mut response = Response::text(Status::Ok, "");
        response.body = http_server::Body::Bytes(body.into());
        response
    })
}

fn big_file() -> (Vec<u8>, Assets) {
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|i| (i / 7) as u8).collect();
    let mut assets = Assets::new();
    assets.insert("/big", bytes.clone());
    (bytes, assets)
}

#[test]
fn a_connection_serves_request_after_request() {
    let server = mirror();
    let mut client = Client::of(&server);

    for path in ["/1", "/2", "/3"] {
        let reply = client.get(path);
        assert_eq!((reply.text(), reply.field("connection")), (format!("GET {path} ").as_str(), None));
    }
    assert_eq!(server.handle().stats().connections, 1);
}

#[test]
fn an_old_client_keeps_its_connection_if_it_asks_to() {
    let server = mirror();
    let mut client = Client::of(&server);

    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_eq!(client.reply().field("connection"), Some("keep-alive"));

    client.send("GET / HTTP/1.0\r\n\r\n");
    assert_eq!(client.reply().field("connection"), Some("close"));
    client.has_ended();
}

#[test]
fn the_last_request_is_the_last() {
    let server = mirror();
    let mut client = Client::of(&server);

    client.send("GET /1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");

    assert_eq!(client.reply().text(), "GET /1 ");
    client.has_ended();
}

#[test]
fn a_client_that_sends_single_bytes_gets_the_same() {
    let requests = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n\
                    POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello\
                    POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nhe\r\n3\r\nllo\r\n0\r\nT: x\r\n\r\n\
                    GET /d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let server = mirror();
    let (mut at_once, mut by_bytes) = (Client::of(&server), Client::of(&server));

    at_once.send(requests);
    for byte in requests.bytes() {
        by_bytes.send([byte]);
    }

    for expected in ["GET /a ", "POST /b hello", "POST /c hello", "GET /d "] {
        let reply = at_once.reply();
        assert_eq!(reply.text(), expected);
        assert_eq!(by_bytes.reply(), reply);
    }
    at_once.has_ended();
    by_bytes.has_ended();
}

#[test]
fn a_thousand_requests_in_one_write_get_a_thousand_replies_in_order() {
    let server = mirror();
    let mut client = Client::of(&server);

    let requests: String = (0..1000).map(|i| format!("GET /{i} HTTP/1.1\r\nHost: x\r\n\r\n")).collect();
    client.send(requests);

    for i in 0..1000 {
        assert_eq!(client.reply().text(), format!("GET /{i} "));
    }
}

#[test]
fn replies_longer_than_the_outbox_may_hold_all_arrive() {
    let (bytes, assets) = big_file();
    let server = serve_with(Builder::new().high_water(10_000), assets);
    let mut client = Client::of(&server);

    // Each reply alone is past the mark at which a client is disconnected, so the second waits for the first.
    client.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n".repeat(10));
    client.half_close();

    for _ in 0..10 {
        assert!(client.reply().body == bytes, "the file came otherwise");
    }
    client.has_ended();
}

#[test]
fn a_client_that_has_ended_its_side_still_gets_the_reply() {
    let server = mirror();
    let mut client = Client::of(&server);

    client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    client.half_close();

    assert_eq!(client.reply().text(), "GET /a ");
    client.has_ended();
}

#[test]
fn half_a_request_is_none() {
    let server = mirror();
    let mut client = Client::of(&server);

    client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhell");
    client.half_close();

    client.has_ended();
}

#[test]
fn a_reset_amid_a_reply_ends_that_client_alone() {
    let (bytes, assets) = big_file();
    let server = serve(assets);

    let mut leaver = Client::of(&server);
    leaver.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n".repeat(3));
    leaver.wait_for_bytes();
    // To close a socket that holds unread bytes is to reset the connection.
    drop(leaver);

    eventually("the one who left is forgotten", || server.handle().stats().clients == 0);
    assert!(Client::of(&server).get("/big").body == bytes, "the file came otherwise");
}

#[test]
fn a_client_that_reads_late_gets_everything_and_holds_up_nobody() {
    let (bytes, assets) = big_file();
    let server = serve(assets);

    let mut late = Client::of(&server);
    late.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n".repeat(7));
    late.wait_for_bytes();
    // Seven times three megabytes are more than the kernel holds for it.
    assert!(Client::of(&server).get("/big").body == bytes, "the file came otherwise");
    assert!(server.handle().stats().bytes_out < 8 * 3_000_000, "it was to be held back");

    for _ in 0..7 {
        assert!(late.reply().body == bytes, "the file came otherwise");
    }
}

#[test]
fn a_client_that_waits_for_it_gets_a_go_ahead() {
    let server = mirror();
    let mut client = Client::of(&server);

    client.send("POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    assert_eq!(client.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hello");

    assert_eq!(client.reply().text(), "POST /a hello");
}

#[test]
fn a_body_too_long_is_refused_before_it_is_sent() {
    let server = mirror();
    let mut client = Client::of(&server);

    client.send("POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5000000\r\n\r\n");

    assert_eq!(client.reply().status, 413);
    client.has_ended();
}

#[test]
fn a_refusal_reaches_a_client_that_is_still_sending() {
    let server = mirror();
    let mut client = Client::of(&server);

    // Had the server closed with these unread, the reset would have destroyed its answer.
    client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n");
    client.send(vec![b'x'; 2_000_000]);

    assert_eq!(client.reply().status, 413);
    client.half_close();
    client.has_ended();
}

#[test]
fn the_server_itself_answers_to_an_asterisk() {
    let server = serve(|_: &Request<'_>| -> Response { panic!("this is no service's affair") });
    let mut client = Client::of(&server);

    client.send("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");

    let reply = client.reply();
    assert_eq!((reply.status, reply.field("content-length")), (204, None));
}

#[test]
fn a_handler_is_given_back_with_its_service() {
    let server = serve(|request: &Request<'_>| match request.method() {
        Method::Get => Response::status(Status::Ok),
        _ => Response::allows("GET", request),
    });
    assert_eq!(Client::of(&server).get("/").status, 200);

    let mut service = server.stop().unwrap().into_service();

    let mut framing = http_server::HttpFraming::new(http_server::Limits::default());
    let bytes = b"PUT / HTTP/1.0\r\n\r\n";
    let Ok(Some((http_server::Incoming::Request(request), _))) = reactor::Framing::next(&mut framing, bytes) else {
        panic!("no request")
    };
    assert_eq!(service.respond(&request).status, Status::MethodNotAllowed);
}
