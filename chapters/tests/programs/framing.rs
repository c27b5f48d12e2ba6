//! Whatever the reads are, the messages are those that were sent; and no client can make the server keep more than its
//! limit, or look at a byte twice.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use pretty_assertions::assert_eq;

use crate::common::{EPOLL_WAIT, Program};
use crate::crowd::alone;

const EXE: &str = env!("CARGO_BIN_EXE_06-framing");

fn server(flags: &[&str]) -> Program {
    Program::start(EXE, flags)
}

/// Sends `bytes` when the server sleeps, and waits until it has woken and sleeps again: so they are a read of their own.
fn send(server: &mut Program, client: &mut TcpStream, bytes: &[u8]) {
    client.set_nodelay(true).unwrap();
    let before = server.until("the server to sleep", |server| asleep(server));
    client.write_all(bytes).unwrap();
    server.until("the server to read", |server| asleep(server).filter(|times| *times > before));
}

/// How often the server has slept, if it sleeps in `epoll_wait` now.
fn asleep(server: &Program) -> Option<u64> {
    let call = server.proc("syscall");
    let status = server.proc("status");
    let times = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")).unwrap();
    (call.split(' ').next() == Some(&EPOLL_WAIT.to_string())).then(|| times.trim().parse().unwrap())
}

/// The server's next `count` answers.
#[expect(clippy::unbuffered_bytes, reason = "a buffer would keep what belongs to the next answer")]
fn answers(client: &TcpStream, count: usize) -> Vec<String> {
    let mut bytes = client.bytes();
    let mut line = || -> String {
        bytes.by_ref().map(|byte| char::from(byte.unwrap())).take_while(|letter| *letter != '\n').collect()
    };
    (0..count).map(|_| line()).collect()
}

/// Everything until the server hangs up, which may be a reset if it did not read all.
fn rest(client: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = client.read_to_end(&mut bytes);
    String::from_utf8(bytes).unwrap()
}

