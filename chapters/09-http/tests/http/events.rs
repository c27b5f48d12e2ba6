//! Events pushed from other threads.

use crate::client::{Client, Server, eventually, serve_with};
use http_server::{Event, EventStream, PublishError, Publisher, Request, Response, Service, Status};
use pretty_assertions::assert_eq;
use quickcheck::quickcheck;
use reactor::Builder;
use std::sync::mpsc;

fn server_with(limits: Builder) -> (Server<impl Service>, Publisher) {
    let stream = EventStream::new();
    let publisher_stream = stream.clone();
    let server = serve_with(limits, move |request: &Request<'_>| match request.path() {
        "/events" => Response::events(&stream),
        _ => Response::status(Status::Ok),
    });
    let publisher = Publisher::new(publisher_stream, server.handle());
    (server, publisher)
}

fn server() -> (Server<impl Service>, Publisher) {
    server_with(Builder::new())
}

fn subscribe<S>(server: &Server<S>) -> Client {
    let mut client = Client::of(server);
    client.send("GET /events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n");
    let reply = client.reply_to_head();
    assert_eq!((reply.status, reply.field("content-type")), (200, Some("text/event-stream")));
    assert_eq!((reply.field("content-length"), reply.field("connection")), (None, Some("close")));
    client
}

#[test]
fn everybody_who_listens_hears_every_event_in_order() {
    let (server, publisher) = server();
    let mut listeners: Vec<Client> = (0..5).map(|_| subscribe(&server)).collect();

    let thread = std::thread::spawn(move || {
        for i in 0..100 {
            let event = Event::named("count", &format!("{i}\nof 100"));
            // A mailbox of 4,096 does not fill with 500.
            assert_eq!(publisher.publish(&event), Ok(5));
        }
    });

    for listener in &mut listeners {
        for i in 0..100 {
            assert_eq!(listener.until("\n\n"), format!("event: count\ndata: {i}\ndata: of 100\n\n"));
        }
    }
    thread.join().unwrap();
}

/// What a browser makes of a stream: HTML section 9.2.6, in the field that we send.
fn browser(stream: &str) -> Vec<(String, String)> {
    let (mut events, mut name, mut data) = (Vec::new(), String::new(), String::new());
    for line in stream.replace("\r\n", "\n").split(['\n', '\r']) {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" if line.is_empty() => {
                let (name, mut data) = (std::mem::take(&mut name), std::mem::take(&mut data));
                if data.pop().is_some() {
                    events.push((if name.is_empty() { "message".to_owned() } else { name }, data));
                }
            }
            "event" => name = value.to_owned(),
            "data" => data += &format!("{value}\n"),
            _ => {}
        }
    }
    events
}

quickcheck! {
    fn a_browser_hears_what_was_said(name: String, data: String, more: String) -> bool {
        let text = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
        let stream = [Event::named(&name, &data), Event::heartbeat(), Event::new(&more)];
        let heard = browser(&stream.iter().map(Event::as_str).collect::<String>());
        let name = match name.replace(['\r', '\n'], " ") {
            empty if empty.is_empty() => "message".to_owned(),
            name => name,
        };
        heard == [(name, text(&data)), ("message".to_owned(), text(&more))]
    }
}

#[test]
fn nothing_that_is_said_can_become_another_event() {
    let event = Event::named("a\nb\rdata: x", "1\r\n\r\nevent: evil\ndata: 2\r\r");

    assert_eq!(
        event.as_str(),
        "event: a b data: x\ndata: 1\ndata: \ndata: event: evil\ndata: data: 2\ndata: \ndata: \n\n"
    );
}

#[test]
fn who_leaves_is_forgotten() {
    let (server, publisher) = server();
    let (mut stays, leaves) = (subscribe(&server), subscribe(&server));
    assert_eq!(publisher.stream().subscribers(), 2);

    drop(leaves);

    eventually("one is left", || publisher.stream().subscribers() == 1);
    assert_eq!(publisher.publish(&Event::new("still here")), Ok(1));
    assert_eq!(stays.until("\n\n"), "data: still here\n\n");
}

