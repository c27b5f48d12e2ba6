//! Edge-triggered, the kernel tells of a change once; a server that does not remember it has bytes, ends and
//! connections that nobody ever asks for.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use pretty_assertions::assert_eq;

use crate::common::{EPOLL_WAIT, Program};
use crate::hardship::{self, arrived, bytes, echo, interests, read, rest, turn_of_leaving};

const EXE: &str = env!("CARGO_BIN_EXE_03-edge-triggered");

fn server(flags: &[&str]) -> Program {
    Program::start(EXE, flags)
}

/// A client that the server has accepted, and knows no news of.
fn settled(server: &mut Program) -> TcpStream {
    let mut client = server.connect();
    assert_eq!(echo(&mut client, "hello"), "hello");
    server.until_asleep_in(EPOLL_WAIT);
    client
}

/// Lets clients act while the server is stopped, so that it finds everything in one look.
fn while_it_does_not_look(server: &mut Program, act: impl FnOnce(&mut Program)) {
    server.until_asleep_in(EPOLL_WAIT);
    server.while_stopped(act);
}

/// Sends `bytes` and the end of the stream, and waits until both are in the server's queue.
fn send_all(server: &mut Program, client: &mut TcpStream, bytes: &[u8]) {
    client.write_all(bytes).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    // The end takes a place in the queue like a byte.
    server.until("all bytes", |server| server.queues(client).filter(|queues| queues.receive == bytes.len() + 1));
}

#[test]
fn the_flaw_read_once_sleeps_while_bytes_wait() {
    let mut server = server(&["--read-once", "--buffer", "8"]);
    let mut client = settled(&mut server);

    client.write_all(b"hello, world").unwrap();

    assert_eq!(read(&mut client, 8), "hello, w");
    server.until_asleep_in(EPOLL_WAIT);
    assert_eq!(server.queues(&client).unwrap().receive, 4);
    assert_eq!(arrived(&mut client), 0);
}

#[test]
fn new_bytes_are_an_event_although_the_queue_was_never_empty() {
    let mut server = server(&["--read-once", "--buffer", "8"]);
    let mut client = settled(&mut server);
    client.write_all(b"hello, world").unwrap();
    assert_eq!(read(&mut client, 8), "hello, w");

    for _ in 0..10 {
        server.until_asleep_in(EPOLL_WAIT);
        assert_eq!(server.queues(&client).unwrap().receive, 4);
        client.write_all(b"12345678").unwrap();
        read(&mut client, 8);
    }
}

#[test]
fn without_it_all_bytes_come_back_whatever_one_read_holds() {
    let mut server = server(&["--buffer", "8"]);
    let mut client = settled(&mut server);

    for text in ["hello, world", "12345678", "1234567812345678", "9"] {
        assert_eq!(echo(&mut client, text), text);
    }
}

/// Three clients connect while the server does not look; each says something.
fn three_at_once(server: &mut Program) -> [TcpStream; 3] {
    let mut clients = Vec::new();
    while_it_does_not_look(server, |server| {
        for _ in 0..3 {
            let mut client = server.connect();
            client.write_all(b"anyone there?").unwrap();
            clients.push(client);
        }
    });
    clients.try_into().expect("three")
}

#[test]
fn the_flaw_accept_once_leaves_those_who_came_together_in_the_queue() {
    let mut server = server(&["--accept-once"]);
    let [mut first, mut second, mut third] = three_at_once(&mut server);
    assert_eq!(read(&mut first, 13), "anyone there?");
    server.until_asleep_in(EPOLL_WAIT);
    assert_eq!((arrived(&mut second), arrived(&mut third)), (0, 0));

    // The next connection is an edge: one more of those that wait is accepted, and not the newcomer.
    let mut fourth = server.connect();
    fourth.write_all(b"and me?").unwrap();
    assert_eq!(read(&mut second, 13), "anyone there?");
    server.until_asleep_in(EPOLL_WAIT);
    assert_eq!((arrived(&mut third), arrived(&mut fourth)), (0, 0));
}

#[test]
fn without_it_all_who_came_together_are_served() {
    let mut server = server(&[]);
    for mut client in three_at_once(&mut server) {
        assert_eq!(read(&mut client, 13), "anyone there?");
    }
}

#[test]
fn the_flaw_no_rdhup_never_sees_an_end_behind_a_short_read() {
    let mut server = server(&["--no-rdhup"]);
    let mut client = settled(&mut server);

    while_it_does_not_look(&mut server, |server| send_all(server, &mut client, b"the last words"));

    assert_eq!(read(&mut client, 14), "the last words");
    server.until_asleep_in(EPOLL_WAIT);
    assert_eq!(interests(&server).len(), 2);
    assert!(!server.log().contains("left"), "{}", server.log());
}