#[test]
fn the_flaw_read_is_message_takes_half_a_message_and_two_messages_for_one() {
    let server = server(&["--read-is-message"]);
    let mut client = server.connect();

    client.write_all(b"hel").unwrap();
    assert_eq!(answers(&client, 1), [r#"3 bytes: "hel""#]);
    client.write_all(b"lo\nworld\n").unwrap();
    assert_eq!(answers(&client, 1), [r#"9 bytes: "lo\nworld\n""#]);
}

#[test]
fn with_lines_the_same_reads_are_two_messages() {
    let mut server = server(&[]);
    let mut client = server.connect();

    send(&mut server, &mut client, b"hel");
    send(&mut server, &mut client, b"lo\nworld\n");

    assert_eq!(answers(&client, 2), [r#"5 bytes: "hello""#, r#"5 bytes: "world""#]);
}

#[test]
fn a_line_may_come_a_byte_at_a_time_and_end_as_telnet_ends_it() {
    let mut server = server(&[]);
    let mut client = server.connect();

    for byte in b"one\r\n\ntwo\n" {
        send(&mut server, &mut client, &[*byte]);
    }

    assert_eq!(answers(&client, 3), [r#"3 bytes: "one""#, r#"0 bytes: """#, r#"3 bytes: "two""#]);
}

#[test]
fn a_length_prefix_may_be_cut_anywhere() {
    let mut server = server(&["--length-prefixed"]);
    let mut client = server.connect();

    for piece in [&b"\0\0"[..], b"\0\x05he", b"llo\0\0\0\0\0\0\0\x05world\0", b"\0\0\x01!"] {
        send(&mut server, &mut client, piece);
    }

    let all = [r#"5 bytes: "hello""#, r#"0 bytes: """#, r#"5 bytes: "world""#, r#"1 byte: "!""#];
    assert_eq!(answers(&client, 4), all);
}

#[test]
fn half_messages_of_two_clients_do_not_meet() {
    let mut server = server(&[]);
    let mut clients = [server.connect(), server.connect()];

    for (client, half) in clients.iter_mut().zip(["first ", "second "]) {
        send(&mut server, client, half.as_bytes());
    }
    for client in &mut clients {
        send(&mut server, client, b"client\n");
    }

    assert_eq!(answers(&clients[0], 1), [r#"12 bytes: "first client""#]);
    assert_eq!(answers(&clients[1], 1), [r#"13 bytes: "second client""#]);
}

#[test]
fn who_announces_four_gigabytes_is_turned_away_at_once() {
    let mut server = server(&["--length-prefixed"]);
    let mut client = server.connect();

    client.write_all(&[0xff; 4]).unwrap();

    assert_eq!(rest(&mut client), "");
    server.until_log("left: a message is longer than 65536 bytes\n  0 messages, 4 bytes read");
}

#[test]
fn the_flaw_no_limit_keeps_what_comes_of_four_gigabytes() {
    let mut server = server(&["--length-prefixed", "--no-limit"]);
    let mut client = server.connect();

    client.write_all(&[0xff; 4]).unwrap();
    client.write_all(&vec![b'x'; 8 << 20]).unwrap();
    client.shutdown(Shutdown::Write).unwrap();

    assert_eq!(rest(&mut client), "");
    server.until_log("8388612 bytes read, at most 8388612 kept");
}

#[test]
fn the_longest_line_that_may_be_sent_is_answered_and_one_more_byte_is_too_long() {
    let mut server = server(&[]);
    let mut client = server.connect();
    let mut line = vec![b'x'; 65_535];

    client.write_all(&[&line[..], b"\n"].concat()).unwrap();
    assert!(answers(&client, 1)[0].starts_with("65535 bytes: "));

    line.push(b'x');
    client.write_all(&line).unwrap();
    assert_eq!(rest(&mut client), "");
    server.until_log("left: a message is longer than 65536 bytes\n  1 message, 131072 bytes read");
}

#[test]
fn the_flaw_no_limit_keeps_a_line_without_an_end() {
    let mut server = server(&["--no-limit"]);
    let mut client = server.connect();

    client.write_all(&vec![b'x'; 8 << 20]).unwrap();
    client.shutdown(Shutdown::Write).unwrap();

    assert_eq!(rest(&mut client), "");
    server.until_log("8388608 looked at, at most 8388608 kept");
}

#[test]
fn a_length_in_the_wrong_byte_order_is_83_886_080_and_a_request_of_http_1_195_725_856() {
    for (sent, announced) in [([5, 0, 0, 0], 83_886_080), (*b"GET ", 1_195_725_856)] {
        assert_eq!(u32::from_be_bytes(sent), announced);
        let mut server = server(&["--length-prefixed"]);
        let mut client = server.connect();

        client.write_all(&sent).unwrap();

        assert_eq!(rest(&mut client), "");
        server.until_log("a message is longer than 65536 bytes");
    }
}

/// A line of 200 bytes, its end counted, comes a byte at a time. How many bytes did the server look at?
fn looked_at(flags: &[&str]) -> usize {
    let mut server = server(flags);
    let mut client = server.connect();
    for _ in 0..199 {
        send(&mut server, &mut client, b"x");
    }
    send(&mut server, &mut client, b"\n");
    assert!(answers(&client, 1)[0].starts_with("199 bytes: "));
    drop(client);
    server.until("the summary", |server| {
        let log = server.log();
        Some(log.split_once("200 bytes read, ")?.1.split_once(" looked at")?.0.parse().unwrap())
    })
}

#[test]
fn each_byte_is_looked_at_once() {
    assert_eq!(looked_at(&[]), 200);
}

#[test]
fn the_flaw_rescan_looks_at_them_again_with_each_read() {
    // 1 + 2 + ... + 200 are 20,100 with a read for each; `06_framings.rs` counts them exactly.
    let count = looked_at(&["--rescan"]);
    assert!(count > 2000, "{count}");
}

#[test]
fn a_client_that_has_shut_down_its_side_still_gets_its_answers() {
    let mut server = server(&[]);
    let mut client = server.connect();

    client.write_all(b"one\ntwo\nhal").unwrap();
    client.shutdown(Shutdown::Write).unwrap();

    assert_eq!(rest(&mut client), "3 bytes: \"one\"\n3 bytes: \"two\"\n");
    server.until_log("left: end of stream\n  2 messages, 11 bytes read, 11 looked at, at most 3 kept, 3 left over");
}

#[test]
fn a_flood_holds_up_nobody() {
    let server = server(&[]);
    let (mut flood, mut client) = (server.connect(), server.connect());
    let done = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&done);
    let flooding = thread::spawn(move || {
        let line = [&[b'x'; 60_000][..], b"\n"].concat();
        while !stop.load(Relaxed) {
            flood.write_all(&line).unwrap();
        }
    });

    for _ in 0..100 {
        client.write_all(b"hello\n").unwrap();
        assert_eq!(answers(&client, 1), [r#"5 bytes: "hello""#]);
    }
    done.store(true, Relaxed);
    flooding.join().unwrap();
}

#[test]
fn a_client_that_never_reads_holds_up_nobody() {
    let server = server(&[]);
    let mut never_reads = server.connect();
    // Its answers are twenty times as long as its messages, and more than the kernel takes.
    never_reads.write_all(&vec![b'\n'; 1 << 20]).unwrap();

    let mut client = server.connect();
    client.write_all(b"hello\n").unwrap();
    assert_eq!(answers(&client, 1), [r#"5 bytes: "hello""#]);

    never_reads.shutdown(Shutdown::Write).unwrap();
    assert_eq!(BufReader::new(never_reads).lines().count(), 1 << 20);
}

#[test]
fn a_thousand_clients_are_answered() {
    let _alone = alone();
    let mut server = server(&["--length-prefixed"]);
    let mut clients = server.connect_many(1000);

    for client in &mut clients {
        client.write_all(b"\0\0\0\x02hi").unwrap();
    }

    for client in &clients {
        assert_eq!(answers(client, 1), [r#"2 bytes: "hi""#]);
    }
}

#[test]
fn a_client_for_whom_there_is_no_descriptor_waits_until_another_leaves() {
    let mut server = server(&[]);
    server.limit_descriptors(12);
    let mut clients: Vec<_> = (0..12).map(|_| server.connect()).collect();
    server.until_log("accept: Too many open files");

    let mut last = clients.pop().unwrap();
    last.write_all(b"my turn\n").unwrap();
    drop(clients);

    assert_eq!(answers(&last, 1), [r#"7 bytes: "my turn""#]);
}

#[test]
fn a_reset_ends_its_client_and_no_other() {
    let mut server = server(&[]);
    let mut client = server.connect();
    client.write_all(b"hello\n").unwrap();
    server.until("an answer", |_| client.peek(&mut [0; 17]).ok().filter(|&n| n == 17));

    // Closing a socket with bytes unread sends a reset instead of an end.
    drop(client);

    server.until_log("left: Connection reset by peer");
    let mut client = server.connect();
    client.write_all(b"hello\n").unwrap();
    assert_eq!(answers(&client, 1), [r#"5 bytes: "hello""#]);
}

#[test]
fn ctrl_c_ends_the_program_with_status_0() {
    let mut server = server(&[]);
    let mut client = server.connect();
    client.write_all(b"hello\n").unwrap();
    assert_eq!(answers(&client, 1), [r#"5 bytes: "hello""#]);

    server.signal(libc::SIGINT);

    assert_eq!(server.ended().code(), Some(0));
}
