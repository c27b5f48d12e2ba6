//! Connections that the server ends: after the last reply, without a reset, and without touching a later one.

mod common;

use std::io::Write;
use std::net::Shutdown;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use pretty_assertions::assert_eq;
use reactor::framing::Lines;
use reactor::{Builder, ClientId, Clients, Engine};

use common::{
    Log, Recorder, Server, Why, ask, connect, echo, echo_server, fill, os, read_all, read_bytes, read_line, until,
    within_patience,
};

const MEGABYTE: usize = 1_000_000;

/// Answers "bye" and closes on the line "bye"; answers any other with itself.
fn polite(clients: &mut Clients, from: ClientId, line: &[u8]) {
    echo(clients, from, line);
    if line == b"bye" {
        clients.close(from);
    }
}

#[test]
fn what_is_behind_the_message_that_closes_is_discarded() {
    let log = Log::default();
    let notes = log.clone();
    let recorder = Recorder::new(Lines::default, move |clients, from, line| {
        notes.message(from, line);
        polite(clients, from, line);
    });
    let server = Server::start(Builder::new(), recorder.logging_to(&log));
    let (mut client, id) = server.join();

    client.write_all(b"one\nbye\ntwo\nthree\n").unwrap();

    assert_eq!(String::from_utf8(read_all(&client)).unwrap(), "one\nbye\n");
    drop(client);
    assert_eq!(log.end_of(id), (Why::Closed, 0));
    assert_eq!(log.messages(), ["one", "bye"]);
}

#[test]
fn unread_requests_do_not_destroy_the_last_reply() {
    let server = Server::start(Builder::new(), Recorder::new(Lines::default, polite));
    let (mut client, id) = server.join();

    // Far more than a read takes. A socket that is closed with bytes unread sends a reset, and that would overtake.
    client.write_all(&[b"bye\n".as_slice(), &[b'x'; 4 * MEGABYTE]].concat()).unwrap();

    assert_eq!(read_all(&client), b"bye\n");
    drop(client);
    assert_eq!(server.log.end_of(id), (Why::Closed, 0));
}

#[test]
fn a_client_that_never_closes_its_side_is_given_two_seconds() {
    let server = Server::start(Builder::new(), Recorder::new(Lines::default, polite));
    let (mut client, id) = server.join();
    let started = Instant::now();

    assert_eq!(ask(&mut client, "bye"), "bye");

    assert_eq!(server.log.end_of(id), (Why::Closed, 0));
    assert!(started.elapsed() >= Duration::from_secs(2), "given up after {:?}", started.elapsed());
    until("the client to be counted out", || server.stats().clients == 0);
}

#[test]
fn a_turn_that_takes_longer_than_a_client_may_linger_destroys_no_reply() {
    const MAY_LINGER: Duration = Duration::from_secs(2);
    let (busy, entered) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let recorder = Recorder::new(Lines::default, move |clients, from, line| {
        common::generous(clients, from, line);
        clients.close(from);
        busy.send(()).unwrap();
        released.recv().unwrap();
    });
    let server = Server::start(Builder::new(), recorder);
    let (mut client, id) = server.join();
    // More than a read takes. A socket that is closed with bytes unread sends a reset, which destroys what is on its way.
    client.write_all(&[format!("{MEGABYTE}\n").as_bytes(), &[b'x'; 200_000]].concat()).unwrap();
    entered.recv_timeout(common::PATIENCE).unwrap();

    assert_eq!(server.log.wait_at_most(MAY_LINGER, |log| log.ended(id)), None);
    release.send(()).unwrap();

    // One that is given up is given up at once.
    server.log.wait_at_most(MAY_LINGER / 10, |log| log.ended(id));
    assert_eq!(read_all(&client).len(), MEGABYTE);
    drop(client);
    assert_eq!(server.log.end_of(id), (Why::Closed, 0));
}