#[test]
fn with_rdhup_the_end_behind_a_short_read_is_seen() {
    let mut server = server(&[]);
    let mut client = settled(&mut server);

    while_it_does_not_look(&mut server, |server| send_all(server, &mut client, b"the last words"));

    assert_eq!(rest(&mut client), b"the last words");
    server.until_log("left after 19 bytes");
    assert_eq!(interests(&server).len(), 1);
}

/// One client has 40,000 bytes in the queue, another one word behind them. In which turn did each leave?
fn long_before_short(flags: &[&str]) -> (u64, u64) {
    let mut server = server(flags);
    let (mut long, mut short) = (settled(&mut server), settled(&mut server));
    while_it_does_not_look(&mut server, |server| {
        send_all(server, &mut long, &bytes(40_000));
        send_all(server, &mut short, b"hurry");
    });
    assert_eq!((rest(&mut long).len(), rest(&mut short).len()), (40_000, 5));
    let [long, short] = [&long, &short].map(|client| client.local_addr().unwrap());
    (turn_of_leaving(&mut server, long), turn_of_leaving(&mut server, short))
}

#[test]
fn the_flaw_no_budget_makes_the_short_one_wait_for_the_long_one() {
    let (long, short) = long_before_short(&["--no-budget"]);

    assert!(long <= short, "the long one left in turn {long}, the short one in turn {short}");
}

#[test]
fn with_a_budget_the_short_one_is_done_first() {
    let (long, short) = long_before_short(&[]);

    assert!(short < long, "the long one left in turn {long}, the short one in turn {short}");
}

#[test]
fn while_one_floods_the_others_are_answered() {
    let server = server(&["--work", "200"]);
    let mut flood = server.connect();
    let (mut far, stop) = (flood.try_clone().unwrap(), Arc::new(AtomicBool::new(false)));
    let enough = Arc::clone(&stop);
    let writer = thread::spawn(move || {
        while !enough.load(Ordering::Relaxed) {
            far.write_all(&[0; 1 << 16]).unwrap();
        }
        far.shutdown(Shutdown::Write).unwrap();
    });
    let reader = thread::spawn(move || while flood.read(&mut [0; 1 << 16]).unwrap() > 0 {});

    let mut other = server.connect();
    for _ in 0..100 {
        assert_eq!(echo(&mut other, "and me?"), "and me?");
    }

    stop.store(true, Ordering::Relaxed);
    writer.join().unwrap();
    reader.join().unwrap();
}

#[test]
fn a_hundred_messages_are_a_hundred_turns_and_three() {
    let mut server = server(&[]);
    let mut client = settled(&mut server);
    let addr = client.local_addr().unwrap();
    for _ in 0..99 {
        assert_eq!(echo(&mut client, "hello"), "hello");
    }
    server.until_asleep_in(EPOLL_WAIT);
    drop(client);

    // Three: the connection, the look whether there is another, and the end.
    let turns = turn_of_leaving(&mut server, addr);
    assert!(turns <= 103, "{turns} turns");
}

#[test]
fn everything_is_asked_for_once() {
    let mut server = server(&[]);
    let mut client = settled(&mut server);
    let everything =
        libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLRDHUP | libc::EPOLLET | libc::EPOLLERR | libc::EPOLLHUP;
    let before = interests(&server);
    assert_eq!(before[1].1, everything.cast_unsigned());

    hardship::stuff(&mut server, &mut client, EPOLL_WAIT);

    assert_eq!(interests(&server), before);
}

#[test]
fn one_that_never_reads_stops_nobody() {
    hardship::one_that_never_reads(&mut server(&[]));
}

#[test]
fn bytes_come_back_one_at_a_time() {
    hardship::a_byte_at_a_time(&mut server(&[]));
}

#[test]
fn a_long_stream_comes_back_as_it_was_sent() {
    hardship::a_long_stream(&mut server(&[]));
    hardship::a_long_stream(&mut server(&["--no-budget"]));
}

#[test]
fn a_client_that_has_shut_down_its_side_still_gets_all_its_bytes() {
    hardship::a_request_and_an_end_in_one(&mut server(&[]));
}

#[test]
fn a_reset_ends_its_client_and_no_other() {
    hardship::a_reset(&mut server(&[]));
}

#[test]
fn a_thousand_clients_are_served() {
    hardship::a_thousand_clients(EXE);
}

#[test]
fn a_client_for_whom_there_is_no_descriptor_waits_and_costs_nothing() {
    hardship::no_descriptor_left(EXE);
}

#[test]
fn a_client_for_whom_there_is_no_descriptor_need_not_wait_for_another_to_come() {
    hardship::no_descriptor_and_no_client(EXE);
}

#[test]
fn ctrl_c_ends_the_program_with_status_0() {
    hardship::ctrl_c(server(&[]));
}
