//! Whatever four threads send through the queue, each client gets whole records, and gets them all.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::{FromRawFd, OwnedFd};
use std::{fs, io};

use pretty_assertions::assert_eq;

use crate::common::{self, EPOLL_WAIT, Program};
use crate::crowd::alone;
use crate::hardship::rest;

const EXE: &str = env!("CARGO_BIN_EXE_05-mpsc-queue");

fn server(flags: &[&str]) -> Program {
    Program::start(EXE, flags)
}

/// How many records of `size` bytes are in `stream`, and how many of its lines are none.
fn records(stream: &[u8], size: usize) -> (usize, usize) {
    let is_record = |line: &&[u8]| line.len() == size && line[..size - 1].iter().all(|byte| *byte == line[0]);
    let lines = stream.split_inclusive(|byte| *byte == b'\n');
    let (whole, corrupt): (Vec<_>, Vec<_>) = lines.partition(is_record);
    (whole.len(), corrupt.len())
}

/// The sum over the producers' last words, `A: N records accepted, eventfd written WAKES times`.
fn eventfd_writes(server: &mut Program) -> usize {
    let all = |log: String| {
        let wakes = log.lines().filter_map(|line| line.split_once("eventfd written ")?.1.strip_suffix(" times"));
        let wakes: Vec<usize> = wakes.map(|number| number.parse().unwrap()).collect();
        (wakes.len() == 4).then(|| wakes.iter().sum())
    };
    server.until("the last words of four producers", |server| all(server.log()))
}

/// What `/proc` says of each thread, the reactor's first: the system call that it sleeps in and how often it slept.
fn threads(server: &Program) -> Vec<(String, u64)> {
    let tasks = fs::read_dir(format!("/proc/{}/task", server.pid())).unwrap();
    let mut tasks: Vec<u32> = tasks.map(|task| task.unwrap().file_name().to_str().unwrap().parse().unwrap()).collect();
    tasks.sort_unstable();
    let about = |task: u32| {
        let call = server.proc(&format!("task/{task}/syscall"));
        let status = server.proc(&format!("task/{task}/status"));
        let slept = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")).unwrap();
        (call.split_whitespace().next().unwrap().to_owned(), slept.trim().parse().unwrap())
    };
    tasks.into_iter().map(about).collect()
}

fn sleeps_in_epoll_wait(thread: &(String, u64)) -> bool {
    thread.0 == EPOLL_WAIT.to_string()
}

/// What has arrived and not been read yet, once the server has sent all it had.
fn arrived(server: &mut Program, client: &mut TcpStream) -> Vec<u8> {
    server.until("an empty send queue", |server| server.queues(client).filter(|queues| queues.send == 0));
    client.set_nonblocking(true).unwrap();
    let mut bytes = Vec::new();
    let end = client.read_to_end(&mut bytes).unwrap_err();
    assert_eq!(end.kind(), ErrorKind::WouldBlock);
    client.set_nonblocking(false).unwrap();
    bytes
}

#[test]
fn every_record_arrives_whole() {
    let mut server = server(&[]);

    let stream = rest(&mut server.connect());

    assert_eq!(records(&stream, 10_000), (2000, 0));
    server.until_log("left after 2000 of 2000 records");
}

#[test]
fn each_threads_records_come_in_full_to_each_of_two_clients() {
    let server = server(&["--records", "50", "--size", "1000"]);
    let mut clients = [server.connect(), server.connect()];

    for client in &mut clients {
        let stream = rest(client);
        for letter in *b"ABCD" {
            assert_eq!(stream.iter().filter(|byte| **byte == letter).count(), 50 * 999);
        }
    }
}

/// Two records a thread, each larger than all that the kernel takes while [`slow_client`] does not read: no write can
/// take one whole then.
const IN_PIECES: [&str; 6] = ["--size", "1000000", "--records", "2", "--send-buffer", "65536"];

/// A client whose kernel keeps 400,000 bytes for it and not, as it may otherwise, as many as come.
#[expect(unsafe_code, reason = "std cannot set the size of a buffer, which has to be done before connecting")]
fn slow_client(server: &Program) -> TcpStream {
    let done = |result: libc::c_int| assert_ne!(result, -1, "{}", io::Error::last_os_error());
    // SAFETY: the call takes no pointer.
    let fd = unsafe { libc::socket(libc::AF_INET, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0) };
    done(fd);
    // SAFETY: the kernel has just made `fd` for us, so nobody else owns it.
    let client = TcpStream::from(unsafe { OwnedFd::from_raw_fd(fd) });

    let bytes: libc::c_int = 200_000; // The kernel doubles it.
    let length = size_of_val(&bytes) as libc::socklen_t;
    // SAFETY: the kernel copies `length` bytes from `bytes` before it returns.
    done(unsafe { libc::setsockopt(fd, libc::SOL_SOCKET, libc::SO_RCVBUF, (&raw const bytes).cast(), length) });

    let SocketAddr::V4(addr) = server.addr() else { panic!("the tests' servers listen on 127.0.0.1") };
    let addr = libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: addr.port().to_be(),
        sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(addr.ip().octets()) },
        sin_zero: [0; 8],
    };
    let length = size_of_val(&addr) as libc::socklen_t;
    // SAFETY: the kernel reads `length` bytes of `addr` before it returns.
    done(unsafe { libc::connect(fd, (&raw const addr).cast(), length) });
    client.set_read_timeout(Some(common::DEADLINE)).unwrap();
    client
}

