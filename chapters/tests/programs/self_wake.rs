//! A thread's message reaches the clients at once, although nobody sends the loop a packet.

#[path = "../../04-self-wake/waker.rs"]
#[expect(unsafe_code, reason = "an eventfd is made by a system call")]
mod waker;

use std::fs;
use std::io::{self, PipeWriter, Write};
use std::os::fd::AsRawFd;
use std::process::Command;
use std::thread;
use std::time::Duration;

use pretty_assertions::assert_eq;
use reactor::{Epoll, Events, Interest, Token};

use crate::common::{self, EPOLL_WAIT, Program};
use crate::hardship::{self, arrived, echo, read, turn_of_leaving};
use waker::Waker;

const EXE: &str = env!("CARGO_BIN_EXE_04-self-wake");

/// The program, and what its console thread reads.
fn server(flags: &[&str]) -> (Program, PipeWriter) {
    let (stdin, console) = io::pipe().unwrap();
    let mut command = Command::new(EXE);
    (Program::spawn(command.arg("127.0.0.1:0").args(flags).stdin(stdin)), console)
}

/// Waits until the console thread has posted every line and waits for another.
fn until_posted(server: &mut Program, console: &PipeWriter) {
    server.until("an empty pipe", |_| (in_pipe(console) == 0).then_some(()));
    server.until("a console thread that sleeps in read", |server| {
        let tasks = fs::read_dir(format!("/proc/{}/task", server.pid())).unwrap();
        let mut tasks = tasks.map(|task| task.unwrap().path());
        let console = tasks.find(|task| fs::read_to_string(task.join("comm")).is_ok_and(|name| name == "console\n"))?;
        let call = fs::read_to_string(console.join("syscall")).unwrap();
        (call.split(' ').next() == Some(&libc::SYS_read.to_string())).then_some(())
    });
}

#[expect(unsafe_code, reason = "FIONREAD is an ioctl")]
fn in_pipe(pipe: &PipeWriter) -> libc::c_int {
    let mut count = 0;
    // SAFETY: FIONREAD writes an int, and `count` is one.
    let result = unsafe { libc::ioctl(pipe.as_raw_fd(), libc::FIONREAD, &mut count) };
    assert_eq!(result, 0, "{}", io::Error::last_os_error());
    count
}

#[test]
fn a_line_reaches_all_clients_while_the_loop_sleeps() {
    let (mut server, mut console) = server(&[]);
    let mut clients = [server.connect(), server.connect(), server.connect()];
    for client in &mut clients {
        assert_eq!(echo(client, "hello"), "hello");
    }
    server.until_asleep_in(EPOLL_WAIT);

    console.write_all(b"to all\n").unwrap();

    for client in &mut clients {
        assert_eq!(read(client, 7), "to all\n");
    }
}

#[test]
fn the_flaw_no_wake_keeps_a_line_until_somebody_sends_a_packet() {
    let (mut server, mut console) = server(&["--no-wake"]);
    let (mut client, mut other) = (server.connect(), server.connect());
    assert_eq!((echo(&mut client, "hello"), echo(&mut other, "hello")), ("hello".into(), "hello".into()));
    server.until_asleep_in(EPOLL_WAIT);

    console.write_all(b"to all\n").unwrap();
    until_posted(&mut server, &console);

    server.until_asleep_in(EPOLL_WAIT);
    assert_eq!(arrived(&mut client), 0);
    assert_eq!(echo(&mut other, "any news?"), "any news?");
    assert_eq!(read(&mut client, 7), "to all\n");
}

#[test]
fn with_a_timeout_the_line_waits_for_the_rest_of_it() {
    let (server, mut console) = server(&["--no-wake", "--timeout-ms", "10"]);
    let mut client = server.connect();
    assert_eq!(echo(&mut client, "hello"), "hello");

    console.write_all(b"to all\n").unwrap();

    assert_eq!(read(&mut client, 7), "to all\n");
}

#[test]
fn with_a_timeout_the_loop_turns_although_nothing_happens() {
    let (mut server, _console) = server(&["--no-wake", "--timeout-ms", "1"]);

    server.until_log("1000 turns of the loop");
}

