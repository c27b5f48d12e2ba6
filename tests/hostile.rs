//! Clients that mean harm, or act as if they did: each hurts itself and nobody else.

mod common;

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::sync::mpsc;

use pretty_assertions::assert_eq;
use reactor::framing::{Fixed, LengthPrefixed, Lines};
use reactor::{Builder, ClientId, Clients, Framing, FramingError};

use common::{
    Log, Recorder, Server, Why, ask, connect, echo, echo_server, fill, os, read_all, read_bytes, read_line, until,
    within_patience,
};

/// More than the kernel holds for one connection, both ends together.
const TOO_MUCH: usize = 32 * 1024 * 1024;

/// Answers a line that starts with a number with so many bytes, and any other with itself.
fn generous(clients: &mut Clients, from: ClientId, line: &[u8]) {
    match str::from_utf8(line).ok().and_then(|line| line.parse().ok()) {
        Some(count) => drop(clients.send(from, &vec![b'x'; count])),
        None => echo(clients, from, line),
    }
}

fn generous_server(limits: Builder) -> Server<Lines> {
    Server::start(limits, Recorder::new(Lines::default, generous))
}

#[test]
fn a_client_that_never_reads_stops_nobody_else() {
    let server = generous_server(Builder::new().high_water(2 * TOO_MUCH));
    let (mut deaf, id) = server.join();
    let (mut other, _) = server.join();

    deaf.write_all(format!("{TOO_MUCH}\n").as_bytes()).unwrap();

    for number in 0..100 {
        assert_eq!(ask(&mut other, &format!("line {number}")), format!("line {number}"));
    }
    os::reset(deaf);
    let (why, unsent) = server.log.end_of(id);
    assert!(matches!(why, Why::Error(_)) && unsent > 0, "{why:?}, {unsent} bytes unsent");
}

#[test]
fn a_client_that_does_not_read_its_replies_is_not_read_from_until_it_does() {
    const LINE: &[u8] = b"what is sent must come back\n";
    let server = echo_server(Builder::new().high_water(10_000));
    let (slow, _) = server.join();
    let (mut other, _) = server.join();
    let requests = LINE.repeat(TOO_MUCH / LINE.len());

    let written = fill(&slow, &requests, || assert_eq!(ask(&mut other, "a turn"), "a turn"));
    let before = server.stats();
    (0..10).for_each(|_| assert_eq!(ask(&mut other, "a turn"), "a turn"));
    until("the counts to be published", || server.stats().messages == before.messages + 10);
    let grown = server.stats().bytes_in - before.bytes_in;

    // The kernel takes no more of its requests, and the engine reads none: only the other's ten lines came in.
    assert!(written < requests.len(), "the kernel took all {written} bytes");
    assert_eq!(grown, 10 * "a turn\n".len() as u64);
    // Once it reads, nothing has been lost.
    slow.set_nonblocking(false).unwrap();
    let mut replies = read_bytes(&slow, written / LINE.len() * LINE.len());
    (&slow).write_all(&requests[written..][..LINE.len() - written % LINE.len()]).unwrap();
    replies.extend(read_bytes(&slow, LINE.len()));
    assert!(replies == requests[..replies.len()], "the replies differ from the requests");
}

#[test]
fn a_client_that_is_sent_more_than_it_reads_is_disconnected_and_nobody_else_is() {
    const NEWS: &[u8] = &[b'n'; 100_000];
    let server = Server::start(
        Builder::new().high_water(200_000),
        Recorder::new(Lines::default, |clients, from, _| {
            for id in clients.ids().collect::<Vec<_>>() {
                clients.send(id, NEWS);
            }
            clients.send(from, b"\n");
        }),
    );
    let (deaf, id) = server.join();
    let (mut reader, _) = server.join();

    until("the deaf client to be given up", || {
        assert_eq!(ask(&mut reader, "news").len(), NEWS.len());
        server.log.ended(id).is_some()
    });

    let (why, unsent) = server.log.end_of(id);
    assert_eq!(why, Why::TooSlow);
    // More than twice the mark, but not more than one message more.
    assert!((400_001..=500_000).contains(&unsent), "{unsent} bytes unsent");
    assert_eq!(ask(&mut reader, "news").len(), NEWS.len());
    drop(deaf);
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
    until("the counts to be published", || server.stats().clients == 1);
    assert_eq!(server.stats().bytes_out - "alive\n".len() as u64 + unsent as u64, QUEUED as u64);
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
fn nonsense_ends_its_client_after_the_replies_that_were_due() {
    let server = Server::start(Builder::new(), Recorder::new(|| Lines::new(10), echo));
    let (mut old, _) = server.join();
    // The newest client, since that is the one that took the article's server down.
    let (mut newest, id) = server.join();

    newest.write_all(b"one\ntwo\nmuch too long\nthree\n").unwrap();

    assert_eq!(String::from_utf8(read_all(&newest)).unwrap(), "one\ntwo\n");
    drop(newest);
    assert_eq!(server.log.end_of(id), (Why::Framing(FramingError::TooLong { limit: 10 }), 0));
    assert_eq!(ask(&mut old, "alive"), "alive");
}

#[test]
fn a_framing_that_takes_impossible_counts_ends_its_client() {
    struct Takes(usize);
    impl Framing for Takes {
        type Message<'a> = &'a [u8];
        fn next<'a>(&mut self, input: &'a [u8]) -> Result<Option<(&'a [u8], usize)>, FramingError> {
            Ok(Some((input, self.0)))
        }
    }
    for taken in [0, 5, usize::MAX] {
        let server = Server::start(Builder::new(), Recorder::new(move || Takes(taken), |_, _, _| panic!("a message")));
        let (mut client, id) = server.join();

        client.write_all(b"four").unwrap();

        assert_eq!(read_all(&client), b"");
        drop(client);
        let (why, _) = server.log.end_of(id);
        assert!(matches!(why, Why::Framing(FramingError::Malformed(_))), "{taken}: {why:?}");
    }
}