#[test]
fn a_client_that_is_held_back_can_be_closed_and_gets_what_was_queued() {
    let server = echo_server(Builder::new().high_water(10_000));
    let (slow, id) = server.join();
    let (mut other, _) = server.join();
    let requests = b"what is sent must come back\n".repeat(MEGABYTE);
    let written = fill(&slow, &requests, || assert_eq!(ask(&mut other, "a turn"), "a turn"));
    assert!(written < requests.len(), "the kernel took all {written} bytes");

    server.handle.close(id).unwrap();

    // It is one that reads when all is written. From now on what it sends is discarded, so it comes to that.
    slow.set_nonblocking(false).unwrap();
    (&slow).write_all(&requests[written..]).unwrap();
    slow.shutdown(Shutdown::Write).unwrap();
    let replies = read_all(&slow);
    assert!(requests.starts_with(&replies), "the replies differ from the requests");
    assert!(replies.len() > 10_000, "only {} bytes of replies", replies.len());
    assert_eq!(server.log.end_of(id), (Why::Closed, 0));
}

#[test]
fn a_client_that_is_held_back_no_more_when_it_is_closed_is_closed() {
    // All in one turn: there is room for all that is queued, and it is closed.
    let (busy, entered) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let recorder = Recorder::new(Lines::default, move |clients, from, line| {
        if line == b"be busy" {
            busy.send(()).unwrap();
            released.recv().unwrap();
        }
        echo(clients, from, line);
    });
    let server = Server::start(Builder::new().high_water(10_000), recorder);
    let (slow, id) = server.join();
    let (mut other, _) = server.join();
    let mut turns = 0;
    fill(&slow, &b"what is sent must come back\n".repeat(MEGABYTE), || {
        turns += 1;
        assert_eq!(ask(&mut other, "a turn"), "a turn");
    });
    slow.set_nonblocking(false).unwrap();
    other.write_all(b"be busy\n").unwrap();
    entered.recv_timeout(common::PATIENCE).unwrap();

    let in_kernel = server.stats().bytes_out as usize - turns * "a turn\n".len();
    let replies = read_bytes(&slow, in_kernel);
    server.handle.close(id).unwrap();
    release.send(()).unwrap();

    assert!(read_all(&slow).len() > 10_000, "nothing was held back, {} bytes came before", replies.len());
    drop(slow);
    assert_eq!(server.log.end_of(id), (Why::Closed, 0));
}

#[test]
fn a_client_that_is_held_back_can_half_close_and_gets_all_its_replies() {
    const LINE: &[u8] = b"what is sent must come back\n";
    let server = echo_server(Builder::new().high_water(10_000));
    let (slow, id) = server.join();
    let (mut other, _) = server.join();
    let requests = LINE.repeat(MEGABYTE);
    let written = fill(&slow, &requests, || assert_eq!(ask(&mut other, "a turn"), "a turn"));
    assert!(written < requests.len(), "the kernel took all {written} bytes");

    slow.shutdown(Shutdown::Write).unwrap();

    slow.set_nonblocking(false).unwrap();
    assert!(read_all(&slow) == requests[..written / LINE.len() * LINE.len()], "the replies differ");
    assert_eq!(server.log.end_of(id), (Why::Peer, 0));
}

#[test]
fn a_closed_client_that_reads_nothing_is_idle_whatever_it_sends() {
    const TOO_MUCH: usize = 32 * MEGABYTE;
    let recorder = Recorder::new(Lines::default, |clients, from, _| {
        clients.send(from, &vec![b'x'; TOO_MUCH]);
        clients.close(from);
    });
    let server = Server::start(Builder::new().idle_timeout(Duration::from_millis(300)), recorder);
    let (mut deaf, id) = server.join();
    deaf.write_all(b"a lot, please\n").unwrap();

    deaf.set_nonblocking(true).unwrap();
    until("the deaf client to be given up", || {
        drop(deaf.write(b"still here\n"));
        server.log.wait_at_most(Duration::from_millis(10), |log| log.ended(id)).is_some()
    });

    let (why, unsent) = server.log.end_of(id);
    assert!(why == Why::Closed && unsent > 0, "{why:?}, {unsent} bytes unsent");
}