#[test]
fn the_flaw_level_triggered_and_never_read_spins() {
    let (mut server, mut console) = server(&["--level-triggered"]);
    server.until_asleep_in(EPOLL_WAIT);

    console.write_all(b"to nobody\n").unwrap();

    server.until_log("\n100000 turns of the loop");
}

#[test]
fn a_hundred_lines_are_a_hundred_turns_read_or_not() {
    for flags in [&[][..], &["--read-first"], &["--drain-first"]] {
        let (mut server, mut console) = server(flags);
        let mut client = server.connect();
        let addr = client.local_addr().unwrap();
        assert_eq!(echo(&mut client, "hello"), "hello");

        for _ in 0..100 {
            server.until_asleep_in(EPOLL_WAIT);
            console.write_all(b"to all\n").unwrap();
            assert_eq!(read(&mut client, 7), "to all\n");
        }
        drop(client);

        // Four: the connection, the look whether there is another, the hello and the end.
        let turns = turn_of_leaving(&mut server, addr);
        assert!(turns <= 104, "{turns} turns with {flags:?}");
    }
}

#[test]
fn many_lines_for_a_busy_loop_are_few_wakes() {
    for flags in [&["--pause-ms", "20"][..], &["--pause-ms", "20", "--read-first"]] {
        let (mut server, mut console) = server(flags);
        let mut client = server.connect();
        assert_eq!(echo(&mut client, "hello"), "hello");

        console.write_all(&b"to all\n".repeat(1000)).unwrap();
        assert_eq!(read(&mut client, 7000), "to all\n".repeat(1000));
        drop(console);

        let report = server.until("the report", |server| {
            server.log().lines().find_map(|line| line.strip_prefix("lines: 1000, wakes: ").map(str::to_string))
        });
        let wakes: u64 = report.split(',').next().unwrap().parse().unwrap();
        assert!(wakes <= 100, "{wakes} wakes");
    }
}

/// Posts a line, and another in the moment between the two steps of the turn that the first has caused. Returns whether
/// the second was delivered; if not, the loop sleeps and nobody will wake it.
fn second_line_arrives(server: &mut Program, console: &mut PipeWriter) -> bool {
    let mut client = server.connect();
    assert_eq!(echo(&mut client, "hello"), "hello");
    server.until_asleep_in(EPOLL_WAIT);
    console.write_all(b"first\n").unwrap();
    assert_eq!(read(&mut client, 6), "first\n");

    console.write_all(b"second\n").unwrap();
    until_posted(server, console);
    let delivered = server.until("the second line, or a sleep without it", |server| {
        let asleep = server.proc("syscall").split(' ').next() == Some(&EPOLL_WAIT.to_string());
        let unread = eventfd_count(server) > 0;
        match arrived(&mut client) {
            0 => (asleep && !unread).then_some(false),
            _ => Some(true),
        }
    });
    // Any other event wakes it, and it finds what it has overlooked.
    let _newcomer = server.connect();
    assert_eq!(read(&mut client, 7), "second\n");
    delivered
}

/// What the kernel shows of the counter behind the program's eventfd.
fn eventfd_count(server: &Program) -> u64 {
    let infos = fs::read_dir(format!("/proc/{}/fdinfo", server.pid())).unwrap();
    let mut infos = infos.filter_map(|info| fs::read_to_string(info.ok()?.path()).ok());
    infos
        .find_map(|info| {
            let line =
                info.lines().find_map(|line| line.strip_prefix("eventfd-count:").map(str::trim).map(str::to_string))?;
            u64::from_str_radix(&line, 16).ok()
        })
        .expect("an eventfd")
}

#[test]
fn the_flaw_drain_first_swallows_a_wake() {
    let (mut server, mut console) = server(&["--drain-first", "--pause-ms", "100"]);

    // The second line has to be posted within the pause. On a busy machine that may take more than one attempt.
    let swallowed = (0..50).any(|_| !second_line_arrives(&mut server, &mut console));

    assert!(swallowed);
}

#[test]
fn with_the_other_order_or_none_no_wake_is_lost() {
    for flags in [&["--read-first", "--pause-ms", "50"][..], &["--pause-ms", "50"]] {
        let (mut server, mut console) = server(flags);
        for _ in 0..5 {
            assert!(second_line_arrives(&mut server, &mut console), "with {flags:?}");
        }
    }
}

