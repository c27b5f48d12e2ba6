//! A blocking server serves one client at a time, and gives each all its bytes back.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc::{self, TryRecvError};
use std::thread;

use pretty_assertions::assert_eq;

use crate::common::Program;
use crate::hardship::rest;

const EXE: &str = env!("CARGO_BIN_EXE_01-blocking-echo");

fn server(flags: &[&str]) -> Program {
    Program::start(EXE, flags)
}

/// Sends `text` and waits for as many bytes.
fn echo(client: &mut TcpStream, text: &str) -> String {
    client.write_all(text.as_bytes()).unwrap();
    let mut reply = vec![0; text.len()];
    client.read_exact(&mut reply).unwrap();
    String::from_utf8(reply).unwrap()
}

#[test]
fn the_second_client_waits_until_the_first_has_left() {
    let mut server = server(&[]);
    let mut first = server.connect();
    assert_eq!(echo(&mut first, "hello"), "hello");

    let mut second = server.connect();
    second.write_all(b"anyone there?").unwrap();
    server.until("the bytes of the second", |server| server.queues(&second).filter(|queues| queues.receive == 13));

    // The server runs: it answers the first client a hundred times. The bytes of the second stay where they are.
    for _ in 0..100 {
        assert_eq!(echo(&mut first, "still me"), "still me");
    }
    assert_eq!(server.queues(&second).unwrap().receive, 13);
    second.set_nonblocking(true).unwrap();
    assert_eq!(second.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);

    drop(first);
    second.set_nonblocking(false).unwrap();
    let mut reply = [0; 13];
    second.read_exact(&mut reply).unwrap();
    assert_eq!(&reply, b"anyone there?");
}

#[test]
fn with_threads_the_second_client_is_answered_at_once() {
    let server = server(&["--threads"]);
    let mut first = server.connect();
    let mut second = server.connect();

    assert_eq!(echo(&mut second, "anyone there?"), "anyone there?");
    assert_eq!(echo(&mut first, "hello"), "hello");
    assert_eq!(echo(&mut second, "still here"), "still here");
}

#[test]
fn a_silent_client_is_waited_for_in_the_kernel() {
    let mut server = server(&[]);
    server.until_asleep_in(libc::SYS_accept4);

    let client = server.connect();
    server.until_asleep_in(libc::SYS_recvfrom);

    drop(client);
    server.until_asleep_in(libc::SYS_accept4);
}

#[test]
fn bytes_come_back_one_at_a_time() {
    let server = server(&[]);
    let mut client = server.connect();
    client.set_nodelay(true).unwrap();

    for letter in "one at a time".split_inclusive(|_| true) {
        assert_eq!(echo(&mut client, letter), letter);
    }
}

#[test]
fn a_client_that_has_shut_down_its_side_still_gets_all_its_bytes() {
    let mut server = server(&[]);
    let mut client = server.connect();

    client.write_all(b"the last words").unwrap();
    client.shutdown(Shutdown::Write).unwrap();

    assert_eq!(rest(&mut client), b"the last words");
    server.until_log("left after 14 bytes");
}

/// A client sends more and more and reads nothing, until the server sleeps in `write`. Then the server is stopped as by
/// Ctrl-Z and goes on as by `fg`, and the client reads. Returns what it sent and what it got.
fn interrupted_write(server: &mut Program) -> (Vec<u8>, Vec<u8>) {
    let mut client = server.connect();
    let (enough, stop) = mpsc::channel::<()>();
    let mut far = client.try_clone().unwrap();
    let writer = thread::spawn(move || {
        let mut sent = Vec::new();
        while stop.try_recv() != Err(TryRecvError::Disconnected) {
            let chunk: Vec<u8> = (0..1 << 16).map(|i| ((sent.len() >> 16) + i) as u8).collect();
            far.write_all(&chunk).unwrap();
            sent.extend(chunk);
        }
        far.shutdown(Shutdown::Write).unwrap();
        sent
    });
    let mut got = Vec::new();
    server.until("a short write", |server| {
        server.until_asleep_in(libc::SYS_sendto);
        server.while_stopped(|_| ());
        // It may have slept at the start of a write, of which there is no half. Then let it go on to the next sleep.
        let mut some = [0; 1 << 16];
        let n = client.read(&mut some).unwrap();
        got.extend(&some[..n]);
        server.log().contains("short write").then_some(())
    });
    drop(enough);
    got.extend(rest(&mut client));
    (writer.join().unwrap(), got)
}

#[test]
fn an_interrupted_write_is_short_and_the_rest_is_sent_by_another() {
    let mut server = server(&[]);

    let (sent, got) = interrupted_write(&mut server);

    assert!(got == sent, "{} of {} bytes came back, or not as they were sent", got.len(), sent.len());
}