/// Waits until all four threads wait for room, and the reactor for clients.
fn until_all_wait(server: &mut Program) {
    server.until("four threads that wait for room", |server| {
        let threads = threads(server);
        (threads.len() == 5 && threads.iter().all(sleeps_in_epoll_wait)).then_some(())
    });
}

#[test]
fn the_flaw_write_directly_mixes_the_records() {
    let mut server = server(&[&IN_PIECES[..], &["--write-directly"]].concat());
    let mut client = slow_client(&server);
    // One has been cut, three have had no room at all: all four wait for this client to read.
    until_all_wait(&mut server);

    let stream = rest(&mut client);

    // No byte is lost, and yet records are.
    assert_eq!(stream.len(), 8 * 1_000_000);
    let (whole, corrupt) = records(&stream, 1_000_000);
    assert!(corrupt > 0, "all {whole} records are whole");
    server.until("four last words", |server| (server.log().matches("2 records written").count() == 4).then_some(()));
    assert!(server.log().matches(" 0 of them in pieces").count() < 4, "{}", server.log());
}

#[test]
fn through_the_queue_records_that_go_out_in_pieces_arrive_whole() {
    let server = server(&IN_PIECES);

    let stream = rest(&mut slow_client(&server));

    assert_eq!(records(&stream, 1_000_000), (8, 0));
}

#[test]
fn the_flaw_write_directly_lets_one_client_hold_up_all() {
    let mut server = server(&[&IN_PIECES[..], &["--write-directly"]].concat());
    let never_reads = slow_client(&server);
    until_all_wait(&mut server);

    let mut second = server.connect();
    server.until("the reactor to have heard of it", |server| {
        (server.log().matches(" connected").count() == 2 && threads(server).iter().all(sleeps_in_epoll_wait))
            .then_some(())
    });

    assert_eq!(arrived(&mut server, &mut second), b"");
    drop(never_reads);
    assert_eq!(rest(&mut second).len(), 8 * 1_000_000);
}

#[test]
fn a_client_that_never_reads_holds_up_nobody() {
    let mut server = server(&[]);
    let never_reads = server.connect();

    let stream = rest(&mut server.connect());

    assert_eq!(records(&stream, 10_000), (2000, 0));
    drop(never_reads);
    server.until("both to leave", |server| (server.log().matches(" left after ").count() == 2).then_some(()));
}

#[test]
fn the_flaw_article_ring_loses_what_it_accepted() {
    let mut server = server(&["--article-ring", "--size", "100", "--nap", "10"]);
    let mut client = server.connect();
    eventfd_writes(&mut server);
    server.until_asleep_in(EPOLL_WAIT);

    let stream = arrived(&mut server, &mut client);

    // All that was put into the ring was accepted, and nothing is left in it.
    assert_eq!(server.log().matches("500 records accepted").count(), 4);
    let (whole, corrupt) = records(&stream, 100);
    assert!(whole < 2000 && corrupt == 0, "{whole} of 2000 records arrived, and {corrupt} corrupt ones");
}

#[test]
fn our_ring_loses_nothing_however_often_it_is_full() {
    let server = server(&["--size", "100", "--nap", "10"]);

    let stream = rest(&mut server.connect());

    assert_eq!(records(&stream, 100), (2000, 0));
}

#[test]
fn the_flaw_no_second_look_sleeps_beside_a_full_ring() {
    let mut server = server(&["--no-second-look", "--size", "100", "--nap", "20"]);
    let mut client = server.connect();
    server.until_log("connected");

    // The producers try a hundred times, and the reactor does not wake once.
    let (mut before, mut meanwhile) = (threads(&server), 0);
    server.until("a hundred tries in vain", |server| {
        let now = threads(server);
        if !sleeps_in_epoll_wait(&now[0]) || now[0] != before[0] {
            (before, meanwhile) = (now, 0);
            return None;
        }
        meanwhile = now[1..].iter().zip(&before[1..]).map(|(now, before)| now.1 - before.1).sum();
        (meanwhile >= 100).then_some(())
    });
    let (whole, _) = records(&arrived(&mut server, &mut client), 100);
    assert!(whole < 2000, "all have come");

    // Any other event wakes it. Then there is room in the ring, and some more records come.
    let _second = server.connect();
    let mut more = [0; 100];
    client.read_exact(&mut more).unwrap();
    assert_eq!(records(&more, 100), (1, 0));
}

