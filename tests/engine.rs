//! What a client sends arrives, whole and in order, however it is cut; and so do the replies.

mod common;

use std::io::Write;
use std::net::Shutdown;

use pretty_assertions::assert_eq;
use reactor::framing::{Fixed, LengthPrefixed, Lines};
use reactor::{Builder, Engine};

use common::{Log, Note, Recorder, Server, Why, ask, echo, echo_server, os, read_all, read_bytes, read_line, until};

#[test]
fn a_half_closing_client_gets_all_its_replies() {
    let server = echo_server(Builder::new());
    let (mut client, id) = server.join();

    client.write_all(b"one\ntwo\nthr").unwrap();
    client.write_all(b"ee\r\nlost").unwrap();
    client.shutdown(Shutdown::Write).unwrap();

    assert_eq!(String::from_utf8_lossy(&read_all(&client)), "one\ntwo\nthree\n");
    assert_eq!(server.log.end_of(id), (Why::Peer, 0));
}

#[test]
fn a_request_and_the_end_in_one_segment_get_a_reply() {
    // Engine not running yet: when it does, the request and the end are there, and one event tells of both.
    let recorder = Recorder::new(Lines::default, echo);
    let log = recorder.log.clone();
    let engine = Engine::bind("127.0.0.1:0", recorder).unwrap();
    let mut client = common::connect(engine.local_addr().unwrap());
    client.write_all(b"ping\n").unwrap();
    client.shutdown(Shutdown::Write).unwrap();

    let running = engine.start().unwrap();

    assert_eq!(read_all(&client), b"ping\n");
    common::within_patience("the engine to end", || running.stop()).unwrap();
    log.check();
}

#[test]
fn a_client_may_send_a_byte_at_a_time() {
    let server = Server::start(
        Builder::new(),
        Recorder::new(LengthPrefixed::default, |clients, from, message| {
            clients.send(from, message);
        }),
    );
    let (mut client, _) = server.join();

    let bytes = [LengthPrefixed::prefix(5).as_slice(), b"hello", &LengthPrefixed::prefix(1), b"!"].concat();
    for (sent, byte) in (1..).zip(bytes) {
        client.write_all(&[byte]).unwrap();
        // The engine has seen this byte before the next one leaves.
        until("the byte to be read", || server.stats().bytes_in == sent);
    }

    assert_eq!(read_bytes(&client, 6), b"hello!");
}

#[test]
fn ten_thousand_messages_sent_at_once_are_answered_in_order() {
    let server = echo_server(Builder::new());
    let (mut client, _) = server.join();
    let requests: String = (0..10_000).map(|number| format!("{number}\n")).collect();

    client.write_all(requests.as_bytes()).unwrap();

    assert_eq!(String::from_utf8(read_bytes(&client, requests.len())).unwrap(), requests);
    until("the count to be published", || server.stats().messages == 10_000);
}

#[test]
fn a_message_of_twenty_megabytes_goes_both_ways() {
    const SIZE: usize = 20_000_000;
    let answer = |clients: &mut reactor::Clients, from, message: &[u8]| {
        clients.send(from, message);
    };
    let server = Server::start(Builder::new(), Recorder::new(|| LengthPrefixed::new(SIZE), answer));
    let (client, _) = server.join();
    let message: Vec<u8> = (0..SIZE).map(|index| (index / 7) as u8).collect();

    let mut writer = client.try_clone().unwrap();
    let sent = message.clone();
    let writing = std::thread::spawn(move || {
        writer.write_all(&LengthPrefixed::prefix(SIZE)).unwrap();
        writer.write_all(&sent).unwrap();
    });

    assert!(read_bytes(&client, SIZE) == message, "the reply differs");
    writing.join().unwrap();
}

#[test]
fn a_tiny_read_budget_takes_more_turns_and_loses_nothing() {
    for budget in [1, 7] {
        let server = echo_server(Builder::new().read_budget(budget));
        let (mut client, _) = server.join();
        let requests: String = (0..500).map(|number| format!("request {number}\n")).collect();

        client.write_all(requests.as_bytes()).unwrap();
        client.shutdown(Shutdown::Write).unwrap();

        assert_eq!(String::from_utf8(read_all(&client)).unwrap(), requests, "budget {budget}");
    }
}

#[test]
fn a_message_that_fills_the_read_budget_exactly_is_not_waited_for() {
    // A full read may have left something behind, so there is another, and that one finds nothing.
    let server = Server::start(
        Builder::new().read_budget(8),
        Recorder::new(
            || Fixed::new(8),
            |clients, from, message| {
                clients.send(from, message);
            },
        ),
    );
    let (mut client, _) = server.join();

    client.write_all(b"12345678").unwrap();

    assert_eq!(read_bytes(&client, 8), b"12345678");
}