#[test]
fn the_flaw_write_once_loses_what_a_short_write_did_not_take() {
    let mut server = server(&["--write-once"]);

    let (sent, got) = interrupted_write(&mut server);

    server.until_log(&format!("left after {} bytes", sent.len()));
    let lost = lost(&server.log());
    assert!(lost > 0);
    assert_eq!(got.len(), sent.len() - lost);
}

/// The sum over the lines `short write: the kernel took TAKEN of WHOLE bytes`.
fn lost(log: &str) -> usize {
    let lines = log.lines().filter_map(|line| line.strip_prefix("short write: the kernel took "));
    let numbers = lines.map(|line| line.strip_suffix(" bytes").and_then(|line| line.split_once(" of ")).unwrap());
    numbers.map(|(taken, whole)| whole.parse::<usize>().unwrap() - taken.parse::<usize>().unwrap()).sum()
}

#[test]
fn a_read_interrupted_by_a_stop_is_repeated() {
    let mut server = server(&["--idle", "3600"]);
    let mut client = server.connect();
    server.until_asleep_in(libc::SYS_recvfrom);

    server.while_stopped(|_| ());
    server.until_log("read: EINTR");

    assert_eq!(echo(&mut client, "still there?"), "still there?");
}

#[test]
fn without_a_time_limit_the_kernel_itself_repeats_an_interrupted_read() {
    let mut server = server(&[]);
    let mut client = server.connect();
    server.until_asleep_in(libc::SYS_recvfrom);

    server.while_stopped(|_| ());

    assert_eq!(echo(&mut client, "still there?"), "still there?");
    assert!(!server.log().contains("EINTR"), "{}", server.log());
}

#[test]
fn a_client_that_gave_up_waiting_is_accepted_all_the_same() {
    let mut server = server(&[]);
    let mut first = server.connect();
    assert_eq!(echo(&mut first, "hello"), "hello");
    let mut second = server.connect();
    let gone = second.local_addr().unwrap();
    second.write_all(b"anyone there?").unwrap();
    drop(second);

    drop(first);

    server.until_log(&format!("{gone} connected"));
    assert_eq!(echo(&mut server.connect(), "next, please"), "next, please");
}

#[test]
fn a_reset_ends_its_client_and_no_other() {
    let mut server = server(&[]);
    let mut client = server.connect();
    client.write_all(b"never read").unwrap();
    server.until("the echo", |_| client.peek(&mut [0; 10]).ok().filter(|&n| n == 10));

    // Closing a socket with bytes unread sends a reset instead of an end.
    drop(client);

    server.until_log("lost: Connection reset by peer");
    assert_eq!(echo(&mut server.connect(), "next, please"), "next, please");
}

#[test]
fn a_silent_client_has_to_leave_when_its_time_is_up() {
    let mut server = server(&["--idle", "1"]);
    let mut client = server.connect();

    assert_eq!(rest(&mut client), b"");
    server.until_log("lost: Resource temporarily unavailable");
}

#[test]
fn a_client_for_whom_there_is_no_thread_is_turned_away() {
    // No address space has room for a stack of this size.
    let stack = (1_u64 << 47).to_string();
    let mut server = Program::spawn(Command::new(EXE).args(["127.0.0.1:0", "--threads"]).env("RUST_MIN_STACK", stack));
    let mut client = server.connect();

    assert_eq!(rest(&mut client), b"");
    server.until_log("refused: no thread for it");
}

#[test]
fn a_client_for_whom_there_is_no_descriptor_waits() {
    let mut server = server(&["--threads"]);
    server.limit_descriptors(12);
    let mut clients: Vec<_> = (0..12).map(|_| server.connect()).collect();
    server.until_log("accept: Too many open files");

    // The last in the queue is answered once the others have left and their descriptors are free.
    let mut last = clients.pop().unwrap();
    last.write_all(b"my turn").unwrap();
    drop(clients);
    let mut reply = [0; 7];
    last.read_exact(&mut reply).unwrap();
    assert_eq!(&reply, b"my turn");
}

#[test]
fn ctrl_c_ends_the_program_with_status_0() {
    for signal in [libc::SIGINT, libc::SIGTERM] {
        let mut server = server(&["--threads"]);
        let mut client = server.connect();
        assert_eq!(echo(&mut client, "hello"), "hello");

        server.signal(signal);

        assert_eq!(server.ended().code(), Some(0));
    }
}

#[test]
fn a_port_in_use_is_named_with_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();

    let out = Command::new(EXE).arg(&addr).output().unwrap();

    let message = String::from_utf8(out.stderr).unwrap();
    assert_eq!((out.status.code(), out.stdout), (Some(1), vec![]));
    assert!(message.contains(&addr) && message.contains("another address"), "{message}");
}

#[test]
fn a_bad_argument_is_named_and_help_helps() {
    let bad = Command::new(EXE).arg("--thread").output().unwrap();
    assert_eq!(bad.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&bad.stderr).contains("--thread"));

    let help = Command::new(EXE).arg("--help").output().unwrap();
    assert_eq!(help.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&help.stdout).contains("--write-once"));
}