#[test]
fn a_flood_is_read_a_budget_at_a_time() {
    const BUDGET: usize = 1_000;
    let log = Log::default();
    let notes = log.clone();
    let recorder = Recorder::new(|| Fixed::new(10), move |_, from, message| notes.message(from, message));
    let engine = Builder::new().read_budget(BUDGET).bind("127.0.0.1:0", recorder.logging_to(&log)).unwrap();
    let flood = connect(engine.local_addr().unwrap());
    // All this is there before the engine's first turn, and the flood has come first.
    let mut written = fill(&flood, &b"flood.....".repeat(TOO_MUCH / 10), || {});
    written -= written % 10;
    let mut calm = connect(engine.local_addr().unwrap());
    calm.write_all(b"calm......").unwrap();

    let running = engine.start().unwrap();

    let calm_at = log.wait("the calm client", |log| log.messages().iter().position(|message| message == "calm......"));
    assert!(written > 10 * BUDGET, "only {written} bytes of flood");
    // One budget's worth, or two if the calm client was accepted in a later turn.
    assert!(calm_at <= 2 * BUDGET / 10, "{calm_at} messages of the flood came first");
    drop((flood, calm));
    within_patience("the engine to end", || running.stop()).unwrap();
    log.check();
}

#[test]
fn a_client_that_says_nothing_blocks_nobody() {
    let server = echo_server(Builder::new());
    let silent: Vec<_> = (0..20).map(|_| server.join()).collect();

    let (mut other, _) = server.join();

    assert_eq!(ask(&mut other, "alive"), "alive");
    drop(silent);
}

#[test]
fn garbage_behind_nonsense_is_discarded_and_holds_up_nobody() {
    let server = Server::start(
        Builder::new(),
        Recorder::new(
            || LengthPrefixed::new(10),
            |clients, from, message| {
                clients.send(from, message);
            },
        ),
    );
    let (mut hostile, id) = server.join();
    let (mut other, _) = server.join();
    let (flooding, _done) = mpsc::channel::<()>();

    let flood = std::thread::spawn(move || {
        let _flooding = flooding;
        // Until the engine has had enough and takes the socket away.
        while hostile.write_all(&[0xff; 100_000]).is_ok() {}
    });

    for _ in 0..100 {
        other.write_all(&[0, 0, 0, 2, b'o', b'k']).unwrap();
        assert_eq!(read_bytes(&other, 2), b"ok");
    }
    assert_eq!(server.log.end_of(id), (Why::Framing(FramingError::TooLong { limit: 10 }), 0));
    flood.join().unwrap();
    assert_eq!(server.stats().messages, 100);
}

#[test]
fn a_client_that_leaves_takes_no_strangers_descriptor_with_it() {
    // The number of the client's descriptor is free as soon as it is closed, and the next file gets it.
    let (opened, files) = mpsc::channel();
    let recorder = Recorder::new(Lines::default, echo).on_disconnected(move |_, _| {
        opened.send(File::open("/proc/self/comm").unwrap()).unwrap();
    });
    let server = Server::start(Builder::new(), recorder);
    let leaving: Vec<_> = (0..10).map(|_| server.join()).collect();

    let ids: Vec<_> = leaving.into_iter().map(|(_, id)| id).collect();

    for id in ids {
        server.log.end_of(id);
    }
    let (mut other, _) = server.join();
    assert_eq!(ask(&mut other, "alive"), "alive");
    for mut file in files.try_iter() {
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_ne!(text, "");
    }
}

#[test]
fn a_client_that_keeps_one_direction_shut_is_still_read_from() {
    let server = generous_server(Builder::new());
    let (mut client, id) = server.join();
    // It will never read again; what is sent to it is acknowledged, and dropped.
    client.shutdown(Shutdown::Read).unwrap();

    client.write_all(b"one\n").unwrap();
    until("the reply to be sent", || server.stats().bytes_out == 4);
    client.shutdown(Shutdown::Write).unwrap();

    assert!(matches!(server.log.end_of(id), (Why::Peer | Why::Error(_), 0)));
}

#[test]
fn a_read_that_would_block_is_no_error() {
    let server = echo_server(Builder::new().read_budget(4));
    let (mut client, _) = server.join();

    client.write_all(b"abc\n").unwrap();

    // The budget was used up to the last byte, so the engine has asked for more and was told that there is none.
    assert_eq!(read_line(&client), "abc");
    until("the EAGAIN to be counted", || server.stats().eagains == 1);
    client.set_nonblocking(true).unwrap();
    assert_eq!(client.peek(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    client.set_nonblocking(false).unwrap();
    assert_eq!(ask(&mut client, "def"), "def");
}