#[test]
fn an_empty_message_is_a_message() {
    let server = Server::start(
        Builder::new(),
        Recorder::new(LengthPrefixed::default, |clients, from, message| {
            clients.send(from, b"");
            clients.send(from, format!("{} bytes\n", message.len()).as_bytes());
        }),
    );
    let (mut client, _) = server.join();

    client.write_all(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, b'x']).unwrap();

    assert_eq!([read_line(&client), read_line(&client), read_line(&client)], ["0 bytes", "0 bytes", "1 bytes"]);
}

#[test]
fn a_half_closed_client_may_be_answered_later_from_another_thread() {
    let log = Log::default();
    let notes = log.clone();
    let recorder = Recorder::new(Lines::default, move |_, from, line| notes.message(from, line));
    let server = Server::start(Builder::new(), recorder.logging_to(&log).on_half_closed(|_, _| {}));
    let (mut client, id) = server.join();
    client.write_all(b"a hard question\n").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    log.wait("the end of its requests", |log| log.all().contains(&Note::HalfClosed(id)).then_some(()));

    server.handle.send(id, "the answer\n").unwrap();
    server.handle.close(id).unwrap();

    assert_eq!(read_all(&client), b"the answer\n");
    assert_eq!(log.end_of(id), (Why::Peer, 0));
}

#[test]
fn an_urgent_byte_hides_nothing_that_is_behind_it() {
    let server = echo_server(Builder::new());
    let (mut client, _) = server.join();
    assert_eq!(ask(&mut client, "before"), "before");

    client.write_all(b"on").unwrap();
    os::send_urgent(&client, b'!');
    client.write_all(b"e\ntwo\n").unwrap();

    // Urgent bytes are beside the stream, not in it.
    assert_eq!([read_line(&client), read_line(&client)], ["one", "two"]);
    assert_eq!(ask(&mut client, "after"), "after");
}

#[test]
fn who_connects_before_the_engine_runs_is_served_when_it_does() {
    let recorder = Recorder::new(Lines::default, echo);
    let log = recorder.log.clone();
    let engine = Engine::bind("127.0.0.1:0", recorder).unwrap();
    let mut clients: Vec<_> = (0..5).map(|_| common::connect(engine.local_addr().unwrap())).collect();

    let running = engine.start().unwrap();

    let replies: Vec<_> = clients.iter_mut().map(|client| ask(client, "here")).collect();
    assert_eq!(replies, ["here"; 5]);
    common::within_patience("the engine to end", || running.stop()).unwrap();
    log.check();
}

#[test]
fn a_thousand_clients_are_served_at_once() {
    common::alone("a_thousand_clients_are_served_at_once", || {
        const SPARE: u64 = 100;
        let allowed = os::allow_descriptors(2 * 1_000 + SPARE);
        let count = ((allowed - SPARE) / 2).min(1_000) as usize;
        if count < 1_000 {
            eprintln!("only {allowed} descriptors are allowed here: {count} clients instead of 1,000");
        }
        let server = echo_server(Builder::new());

        let mut clients: Vec<_> = (0..count).map(|_| server.connect()).collect();
        for (number, client) in clients.iter_mut().enumerate() {
            client.write_all(format!("{number}\n").as_bytes()).unwrap();
        }

        for (number, client) in clients.iter().enumerate() {
            assert_eq!(read_line(client), number.to_string());
        }
        assert_eq!(server.stats().clients, count as u64);
    });
}

#[test]
fn a_message_costs_one_wake_up() {
    let server = echo_server(Builder::new());
    let (mut client, _) = server.join();
    let before = server.stats().wakeups;

    for number in 0..100 {
        assert_eq!(ask(&mut client, &number.to_string()), number.to_string());
    }

    until("the count to be published", || server.stats().messages == 100);
    // Two more may belong to the connection: it came, and then it could be written to.
    let wakeups = server.stats().wakeups - before;
    assert!(wakeups <= 102, "{wakeups} wake-ups for 100 messages");
}

#[test]
fn a_message_behind_one_with_a_huge_reply_is_not_forgotten() {
    const HUGE: usize = 10_000_000;
    let server = common::generous_server(Builder::new());
    let (mut client, _) = server.join();

    // Both come in one read; the second waits in the engine while the first is answered, and no event tells of it.
    client.write_all(format!("{HUGE}\nlast\n").as_bytes()).unwrap();

    read_bytes(&client, HUGE);
    assert_eq!(read_line(&client), "last");
}