#[test]
fn nothing_is_heard_from_a_client_that_another_one_closed_in_the_same_turn() {
    // Both lines are there before the first turn, so both events come in one batch; who is first closes the other.
    let log = Log::default();
    let notes = log.clone();
    let recorder = Recorder::new(Lines::default, move |clients, from, line| {
        notes.message(from, line);
        let others: Vec<_> = clients.ids().filter(|id| *id != from).collect();
        others.into_iter().for_each(|id| clients.close(id));
    });
    let engine = Engine::bind("127.0.0.1:0", recorder.logging_to(&log)).unwrap();
    let mut pair = [0, 1].map(|_| connect(engine.local_addr().unwrap()));
    pair.iter_mut().for_each(|client| client.write_all(b"only me\n").unwrap());

    let running = engine.start().unwrap();

    let [_, closed] = log.wait("both", |log| <[ClientId; 2]>::try_from(log.connected()).ok());
    assert_eq!(read_all(&pair[1]), b"");
    pair[1].shutdown(Shutdown::Both).unwrap();
    assert_eq!(log.end_of(closed), (Why::Closed, 0));
    assert_eq!(log.messages(), ["only me"]);
    within_patience("the engine to end", || running.stop()).unwrap();
    log.check();
}

#[test]
fn a_client_is_not_taken_for_the_one_that_had_its_place_before() {
    let server = echo_server(Builder::new());
    let (gone, old) = server.join();
    drop(gone);
    server.log.end_of(old);
    let (mut client, new) = server.join();
    assert_eq!((new.index(), new == old), (old.index(), false));

    server.handle.send(old, "not for you\n").unwrap();
    server.handle.close(old).unwrap();

    // The mailbox is emptied in order, so by now the engine has looked at both.
    server.handle.send(new, "for you\n").unwrap();
    assert_eq!(read_line(&client), "for you");
    assert_eq!(ask(&mut client, "alive"), "alive");
    until("the count to be published", || server.stats().undelivered == 1);
}

#[test]
fn an_event_of_a_client_that_has_gone_touches_nobody() {
    // As long as a duplicate of its descriptor is open, epoll reports a socket that the engine has closed.
    let server = echo_server(Builder::new().high_water(1_000));
    let (mut gone, old) = server.join();
    let sockets = os::sockets_at(server.address.port());
    let duplicates: Vec<_> =
        sockets.into_iter().filter(|(_, listens)| !listens).map(|(fd, _)| os::duplicate(fd)).collect();
    server.handle.send(old, vec![b'x'; 32 * MEGABYTE]).unwrap();
    server.handle.send(old, "too much").unwrap();
    assert_eq!(server.log.end_of(old).0, Why::TooSlow);
    let (mut client, new) = server.join();
    assert_eq!(new.index(), old.index());

    let before = server.stats().wakeups;
    gone.write_all(b"a stale event\n").unwrap();
    until("the event", || server.stats().wakeups > before);

    assert_eq!(ask(&mut client, "alive"), "alive");
    assert_eq!(ask(&mut client, "still alive"), "still alive");
    drop(duplicates);
}

#[test]
fn a_client_can_be_refused_as_soon_as_it_connects() {
    let recorder = Recorder::new(Lines::default, |_, _, _| panic!("a message")).on_connected(|clients, id| {
        clients.send(id, b"no\n");
        clients.close(id);
        assert!(!clients.send(id, b"yes\n"), "a closed client can be sent nothing");
        clients.close(id);
    });
    let server = Server::start(Builder::new(), recorder);

    let mut client = server.connect();
    client.write_all(b"please\n").unwrap();

    assert_eq!(read_all(&client), b"no\n");
    drop(client);
    let id = server.log.connected()[0];
    assert_eq!(server.log.end_of(id), (Why::Closed, 0));
}

#[test]
fn a_disconnection_can_be_told_to_the_others_and_can_end_them() {
    // Each end closes the next client, within one turn.
    let recorder = Recorder::new(Lines::default, echo).on_disconnected(|clients, id| {
        assert!(!clients.send(id, b"hello?\n"), "it has gone");
        let next = clients.ids().next();
        if let Some(next) = next {
            clients.send(next, b"and you\n");
            clients.close(next);
        }
    });
    let server = Server::start(Builder::new(), recorder);
    let (first, id) = server.join();
    let (second, _) = server.join();
    let (third, _) = server.join();

    drop(first);

    server.log.end_of(id);
    assert_eq!(read_all(&second), b"and you\n");
    drop(second);
    assert_eq!(read_all(&third), b"and you\n");
}