#[test]
fn the_second_look_makes_up_for_a_wake_that_nobody_wrote() {
    let mut server = server(&["--size", "100", "--nap", "20"]);

    let stream = rest(&mut server.connect());

    assert_eq!(records(&stream, 100), (2000, 0));
    // While the reactor naps it counts as awake, and by its end the ring is full: there is hardly a wake to be written.
    let writes = eventfd_writes(&mut server);
    assert!(writes <= 200, "{writes} wakes for 2000 records");
}

#[test]
fn the_articles_wake_for_each_record_needs_no_second_look() {
    let mut server = server(&["--always-wake", "--no-second-look", "--size", "100", "--nap", "5"]);

    let stream = rest(&mut server.connect());

    assert_eq!(records(&stream, 100), (2000, 0));
    assert_eq!(eventfd_writes(&mut server), 2000);
}

#[test]
fn a_thousand_clients_get_their_records() {
    let _alone = alone();
    let mut server = server(&["--records", "2", "--size", "100"]);

    let mut clients = server.connect_many(1000);

    for client in &mut clients {
        assert_eq!(records(&rest(client), 100), (8, 0));
    }
    drop(clients);
    server.until("all to leave", |server| {
        (server.log().matches("left after 8 of 8 records").count() == 1000).then_some(())
    });
}

#[test]
#[expect(clippy::unbuffered_bytes, reason = "a read for each byte is what this is about")]
fn a_client_that_reads_a_byte_at_a_time_gets_all() {
    let server = server(&["--records", "5", "--size", "50"]);
    let client = server.connect();

    let stream: Vec<u8> = client.bytes().map(Result::unwrap).collect();

    assert_eq!(records(&stream, 50), (20, 0));
}

#[test]
fn a_client_that_has_shut_down_its_side_gets_all() {
    let mut server = server(&[]);
    let mut client = server.connect();
    client.shutdown(Shutdown::Write).unwrap();
    server.until_log("says no more");

    assert_eq!(records(&rest(&mut client), 10_000), (2000, 0));
    server.until_log("left after 2000 of 2000 records");
}

#[test]
fn a_client_that_says_something_and_shuts_down_its_side_gets_all() {
    let mut server = server(&[]);
    let mut client = server.connect();
    client.write_all(b"hi\n").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    server.until_log("says no more");

    let stream = rest(&mut client);

    assert_eq!(records(&stream, 10_000), (2000, 0));
}

#[test]
fn a_client_that_has_got_all_and_stays_costs_nothing() {
    let mut server = server(&["--records", "5", "--size", "50"]);
    let mut client = server.connect();
    assert_eq!(records(&rest(&mut client), 50), (20, 0));

    // A loop that spins may be seen asleep, but not a hundred times in a row.
    server.until("a reactor that sleeps", |server| {
        (0..100).all(|_| sleeps_in_epoll_wait(&threads(server)[0])).then_some(())
    });
}

#[test]
fn a_client_that_shuts_down_its_side_when_the_server_has_gets_all() {
    // More than its kernel keeps for it, so that the end of it is with the server's when the server has sent all.
    let mut server = server(&["--records", "50", "--size", "3000"]);
    let mut client = slow_client(&server);
    client.write_all(b"nobody reads this").unwrap();
    eventfd_writes(&mut server);
    server.until_asleep_in(EPOLL_WAIT);
    let waiting = server.queues(&client).expect("neither has closed").send;
    assert!(waiting > 0, "the client's kernel has taken all");

    client.shutdown(Shutdown::Write).unwrap();

    server.until_log("left after 200 of 200 records");
    assert_eq!(records(&rest(&mut client), 3000), (200, 0));
}

#[test]
fn numbers_may_be_as_large_as_they_come() {
    let most = u64::MAX.to_string();
    // With so many records for the first, the second would never have its turn.
    for (flag, clients) in [("--records", 1), ("--size", 2)] {
        let server = server(&[flag, &most]);
        for _ in 0..clients {
            assert_eq!(server.connect().read(&mut [0]).unwrap(), 1, "{flag}");
        }
    }
}

#[test]
fn what_a_client_sends_destroys_nothing_of_what_it_gets() {
    let server = server(&["--records", "50"]);
    let mut client = server.connect();

    client.write_all(b"nobody reads this").unwrap();

    assert_eq!(records(&rest(&mut client), 10_000), (200, 0));
}

#[test]
fn a_reset_ends_its_client_and_no_other() {
    let mut server = server(&[]);
    let mut client = server.connect();
    client.read_exact(&mut [0; 10_000]).unwrap();

    // Closing a socket with bytes unread sends a reset instead of an end.
    drop(client);

    assert_eq!(records(&rest(&mut server.connect()), 10_000), (2000, 0));
    server.until("both to leave", |server| (server.log().matches(" left after ").count() == 2).then_some(()));
}

#[test]
fn ctrl_c_ends_the_program_with_status_0() {
    let mut server = server(&[]);
    let mut client = server.connect();
    client.read_exact(&mut [0; 10_000]).unwrap();

    server.signal(libc::SIGINT);

    assert_eq!(server.ended().code(), Some(0));
}
