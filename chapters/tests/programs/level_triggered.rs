//! One thread serves all clients: it sleeps while nobody is ready, and waits for none of them.

use std::io::Write;

use pretty_assertions::assert_eq;

use crate::common::{EPOLL_WAIT, Program};
use crate::hardship::{self, echo, interests, rest, stuff, turn_of_leaving};

const EXE: &str = env!("CARGO_BIN_EXE_02-level-triggered");

/// What the kernel reports without being asked.
const ALWAYS: u32 = (libc::EPOLLERR | libc::EPOLLHUP) as u32;
const IN: u32 = libc::EPOLLIN as u32;
const OUT: u32 = libc::EPOLLOUT as u32;

fn server(flags: &[&str]) -> Program {
    Program::start(EXE, flags)
}

#[test]
fn one_thread_serves_the_second_client_while_the_first_is_silent() {
    let server = server(&[]);
    let mut first = server.connect();
    let mut second = server.connect();

    assert_eq!(echo(&mut second, "anyone there?"), "anyone there?");
    assert_eq!(echo(&mut first, "hello"), "hello");
    assert!(server.proc("status").contains("\nThreads:\t1\n"));
}

#[test]
fn the_flaw_blocking_stops_all_for_one_that_never_reads() {
    let mut server = server(&["--blocking"]);
    let mut silent = server.connect();
    let mut other = server.connect();
    assert_eq!(echo(&mut other, "hello"), "hello");

    stuff(&mut server, &mut silent, libc::SYS_sendto);
    other.write_all(b"anyone there?").unwrap();

    server.until("the bytes of the other", |server| server.queues(&other).filter(|queues| queues.receive == 13));
    server.until_asleep_in(libc::SYS_sendto);
    assert_eq!(server.queues(&other).unwrap().receive, 13);

    // It waits for this one client and for nothing else.
    drop(silent);
    assert_eq!(hardship::read(&mut other, 13), "anyone there?");
}

#[test]
fn without_it_one_that_never_reads_stops_nobody() {
    hardship::one_that_never_reads(&mut server(&[]));
}

#[test]
fn the_flaw_always_writable_spins_while_nobody_says_anything() {
    let mut server = server(&["--always-writable"]);
    let _silent = server.connect();

    server.until_log("\n100000 turns of the loop");
}

#[test]
fn without_it_a_hundred_messages_are_at_most_a_hundred_turns() {
    let mut server = server(&[]);
    let mut client = server.connect();
    let addr = client.local_addr().unwrap();
    for _ in 0..100 {
        assert_eq!(echo(&mut client, "hello"), "hello");
    }
    server.until_asleep_in(EPOLL_WAIT);
    drop(client);

    // One more for the connection, and one for its end.
    let turns = turn_of_leaving(&mut server, addr);
    assert!(turns <= 102, "{turns} turns");
}

#[test]
fn writable_is_asked_for_while_bytes_wait_and_no_longer() {
    let mut server = server(&[]);
    let mut client = server.connect();
    assert_eq!(echo(&mut client, "hello"), "hello");
    let [_, (fd, mask)] = interests(&server)[..] else { panic!("two are watched: the listener and the client") };
    assert_eq!(mask, IN | ALWAYS);

    let sent = stuff(&mut server, &mut client, EPOLL_WAIT);
    assert!(interests(&server).contains(&(fd, OUT | ALWAYS)), "{:x?}", interests(&server));

    hardship::read_all(&mut client, sent);
    server
        .until("what it was watched for before", |server| interests(server).contains(&(fd, IN | ALWAYS)).then_some(()));
}

#[test]
fn always_writable_is_what_the_kernel_is_asked_for_with_the_flaw() {
    let server = server(&["--always-writable"]);
    let mut client = server.connect();
    assert_eq!(echo(&mut client, "hello"), "hello");

    let masks: Vec<_> = interests(&server).iter().map(|(_, mask)| *mask).collect();

    assert_eq!(masks, [IN | ALWAYS, IN | OUT | ALWAYS]);
}

#[test]
fn what_one_read_leaves_is_reported_again() {
    let mut server = server(&[]);
    let mut client = server.connect();
    let addr = client.local_addr().unwrap();
    assert_eq!(echo(&mut client, "hello"), "hello");
    server.until_asleep_in(EPOLL_WAIT);

    // All of it is there before the server looks: three reads of 16 KiB, for which the client did nothing but this.
    server.signal(libc::SIGSTOP);
    let sent = hardship::bytes(40_000);
    client.write_all(&sent).unwrap();
    client.shutdown(std::net::Shutdown::Write).unwrap();
    server.until("all bytes", |server| server.queues(&client).filter(|queues| queues.receive >= 40_000));
    server.signal(libc::SIGCONT);

    assert_eq!(rest(&mut client), sent);
    // The connection and the hello may have been one turn or two; then three with bytes and one with the end.
    let turns = turn_of_leaving(&mut server, addr);
    assert!((5..=6).contains(&turns), "{turns} turns");
}

#[test]
fn closing_a_socket_takes_it_off_the_interest_list() {
    let mut server = server(&[]);
    let mut client = server.connect();
    assert_eq!(echo(&mut client, "hello"), "hello");
    assert_eq!(interests(&server).len(), 2);

    drop(client);

    server.until("the listener to be alone on the list", |server| (interests(server).len() == 1).then_some(()));
}

#[test]
fn bytes_come_back_one_at_a_time() {
    hardship::a_byte_at_a_time(&mut server(&[]));
}

#[test]
fn a_long_stream_comes_back_as_it_was_sent() {
    hardship::a_long_stream(&mut server(&[]));
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
fn an_interrupted_wait_is_repeated() {
    let mut server = server(&[]);
    let mut client = server.connect();
    server.until_asleep_in(EPOLL_WAIT);

    server.while_stopped(|_| ());

    assert_eq!(echo(&mut client, "still there?"), "still there?");
}

#[test]
fn ctrl_c_ends_the_program_with_status_0() {
    hardship::ctrl_c(server(&[]));
    hardship::ctrl_c(server(&["--always-writable"]));
}
