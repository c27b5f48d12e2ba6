//! Clients that mean harm, or act as if they did: each hurts itself and nobody else.
//!
//! The framework of the article that this engine follows was taken into the field, and failed there in these ways.
//! What holds here instead, and where it is tested:
//!
//! | fault | what it did | here |
//! |---|---|---|
//! | F1 | EAGAIN of a send was tried again at once | [`a_client_that_never_reads_stops_nobody_else`] |
//! | F2 | so was any other error | reset: `a_reset_with_replies_queued_ends_that_client_and_counts_them` |
//! | F3 | SIGPIPE | reset: `a_write_to_a_client_that_has_gone_raises_no_signal` |
//! | F4 | nonsense from the newest client | [`nonsense_ends_its_client_after_the_replies_that_were_due`] |
//! | F5 | a descriptor was closed twice | [`a_client_that_leaves_takes_no_strangers_descriptor_with_it`] |
//! | F6 | a client was used after `delete` | C++ (the slab owns it; nothing else can reach it) |
//! | F7 | an unknown read error ended the server | reset: `a_connection_that_times_out_ends_that_client` |
//! | F8 | so did EMFILE of accept | limits: `out_of_descriptors_the_engine_waits_until_a_client_leaves` and `.._goes_on_..` |
//! | F9 | a half-closing client got no reply | engine: `a_request_and_the_end_in_one_segment_get_a_reply` |
//! | F10 | reads without a budget | [`a_flood_is_read_a_budget_at_a_time`] |
//! | F11, F12 | each wake looked at all clients, twice | engine: `a_message_costs_one_wake_up` |
//! | F13 | no limit on clients | limits: `a_client_over_the_limit_waits_until_one_leaves` |
//! | F14 | half closed and closed looked the same | engine: `a_half_closed_client_may_be_answered_later_from_another_thread`; reset: `a_half_closed_client_that_waits_and_then_resets_is_noticed` |
//! | F15, F16 | no `return`; a missing `#include` | C++ (neither compiles in Rust) |
//! | F17 | errors of the server's own calls were ignored | address: `an_engine_that_cannot_be_made_leaves_nothing_open`; stop: `an_engine_whose_listener_fails_tells_everybody` |
//! | F18 | so were those of epoll_wait | address: `an_engine_goes_on_when_a_signal_interrupts_it` |
//! | F19 | the eventfd's number was used after its end | stop: `a_handle_of_a_stopped_engine_gives_the_bytes_back` |
//! | F20 | nobody was told of the stop | stop: `everybody_is_told_that_the_engine_stops` |
//! | F21 | stop before start; no stop at all | stop: `an_engine_that_is_stopped_before_it_runs_serves_nobody`, `dropping_a_running_engine_stops_it` |
//! | F22 | `volatile` between threads | C++ (does not compile in Rust); stop: `an_engine_can_be_stopped_twice_and_by_anybody` |
//! | F23 | children inherited connections | address: `no_descriptor_is_inherited_by_a_child` |
//! | F24 | `onConnected` for a client that epoll refused | by reading: `on_connected` comes after `add` (a test would need the whole system's limit of watches) |
//! | F25 | 4,000 replies at once, and all were lost | engine: `ten_thousand_messages_sent_at_once_are_answered_in_order` |
//! | F26, F27, F28 | `delete` of an array, of a stranger's buffer, or none | C++ (a `Vec` owns its bytes) |
//! | F29 | an empty message stopped a connection | engine: `an_empty_message_is_a_message` |
//! | F30 | garbage behind nonsense was read on | [`garbage_behind_nonsense_is_discarded_and_holds_up_nobody`] |
//! | F31 | a framing that takes 0 bytes, or too many | [`a_framing_that_takes_impossible_counts_ends_its_client`] |
//! | F32 | eight bytes for the eventfd, little-endian | waker: `a_wake_ends_a_wait` (`to_ne_bytes`) |
//! | F33 | no virtual destructor | C++ |
//! | F34, F35 | a silent TLS client; errno of TLS | there is no TLS here; [`a_client_that_says_nothing_blocks_nobody`] |
//! | F36 | events were told apart by descriptor | closing: `an_event_of_a_client_that_has_gone_touches_nobody`, `nothing_is_heard_from_a_client_that_another_one_closed_in_the_same_turn`, `a_client_is_not_taken_for_the_one_that_had_its_place_before` |
//! | Q1, Q9 | a full ring lost all it held, and did not say so | limits: `a_full_mailbox_gives_the_bytes_back_and_keeps_what_it_holds`; queue |
//! | Q2, Q5, Q6, Q7 | stale slots, ABA, a capacity one short | queue: `a_ring_is_a_bounded_first_in_first_out_queue`, and the package `models` |
//! | Q3, Q4 | plain variables between threads | the package `models`; handle: `four_threads_may_send_to_one_client_at_once` |
//! | Q8 | values left in the ring leaked | queue: `each_value_is_dropped_once` |

mod common;

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc;

use pretty_assertions::assert_eq;
use reactor::framing::{Fixed, LengthPrefixed, Lines};
use reactor::{Builder, Framing, FramingError};

