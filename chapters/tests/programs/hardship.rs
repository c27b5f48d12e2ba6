//! What an echo server of the book has to survive from chapter 2 on, and what its tests ask for.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;

use pretty_assertions::assert_eq;

use crate::common::{EPOLL_WAIT, Program};
use crate::crowd::alone;

/// Sends `text` and waits for as many bytes.
pub(crate) fn echo(client: &mut TcpStream, text: &str) -> String {
    client.write_all(text.as_bytes()).unwrap();
    read(client, text.len())
}

/// Waits for `count` bytes.
pub(crate) fn read(client: &mut TcpStream, count: usize) -> String {
    let mut bytes = vec![0; count];
    client.read_exact(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Waits for `count` bytes, whatever they are.
pub(crate) fn read_all(client: &mut TcpStream, count: usize) {
    client.read_exact(&mut vec![0; count]).unwrap();
}

/// What has come, without waiting for more.
pub(crate) fn arrived(client: &mut TcpStream) -> usize {
    client.set_nonblocking(true).unwrap();
    let peeked = client.peek(&mut [0; 1 << 16]);
    client.set_nonblocking(false).unwrap();
    match peeked {
        Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
        result => result.unwrap(),
    }
}

/// Everything until the server's EOF.
pub(crate) fn rest(client: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    client.read_to_end(&mut bytes).unwrap();
    bytes
}

/// Bytes of which no two near each other are in the same place.
pub(crate) fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|i| (i % 251 + i / 251 % 7) as u8).collect()
}

/// Sends, and reads nothing, until the server takes no more: both its queues and both of the client's are full.
/// Returns how much was sent.
pub(crate) fn stuff(server: &mut Program, client: &mut TcpStream, asleep_in: libc::c_long) -> usize {
    let mut sent = 0;
    client.set_nonblocking(true).unwrap();
    server.until("a full connection", |server| {
        match client.write(&bytes(1 << 16)) {
            Ok(count) => {
                sent += count;
                return None;
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
        // Full for now. For good, if the server sleeps although bytes are there for it and it has some to send.
        server.until_asleep_in(asleep_in);
        server.queues(client).filter(|queues| queues.receive > 0 && queues.send > 0)
    });
    client.set_nonblocking(false).unwrap();
    sent
}

/// For which masks the program's epoll instance watches which descriptors, in the order of their numbers.
pub(crate) fn interests(server: &Program) -> Vec<(u64, u32)> {
    let directory = format!("/proc/{}/fdinfo", server.pid());
    let infos = fs::read_dir(directory).unwrap().filter_map(|entry| fs::read_to_string(entry.ok()?.path()).ok());
    let epoll =
        infos.into_iter().find(|info| info.contains("\ntfd:")).expect("an epoll instance that watches something");
    let rows = epoll.lines().filter(|line| line.starts_with("tfd:")).map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        (words[1].parse().expect("a number"), u32::from_str_radix(words[3], 16).expect("hexadecimal"))
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort_unstable();
    rows
}

/// In which turn of its loop the server said that this client left.
pub(crate) fn turn_of_leaving(server: &mut Program, client: std::net::SocketAddr) -> u64 {
    let line = server.until("a leaving", |server| {
        let log = server.log();
        log.lines().find(|line| line.starts_with(&format!("{client} left"))).map(str::to_string)
    });
    let turn = line.rsplit_once("in turn ").expect("it names the turn").1;
    turn.parse().expect("a number")
}

pub(crate) fn a_byte_at_a_time(server: &mut Program) {
    let mut client = server.connect();
    client.set_nodelay(true).unwrap();
    for letter in "one at a time".split_inclusive(|_| true) {
        assert_eq!(echo(&mut client, letter), letter);
    }
}

pub(crate) fn a_long_stream(server: &mut Program) {
    let mut client = server.connect();
    let sent = bytes(8_000_000);
    let (mut far, copy) = (client.try_clone().unwrap(), sent.clone());
    let writer = thread::spawn(move || {
        far.write_all(&copy).unwrap();
        far.shutdown(Shutdown::Write).unwrap();
    });

    let got = rest(&mut client);

    writer.join().unwrap();
    assert!(got == sent, "{} of {} bytes came back, or not as they were sent", got.len(), sent.len());
}

/// One client never reads; the others are served, and it gets all its bytes once it does read.
pub(crate) fn one_that_never_reads(server: &mut Program) {
    let mut silent = server.connect();
    let sent = stuff(server, &mut silent, EPOLL_WAIT);

    for _ in 0..100 {
        assert_eq!(echo(&mut server.connect(), "and me?"), "and me?");
    }

    silent.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&mut silent).len(), sent);
}

pub(crate) fn a_request_and_an_end_in_one(server: &mut Program) {
    let mut client = server.connect();
    client.write_all(b"the last words").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&mut client), b"the last words");
}

pub(crate) fn a_reset(server: &mut Program) {
    let mut client = server.connect();
    client.write_all(b"never read").unwrap();
    server.until("the echo", |_| client.peek(&mut [0; 10]).ok().filter(|&n| n == 10));
    // Closing a socket with bytes unread sends a reset instead of an end.
    drop(client);
    server.until_log("lost (Connection reset by peer");
    assert_eq!(echo(&mut server.connect(), "next, please"), "next, please");
}

pub(crate) fn a_thousand_clients(exe: &str) {
    let _alone = alone();
    let mut server = Program::start(exe, &[]);
    let mut clients = server.connect_many(1000);
    for round in 0..3 {
        for client in &mut clients {
            client.write_all(format!("round {round}").as_bytes()).unwrap();
        }
        for client in &mut clients {
            assert_eq!(read(client, 7), format!("round {round}"));
        }
    }
    drop(clients);
    server
        .until("all to be gone", |server| (server.log().matches(" left after 21 bytes").count() == 1000).then_some(()));
}

/// It neither stops nor spins when no descriptor is left, and goes on when there is one.
pub(crate) fn no_descriptor_left(exe: &str) {
    let mut server = Program::start(exe, &[]);
    server.limit_descriptors(12);
    let mut clients: Vec<_> = (0..12).map(|_| server.connect()).collect();
    server.until_log("accept: Too many open files");
    server.until_asleep_in(EPOLL_WAIT);
    assert_eq!(echo(&mut clients[0], "still here"), "still here");
    let tries = server.log().matches("Too many open files").count();
    assert!(tries <= 12, "{tries} tries to accept twelve clients");

    let mut last = clients.pop().unwrap();
    last.write_all(b"my turn").unwrap();
    drop(clients);
    assert_eq!(read(&mut last, 7), "my turn");
}

/// The same, when nobody is there who could leave.
pub(crate) fn no_descriptor_and_no_client(exe: &str) {
    let mut server = Program::start(exe, &[]);
    server.until_asleep_in(EPOLL_WAIT);
    let before = server.limit_descriptors(0);
    let mut client = server.connect();
    client.write_all(b"is there room?").unwrap();
    server.until_log("accept: Too many open files");

    server.limit_descriptors(before);

    assert_eq!(read(&mut client, 14), "is there room?");
}

pub(crate) fn ctrl_c(mut server: Program) {
    let mut client = server.connect();
    assert_eq!(echo(&mut client, "hello"), "hello");
    server.signal(libc::SIGINT);
    assert_eq!(server.ended().code(), Some(0));
}