#[test]
fn listeners_come_and_go_while_events_are_published() {
    let (server, publisher) = server();
    let (stop, stopped) = mpsc::channel::<()>();
    let publishing = publisher.clone();
    let thread = std::thread::spawn(move || {
        let mut sent = 0;
        while stopped.try_recv() == Err(mpsc::TryRecvError::Empty) {
            match publishing.publish(&Event::new(&sent.to_string())) {
                Ok(_) => sent += 1,
                Err(PublishError::Full { .. }) => std::thread::yield_now(),
                Err(PublishError::Stopped) => panic!("the engine stopped"),
            }
        }
    });

    let mut here: Vec<Client> = Vec::new();
    for round in 0..100 {
        here.push(subscribe(&server));
        if round % 3 != 0 {
            // In no order that the server could know.
            here.swap_remove(round * 7 % here.len());
        }
    }
    for client in &mut here {
        let first = client.until("\n\n");
        assert!(first.starts_with("data: "), "{first}");
    }
    drop(here);

    eventually("nobody is left", || publisher.stream().subscribers() == 0);
    drop(stop);
    thread.join().unwrap();
}

#[test]
fn a_listener_that_does_not_read_is_sent_away_and_holds_up_nobody() {
    let (server, publisher) = server_with(Builder::new().high_water(100_000));
    let (_deaf, mut keen) = (subscribe(&server), subscribe(&server));
    let event = Event::new(&"x".repeat(50_000));

    let mut heard = 0;
    while publisher.stream().subscribers() == 2 {
        publisher.publish(&event).unwrap();
        assert_eq!(keen.until("\n\n").len(), event.as_str().len());
        heard += 1;
        assert!(heard < 2000, "100 MB are more than the kernel holds for it");
    }

    assert_eq!(publisher.publish(&event), Ok(1));
    assert_eq!(keen.until("\n\n"), event.as_str());
}

#[test]
fn a_full_mailbox_is_reported_and_nothing_is_lost() {
    let stream = EventStream::new();
    let subscribed = stream.clone();
    let (release, released) = mpsc::channel::<()>();
    let (busy, is_busy) = mpsc::channel::<()>();
    let server = serve_with(Builder::new().mailbox_capacity(2), move |request: &Request<'_>| match request.path() {
        "/events" => Response::events(&subscribed),
        _ => {
            busy.send(()).unwrap();
            released.recv().unwrap();
            Response::status(Status::Ok)
        }
    });
    let publisher = Publisher::new(stream, server.handle());
    let mut listener = subscribe(&server);
    let mut other = Client::of(&server);

    // While the reactor is busy nobody empties its mailbox.
    other.send("GET /busy HTTP/1.1\r\nHost: x\r\n\r\n");
    is_busy.recv().unwrap();
    let mut accepted = 0;
    let missed = loop {
        match publisher.publish(&Event::new(&accepted.to_string())) {
            Ok(1) => accepted += 1,
            Err(PublishError::Full { missed }) => break missed,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((missed.len(), accepted), (1, 2));
    release.send(()).unwrap();
    eventually("there is room again", || publisher.publish_to(&missed, &Event::new("2")).is_ok());

    for i in 0..3 {
        assert_eq!(listener.until("\n\n"), format!("data: {i}\n\n"));
    }
    server.stop().unwrap();
    assert_eq!(publisher.publish_to(&missed, &Event::new("3")), Err(PublishError::Stopped));
}

#[test]
fn who_listens_is_answered_nothing_else() {
    let (server, publisher) = server();
    let mut client = Client::of(&server);

    client.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
    client.reply_to_head();
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    publisher.publish(&Event::new("first")).unwrap();

    assert_eq!(client.until("\n\n"), "data: first\n\n");
}

#[test]
fn who_listens_and_talks_nonsense_is_sent_away() {
    for last in ["", "Connection: close\r\n"] {
        let (server, publisher) = server();
        let mut client = Client::of(&server);
        client.send(format!("GET /events HTTP/1.1\r\nHost: x\r\n{last}\r\n"));
        client.reply_to_head();

        client.send("\0");

        client.has_ended();
        eventually("nobody is left", || publisher.stream().subscribers() == 0);
    }
}

#[test]
fn who_ends_its_side_listens_no_more() {
    let (server, publisher) = server();
    let mut client = subscribe(&server);

    // A page that is closed looks no different.
    client.half_close();

    client.has_ended();
    eventually("nobody is left", || publisher.stream().subscribers() == 0);
}

#[test]
fn head_subscribes_nobody() {
    let (server, publisher) = server();
    let mut client = Client::of(&server);

    client.send("HEAD /events HTTP/1.1\r\nHost: x\r\n\r\n");

    assert_eq!(client.reply_to_head().field("content-type"), Some("text/event-stream"));
    client.has_ended();
    assert_eq!(publisher.publish(&Event::new("nobody hears this")), Ok(0));
}

#[test]
fn an_engine_that_stops_leaves_nobody_listening() {
    let (server, publisher) = server();
    let listener = subscribe(&server);

    server.stop().unwrap();

    listener.has_ended();
    assert_eq!(publisher.stream().subscribers(), 0);
}