use common::{
    Log, Recorder, Server, TOO_MUCH, Why, ask, connect, echo, echo_server, fill, generous_server, os, read_all,
    read_bytes, read_line, until, within_patience,
};

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
    let grown = server.stats().bytes_in - before.bytes_in;

    // The kernel takes no more of its requests, and the engine reads none: only the other's lines came in.
    assert!(written < requests.len(), "the kernel took all {written} bytes");
    // Ten of them, or eleven: the counts of a turn are published after its replies have left.
    assert!(grown <= 11 * "a turn\n".len() as u64, "{grown} bytes in");
    // Once it reads, nothing has been lost.
    slow.set_nonblocking(false).unwrap();
    let mut replies = read_bytes(&slow, written / LINE.len() * LINE.len());
    (&slow).write_all(&requests[written..][..LINE.len() - written % LINE.len()]).unwrap();
    replies.extend(read_bytes(&slow, LINE.len()));
    assert!(replies == requests[..replies.len()], "the replies differ from the requests");
}

static REPLY: [u8; 32_000] = [b'r'; 32_000];
const NEWS: &[u8] = b"news";
const MARK: usize = 1_000_000;

/// Answers each line with [`REPLY`], and "be busy" by being busy: it says how much of all that it sent the kernel has
/// taken, and does nothing more until it is released. "fill" is that as well, but before it sends to all others more
/// than they may leave, and behind it some news.
fn busy_server() -> (Server<Lines>, mpsc::Receiver<usize>, mpsc::Sender<()>) {
    let (busy, entered) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let mut sent = 0;
    let recorder = Recorder::new(Lines::default, move |clients, from, line| {
        if line.is_empty() {
            clients.send(from, &REPLY);
            sent += REPLY.len();
            return;
        }
        let others: Vec<_> = clients.ids().filter(|id| *id != from).collect();
        for id in others.iter().filter(|_| line == b"fill") {
            while clients.queued(*id) <= 2 * MARK {
                clients.send(*id, &REPLY);
                sent += REPLY.len();
            }
        }
        let waiting: usize = others.iter().map(|id| clients.queued(*id)).sum();
        busy.send(sent - waiting).unwrap();
        released.recv().unwrap();
        others.iter().filter(|_| line == b"fill").for_each(|id| _ = clients.send(*id, NEWS));
    });
    (Server::start(Builder::new().high_water(MARK), recorder), entered, release)
}

#[test]
fn a_client_that_is_held_back_no_more_when_it_is_sent_something_is_read_from_again() {
    const REQUESTS: usize = TOO_MUCH / REPLY.len();
    let (server, busy, release) = busy_server();
    let (mut slow, id) = server.join();
    let (mut other, _) = server.join();
    // They come in one read. Most of them wait in the engine when it is held back, and no event tells of them.
    slow.write_all(&b"\n".repeat(REQUESTS)).unwrap();
    until("the client to be held back", || server.stats().messages > 0);
    other.write_all(b"be busy\n").unwrap();
    let in_kernel = busy.recv_timeout(common::PATIENCE).unwrap();

    // All in one turn: there is room for all that is queued, and something more is sent.
    read_bytes(&slow, in_kernel);
    server.handle.send(id, NEWS).unwrap();
    release.send(()).unwrap();

    read_bytes(&slow, REQUESTS * REPLY.len() + NEWS.len() - in_kernel);
}

#[test]
fn a_client_that_has_read_what_the_kernel_took_is_not_too_slow() {
    let (server, busy, release) = busy_server();
    let (slow, id) = server.join();
    let (mut other, _) = server.join();
    other.write_all(b"fill\n").unwrap();
    let in_kernel = busy.recv_timeout(common::PATIENCE).unwrap();

    // More than twice the mark waits, but there is room for it in the kernel. More comes in this turn, and in the next.
    read_bytes(&slow, in_kernel);
    server.handle.send(id, NEWS).unwrap();
    release.send(()).unwrap();

    read_bytes(&slow, 2 * MARK + 2 * NEWS.len());
    assert_eq!(server.log.ended(id), None);
}

#[test]
fn a_client_that_is_sent_more_than_it_reads_is_disconnected_and_nobody_else_is() {
    const NEWS: &[u8] = &[b'n'; 100_000];
    fn ask_for_news(mut client: &TcpStream) {
        client.write_all(b"news\n").unwrap();
        assert!(read_bytes(client, NEWS.len()) == NEWS);
    }
    let server = Server::start(
        Builder::new().high_water(200_000),
        Recorder::new(Lines::default, |clients, _, _| {
            for id in clients.ids().collect::<Vec<_>>() {
                clients.send(id, NEWS);
            }
        }),
    );
    let (deaf, id) = server.join();
    let (reader, _) = server.join();

    until("the deaf client to be given up", || {
        ask_for_news(&reader);
        server.log.ended(id).is_some()
    });

    let (why, unsent) = server.log.end_of(id);
    assert_eq!(why, Why::TooSlow);
    // More than twice the mark, but not more than one message more.
    assert!((400_001..=500_000).contains(&unsent), "{unsent} bytes unsent");
    ask_for_news(&reader);
    drop(deaf);
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
