//! What an engine that stops still does: it sends what is queued, for as long as it may, and waits for nobody else.

mod common;

use std::io::Write;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use pretty_assertions::assert_eq;
use reactor::framing::Lines;
use reactor::{Builder, Clients};

use common::{Log, Recorder, Server, Why, ask, connect, echo, echo_server, os, read_all, until, within_patience};

const MEGABYTE: usize = 1_000_000;

#[test]
fn what_was_sent_before_the_stop_arrives() {
    let server = echo_server(Builder::new().high_water(20 * MEGABYTE).stop_deadline(common::PATIENCE));
    let (client, id) = server.join();

    // More than the kernel takes at once, so the engine must wait for the client.
    (0..10).for_each(|digit| server.handle.send(id, vec![b'0' + digit; MEGABYTE]).unwrap());
    server.handle.stop();

    let bytes = read_all(&client);
    assert_eq!(bytes.len(), 10 * MEGABYTE);
    assert!(bytes.chunks(MEGABYTE).zip(b'0'..).all(|(chunk, digit)| *chunk == vec![digit; MEGABYTE]));
    assert_eq!(server.stop().end_of(id), (Why::Stopped, 0));
}

#[test]
fn what_was_sent_before_the_stop_is_taken_though_the_engine_was_busy() {
    let (busy, entered) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let recorder = Recorder::new(Lines::default, move |_, _, _| {
        busy.send(()).unwrap();
        released.recv().unwrap();
    });
    let server = Server::start(Builder::new(), recorder);
    let (mut client, id) = server.join();
    client.write_all(b"be busy\n").unwrap();
    entered.recv_timeout(common::PATIENCE).unwrap();

    server.handle.send(id, "bye\n").unwrap();
    server.handle.stop();
    release.send(()).unwrap();

    assert_eq!(read_all(&client), b"bye\n");
}

#[test]
fn without_a_deadline_to_speak_of_the_stop_still_sends_what_the_kernel_takes() {
    let server = echo_server(Builder::new().stop_deadline(Duration::ZERO));
    let (client, id) = server.join();

    server.handle.send(id, "bye\n").unwrap();
    let log = server.stop();

    assert_eq!(read_all(&client), b"bye\n");
    assert_eq!(log.end_of(id), (Why::Stopped, 0));
}

#[test]
fn a_client_that_never_reads_holds_the_stop_until_the_deadline() {
    const DEADLINE: Duration = Duration::from_millis(300);
    let server = echo_server(Builder::new().high_water(100 * MEGABYTE).stop_deadline(DEADLINE));
    let (_deaf, id) = server.join();
    server.handle.send(id, vec![b'x'; 50 * MEGABYTE]).unwrap();
    let started = Instant::now();

    let log = server.stop();

    let (why, unsent) = log.end_of(id);
    assert!(why == Why::Stopped && unsent > 0, "{why:?}, {unsent} bytes unsent");
    assert!(started.elapsed() >= DEADLINE, "given up after {:?}", started.elapsed());
}

#[test]
fn nobody_who_has_got_everything_holds_the_stop() {
    // The deadline is for ever, so the engine ends only if it need not wait for either of these.
    let server = echo_server(Builder::new().stop_deadline(Duration::MAX));
    let (_silent, _) = server.join();
    let (mut unfinished, _) = server.join();
    unfinished.write_all(b"half a li").unwrap();
    until("the half line to be read", || server.stats().bytes_in == 9);

    let log = server.stop();

    assert_eq!(log.connected().len(), 2);
}

#[test]
fn a_client_that_only_lingers_does_not_hold_the_stop() {
    const A_CLIENTS_TIME: Duration = Duration::from_secs(2);
    let attempt = || {
        let bye = |clients: &mut Clients, from, line: &[u8]| {
            echo(clients, from, line);
            clients.close(from);
        };
        let server = Server::start(Builder::new().stop_deadline(Duration::MAX), Recorder::new(Lines::default, bye));
        let (mut lingering, _) = server.join();
        let started = Instant::now();
        assert_eq!(ask(&mut lingering, "bye"), "bye");

        server.stop();

        started.elapsed() < A_CLIENTS_TIME
    };

    // Once is enough: a busy machine may be slow, but an engine that waits for its client never is faster.
    assert!((0..5).any(|_| attempt()));
}

#[test]
fn unread_requests_do_not_destroy_the_last_reply_when_the_engine_stops() {
    // All of it is there when the engine looks, and more than one read takes, or than many do.
    for budget in [4_096, 16] {
        let log = Log::default();
        let stopping = log.clone();
        let recorder = Recorder::new(Lines::default, move |clients, from, line| {
            echo(clients, from, line);
            stopping.handle().stop();
        });
        let engine = Builder::new().read_budget(budget).bind("127.0.0.1:0", recorder.logging_to(&log)).unwrap();
        log.knows(engine.handle());
        let mut client = connect(engine.local_addr().unwrap());
        client.write_all(&[b"bye\n".as_slice(), &[b'x'; 50_000]].concat()).unwrap();
        until("the requests to arrive", || os::in_flight(&client) == 0);

        let running = engine.start().unwrap();

        assert_eq!(read_all(&client), b"bye\n", "with a budget of {budget}");
        within_patience("the engine to end", || running.stop()).unwrap();
        assert_eq!(log.end_of(log.connected()[0]), (Why::Stopped, 0));
    }
}
