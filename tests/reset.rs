//! Connections that break: that client ends, with its reason, and nobody else notices.

mod common;

use std::io::Write;
use std::net::Shutdown;

use pretty_assertions::assert_eq;
use reactor::framing::{LengthPrefixed, Lines};
use reactor::{Builder, Engine};

use common::{
    Log, Note, Recorder, Server, TOO_MUCH, Why, alone, ask, connect, echo, generous_server, os, until, within_patience,
};

#[test]
fn a_reset_right_after_connecting_ends_that_client() {
    let recorder = Recorder::new(Lines::default, echo);
    let log = recorder.log.clone();
    let engine = Builder::new().bind("127.0.0.1:0", recorder).unwrap();
    let address = engine.local_addr().unwrap();
    (0..10).for_each(|_| os::reset(connect(address)));

    let running = engine.start().unwrap();

    assert_eq!(ask(&mut connect(address), "alive"), "alive");
    let ids = log.connected();
    let ends: Vec<_> = ids[..ids.len() - 1].iter().map(|id| log.end_of(*id)).collect();
    assert!(ends.iter().all(|end| *end == (Why::Error(Some(libc::ECONNRESET)), 0)), "{ends:?}");
    within_patience("the engine to end", || running.stop()).unwrap();
    log.check();
}

#[test]
fn what_was_sent_before_a_reset_is_delivered() {
    let log = Log::default();
    let notes = log.clone();
    let recorder = Recorder::new(Lines::default, move |_, from, line| notes.message(from, line)).logging_to(&log);
    // Small, so that one read does not see it all.
    let engine = Builder::new().read_budget(5).bind("127.0.0.1:0", recorder).unwrap();
    let mut client = connect(engine.local_addr().unwrap());
    client.write_all(b"one\ntwo\nthree\nfour").unwrap();
    os::reset(client);

    let running = engine.start().unwrap();

    let id = log.wait("the client", |log| log.connected().first().copied());
    assert_eq!(log.end_of(id), (Why::Error(Some(libc::ECONNRESET)), 0));
    assert_eq!(log.messages(), ["one", "two", "three"]);
    within_patience("the engine to end", || running.stop()).unwrap();
    log.check();
}

#[test]
fn a_reset_in_the_middle_of_a_message_ends_that_client() {
    let server = Server::start(Builder::new(), Recorder::new(LengthPrefixed::default, |_, _, _| {}));
    let (mut client, id) = server.join();
    client.write_all(&LengthPrefixed::prefix(1_000)).unwrap();
    client.write_all(b"only the beginning").unwrap();
    until("the beginning to be read", || server.stats().bytes_in == 22);

    os::reset(client);

    assert_eq!(server.log.end_of(id), (Why::Error(Some(libc::ECONNRESET)), 0));
}

#[test]
fn a_reset_with_replies_queued_ends_that_client_and_counts_them() {
    const QUEUED: usize = TOO_MUCH;
    let server = generous_server(Builder::new().high_water(2 * TOO_MUCH));
    let (mut client, id) = server.join();
    let (mut other, _) = server.join();
    client.write_all(format!("{QUEUED}\n").as_bytes()).unwrap();
    until("the reply to be queued", || server.stats().bytes_out > 0);

    os::reset(client);

    let (why, unsent) = server.log.end_of(id);
    assert!(matches!(why, Why::Error(Some(libc::ECONNRESET | libc::EPIPE))), "{why:?}");
    // No SIGPIPE has ended this process, and no byte is counted twice or not at all.
    assert_eq!(ask(&mut other, "alive"), "alive");
    let sent = QUEUED - unsent + "alive\n".len();
    until("the bytes to be counted", || server.stats().bytes_out == sent as u64);
}

#[test]
fn a_half_closed_client_that_waits_and_then_resets_is_noticed() {
    let recorder = Recorder::new(Lines::default, echo).on_half_closed(|_, _| {});
    let server = Server::start(Builder::new(), recorder);
    let (client, id) = server.join();
    client.shutdown(Shutdown::Write).unwrap();
    server.log.wait("the end of its requests", |log| log.all().contains(&Note::HalfClosed(id)).then_some(()));

    os::reset(client);

    assert!(matches!(server.log.end_of(id), (Why::Error(Some(_)), 0)), "{:?}", server.log.end_of(id));
}

#[test]
fn an_end_and_a_reset_in_one_event_are_a_reset() {
    let recorder = Recorder::new(Lines::default, echo).on_half_closed(|_, _| {});
    let log = recorder.log.clone();
    let engine = Engine::bind("127.0.0.1:0", recorder).unwrap();
    let client = connect(engine.local_addr().unwrap());
    client.shutdown(Shutdown::Write).unwrap();
    os::reset(client);

    let running = engine.start().unwrap();

    let id = log.wait("the client", |log| log.connected().first().copied());
    assert_eq!(log.end_of(id), (Why::Error(Some(libc::EPIPE)), 0));
    within_patience("the engine to end", || running.stop()).unwrap();
    log.check();
}

#[test]
fn a_connection_that_times_out_ends_that_client() {
    // Where a cable would be pulled: connections inherit from the listener that unanswered bytes end them.
    const MILLISECONDS: libc::c_int = 200;
    let server = generous_server(Builder::new().high_water(2 * TOO_MUCH));
    for (fd, _) in os::sockets_at(server.address.port()) {
        os::set_option(fd, libc::IPPROTO_TCP, libc::TCP_USER_TIMEOUT, MILLISECONDS);
    }
    let (mut deaf, id) = server.join();
    let (mut other, _) = server.join();

    deaf.write_all(format!("{TOO_MUCH}\n").as_bytes()).unwrap();

    assert_eq!(server.log.end_of(id).0, Why::Error(Some(libc::ETIMEDOUT)));
    assert_eq!(ask(&mut other, "alive"), "alive");
}

#[test]
fn a_write_to_a_client_that_has_gone_raises_no_signal() {
    alone("a_write_to_a_client_that_has_gone_raises_no_signal", || {
        os::let_sigpipe_kill();
        let recorder = Recorder::new(Lines::default, echo);
        let log = recorder.log.clone();
        let engine = Engine::bind("127.0.0.1:0", recorder).unwrap();
        let mut client = connect(engine.local_addr().unwrap());
        // A request to answer, an end, and a reset: the kernel answers the reply with EPIPE.
        client.write_all(b"ping\n").unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        os::reset(client);

        let running = engine.start().unwrap();

        let id = log.wait("the client", |log| log.connected().first().copied());
        assert_eq!(log.end_of(id), (Why::Error(Some(libc::EPIPE)), 5));
        within_patience("the engine to end", || running.stop()).unwrap();
    });
}