/// A waker, watched with this interest.
fn watched(interest: Interest) -> (Waker, Epoll) {
    let (waker, epoll) = (Waker::new().unwrap(), Epoll::new().unwrap());
    epoll.add(&waker, Token(7), interest).unwrap();
    (waker, epoll)
}

fn events(epoll: &Epoll, timeout: Duration) -> usize {
    let mut events = Events::with_capacity(8);
    epoll.wait(&mut events, Some(timeout)).unwrap();
    events.len()
}

#[test]
fn edge_triggered_each_wake_is_an_event_and_nobody_reads() {
    let (waker, epoll) = watched(Interest::READABLE | Interest::EDGE_TRIGGERED);
    for _ in 0..1000 {
        waker.wake().unwrap();
        assert_eq!(events(&epoll, Duration::ZERO), 1);
        assert_eq!(events(&epoll, Duration::ZERO), 0);
    }
}

#[test]
fn several_wakes_between_two_waits_are_one_event() {
    let (waker, epoll) = watched(Interest::READABLE | Interest::EDGE_TRIGGERED);
    for _ in 0..1000 {
        waker.wake().unwrap();
    }
    assert_eq!(events(&epoll, Duration::ZERO), 1);
    assert_eq!(events(&epoll, Duration::ZERO), 0);
}

#[test]
fn level_triggered_a_wake_is_reported_until_it_is_read() {
    let (waker, epoll) = watched(Interest::READABLE);
    waker.wake().unwrap();
    for _ in 0..1000 {
        assert_eq!(events(&epoll, Duration::ZERO), 1);
    }
    waker.read().unwrap();
    assert_eq!(events(&epoll, Duration::ZERO), 0);
    // There is nothing to read any more, and that is no failure.
    waker.read().unwrap();
}

#[test]
fn a_wake_ends_a_wait_that_has_begun() {
    let (waker, epoll) = watched(Interest::READABLE | Interest::EDGE_TRIGGERED);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| events(&epoll, common::DEADLINE));
        waker.wake().unwrap();
        assert_eq!(waiting.join().unwrap(), 1);
    });
}

#[test]
fn one_that_never_reads_keeps_no_line_from_the_others() {
    let (mut server, mut console) = server(&[]);
    let mut silent = server.connect();
    hardship::stuff(&mut server, &mut silent, EPOLL_WAIT);
    let mut other = server.connect();
    assert_eq!(echo(&mut other, "hello"), "hello");

    for _ in 0..100 {
        console.write_all(b"to all\n").unwrap();
        assert_eq!(read(&mut other, 7), "to all\n");
    }
}

#[test]
fn a_client_that_was_reset_is_no_failure_for_a_line_to_all() {
    let (mut server, mut console) = server(&[]);
    let mut other = server.connect();
    for _ in 0..10 {
        let mut leaving = server.connect();
        leaving.write_all(b"never read").unwrap();
        server.until("the echo", |_| leaving.peek(&mut [0; 10]).ok().filter(|&n| n == 10));
        console.write_all(b"to all\n").unwrap();
        drop(leaving);
        assert_eq!(read(&mut other, 7), "to all\n");
    }
    server.until("all to be gone", |server| (server.log().matches(" after 10 bytes").count() == 10).then_some(()));
}

#[test]
fn the_end_of_stdin_is_the_end_of_the_lines_alone() {
    let (mut server, mut console) = server(&[]);
    console.write_all(b"to nobody\n").unwrap();
    drop(console);
    server.until_log("lines: 1, ");

    hardship::a_byte_at_a_time(&mut server);
}

#[test]
fn an_echo_server_it_remains() {
    let (mut server, _console) = server(&[]);
    hardship::a_byte_at_a_time(&mut server);
    hardship::a_long_stream(&mut server);
    hardship::one_that_never_reads(&mut server);
    hardship::a_request_and_an_end_in_one(&mut server);
    hardship::a_reset(&mut server);
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
    let (server, _console) = server(&[]);
    hardship::ctrl_c(server);
}
