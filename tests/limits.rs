//! What there is only so much of: places, descriptors, memory, time.

mod common;

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use pretty_assertions::assert_eq;
use reactor::framing::Lines;
use reactor::{Builder, ClientId, Clients, SendError};

use common::{Log, Recorder, Server, Why, alone, ask, connect, echo, os, read_all, read_line, until};

/// How long to watch that nothing happens.
const A_WHILE: Duration = Duration::from_millis(300);

/// Answers the line "cpu" with the reactor's CPU time, in nanoseconds, and any other with itself.
fn frank(limits: Builder) -> Server<Lines> {
    let answer = |clients: &mut Clients, from, line: &[u8]| match line {
        b"cpu" => echo(clients, from, os::cpu_time().to_string().as_bytes()),
        _ => echo(clients, from, line),
    };
    Server::start(limits, Recorder::new(Lines::default, answer))
}

/// That `client` hears nothing for a while, in which the reactor, as it tells `other`, uses next to no CPU time.
fn assert_unserved_without_spinning(mut client: &TcpStream, other: &mut TcpStream) {
    let cpu_time = |other: &mut TcpStream| Duration::from_nanos(ask(other, "cpu").parse().unwrap());
    let before = cpu_time(other);
    client.set_read_timeout(Some(A_WHILE)).unwrap();
    client.write_all(b"anybody?\n").unwrap();

    let heard = client.peek(&mut [0]).map_err(|error| error.kind());

    assert_eq!(heard, Err(ErrorKind::WouldBlock));
    let used = cpu_time(other) - before;
    assert!(used < A_WHILE / 10, "the reactor used {used:?} of CPU time in {A_WHILE:?}");
    client.set_read_timeout(Some(common::PATIENCE)).unwrap();
}

#[test]
fn a_client_over_the_limit_waits_until_one_leaves() {
    let server = frank(Builder::new().max_clients(2));
    let (first, _) = server.join();
    let (mut second, _) = server.join();
    let third = server.connect();

    assert_unserved_without_spinning(&third, &mut second);
    assert_eq!(server.stats().connections, 2);
    drop(first);

    assert_eq!(read_line(&third), "anybody?");
    assert_eq!(server.log.connected().len(), 3);
}

#[test]
fn the_limit_holds_however_many_come_and_go() {
    const LIMIT: usize = 3;
    let most = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&most);
    let recorder = Recorder::new(Lines::default, echo).on_connected(move |clients, _| {
        seen.fetch_max(clients.len(), Relaxed);
    });
    let server = Server::start(Builder::new().max_clients(LIMIT), recorder);
    let mut waiting: Vec<_> = (0..50).map(|_| server.connect()).collect();

    // In the order in which they came, since that is the order in which the kernel hands them out.
    for (number, mut client) in waiting.drain(..).enumerate() {
        assert_eq!(ask(&mut client, &number.to_string()), number.to_string());
    }

    assert_eq!(most.load(Relaxed), LIMIT);
}

#[test]
fn out_of_descriptors_the_engine_waits_until_a_client_leaves() {
    alone("out_of_descriptors_the_engine_waits_until_a_client_leaves", || {
        let server = frank(Builder::new());
        let (first, _) = server.join();
        let (mut second, _) = server.join();
        let third = starved_client(&server);

        assert_unserved_without_spinning(&third, &mut second);
        drop(first);

        assert_eq!(read_line(&third), "anybody?");
        assert_eq!(ask(&mut second, "alive"), "alive");
    });
}

#[test]
fn out_of_descriptors_the_engine_goes_on_when_one_is_freed_elsewhere() {
    alone("out_of_descriptors_the_engine_goes_on_when_one_is_freed_elsewhere", || {
        let server = frank(Builder::new());
        let (mut other, _) = server.join();
        let spare = File::open("/proc/self/comm").unwrap();
        let waiting = starved_client(&server);

        assert_unserved_without_spinning(&waiting, &mut other);
        drop(spare);

        // No event tells the engine of it.
        assert_eq!(read_line(&waiting), "anybody?");
    });
}

/// Connects with the last descriptor that the process may have, so that none is left for the engine's end.
fn starved_client(server: &Server<Lines>) -> TcpStream {
    let highest = os::descriptors().into_iter().map(|(fd, _)| fd).max().unwrap();
    os::allow_descriptors(u64::try_from(highest).unwrap() + 2);
    let mut fillers = Vec::new();
    while let Ok(file) = File::open("/proc/self/comm") {
        fillers.push(file);
    }
    fillers.pop();
    let client = connect(server.address);
    // They stay open as long as the process.
    fillers.into_iter().for_each(std::mem::forget);
    client
}

const IDLE: Duration = Duration::from_millis(500);

/// Keeps `client` busy by `keep_busy`, again and again, until `over`; returns whether it is still connected then. On a
/// machine that is too busy to let this thread do so in time, it tells nothing: `None`.
fn survives(log: &Log, client: ClientId, mut over: impl FnMut() -> bool, mut keep_busy: impl FnMut()) -> Option<bool> {
    let mut last = Instant::now();
    while !over() {
        keep_busy();
        let ended = log.wait_at_most(IDLE / 50, |log| log.ended(client)).is_some();
        if last.elapsed() > IDLE / 2 {
            eprintln!("not judged: this thread slept for {:?}", last.elapsed());
            return None;
        }
        if ended {
            return Some(false);
        }
        last = Instant::now();
    }
    Some(true)
}

#[test]
fn an_idle_client_is_disconnected_and_one_that_trickles_is_not() {
    let attempt = || {
        let server = frank(Builder::new().idle_timeout(IDLE));
        let started = Instant::now();
        let (mut trickling, talker) = server.join();
        let (silent, id) = server.join();

        // One byte, not a message: what counts is that something comes.
        let gone = || server.log.ended(id).is_some();
        let survived = survives(&server.log, talker, gone, || drop(trickling.write(b"x")));

        assert_eq!(server.log.end_of(id), (Why::Idle, 0));
        assert_eq!(read_all(&silent), b"");
        assert!(started.elapsed() >= IDLE, "idle after {:?}", started.elapsed());
        survived
    };

    assert_eq!((0..20).find_map(|_| attempt()), Some(true));
}

#[test]
fn who_is_sent_something_is_not_idle() {
    // With a mark of 0 all is written as soon as it is sent, and the end of the turn finds nothing to write.
    let attempt = |mark| {
        let server = frank(Builder::new().idle_timeout(IDLE).high_water(mark));
        let (_listener, id) = server.join();
        let started = Instant::now();

        let over = || started.elapsed() > 2 * IDLE;
        survives(&server.log, id, over, || server.handle.send(id, "news\n").unwrap())
    };

    for mark in [1000, 0] {
        assert_eq!((0..20).find_map(|_| attempt(mark)), Some(true), "with a mark of {mark}");
    }
}

#[test]
fn who_is_sent_something_at_the_last_moment_is_not_idle() {
    let (busy, entered) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let recorder = Recorder::new(Lines::default, move |_, _, _| {
        busy.send(()).unwrap();
        released.recv().unwrap();
    });
    let server = Server::start(Builder::new().idle_timeout(IDLE), recorder);
    let (listener, id) = server.join();
    let (mut other, _) = server.join();
    other.write_all(b"be busy\n").unwrap();
    entered.recv_timeout(common::PATIENCE).unwrap();

    // The engine is busy until the idle time is over, and then finds both: that it is, and what is to be sent.
    server.handle.send(id, "news\n").unwrap();
    assert_eq!(server.log.wait_at_most(IDLE, |log| log.ended(id)), None);
    release.send(()).unwrap();

    assert_eq!(read_line(&listener), "news");
}

#[test]
fn who_is_sent_something_at_the_end_of_a_long_turn_is_not_idle() {
    let attempt = || {
        let (busy, entered) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let recorder = Recorder::new(Lines::default, move |clients, from, line| {
            echo(clients, from, line);
            if line == b"be busy" {
                busy.send(()).unwrap();
                released.recv().unwrap();
            }
        });
        let server = Server::start(Builder::new().idle_timeout(IDLE), recorder);
        let (mut client, id) = server.join();
        let (mut other, _) = server.join();
        client.write_all(b"be busy\n").unwrap();
        entered.recv_timeout(common::PATIENCE).unwrap();
        other.write_all(b"next turn\n").unwrap();
        assert_eq!(server.log.wait_at_most(IDLE, |log| log.ended(id)), None);
        let started = Instant::now();
        release.send(()).unwrap();

        assert_eq!([read_line(&client), read_line(&other)], ["be busy", "next turn"]);
        drop(ask(&mut other, "and one more"));
        let ended = server.log.ended(id);
        (started.elapsed() < IDLE).then_some(ended)
    };

    assert_eq!((0..20).find_map(|_| attempt()), Some(None));
}

#[test]
fn who_speaks_behind_as_many_others_as_a_turn_takes_is_not_idle() {
    // An engine takes 256 events a turn.
    const CLIENTS: usize = 400;
    let attempt = || {
        let (busy, entered) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let recorder = Recorder::new(Lines::default, move |clients, from, line| {
            if line == b"be busy" {
                busy.send(()).unwrap();
                // An error says that nobody waits for it any more.
                let _ = released.recv();
            }
            echo(clients, from, line);
        });
        let server = Server::start(Builder::new().idle_timeout(IDLE), recorder);
        let started = Instant::now();
        let mut clients: Vec<_> = (0..CLIENTS).map(|_| server.join().0).collect();
        let (mut last, _) = server.join();
        last.write_all(b"be busy\n").unwrap();
        if entered.recv_timeout(IDLE).is_err() {
            drop(release);
            return None;
        }

        // All of them speak in time, but the engine is busy until the idle time is over.
        for client in &mut clients {
            drop(client.write_all(b"here\n"));
        }
        let in_time = started.elapsed() < IDLE;
        server.log.wait_at_most(IDLE, |_| None::<()>);
        release.send(()).unwrap();

        in_time.then(|| clients.iter().filter(|client| !matches!(client.peek(&mut [0]), Ok(1))).count())
    };

    alone("who_speaks_behind_as_many_others_as_a_turn_takes_is_not_idle", || {
        os::allow_descriptors(3 * CLIENTS as u64);
        assert_eq!((0..20).find_map(|_| attempt()), Some(0), "were sent away");
    });
}

#[test]
fn an_idle_time_out_of_for_ever_is_never() {
    let server = frank(Builder::new().idle_timeout(Duration::MAX).stop_deadline(Duration::MAX));
    let (mut client, id) = server.join();

    assert_eq!(ask(&mut client, "alive"), "alive");

    assert_eq!(server.log.ended(id), None);
}

#[test]
fn a_full_mailbox_gives_the_bytes_back_and_keeps_what_it_holds() {
    let (stuck, entered) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let log = Log::default();
    let recorder = Recorder::new(Lines::default, move |_, _, _| {
        stuck.send(()).unwrap();
        released.recv().unwrap();
    });
    let server = Server::start(Builder::new().mailbox_capacity(4), recorder.logging_to(&log));
    let (mut client, id) = server.join();
    client.write_all(b"stop here\n").unwrap();
    entered.recv_timeout(common::PATIENCE).unwrap();

    let sent: Vec<_> = (0..6).map(|number| server.handle.send(id, format!("{number}\n"))).collect();
    let closed = server.handle.close(id);
    release.send(()).unwrap();

    assert_eq!(sent[..4], [Ok(()), Ok(()), Ok(()), Ok(())]);
    assert_eq!(sent[4..], [Err(SendError::Full(b"4\n".to_vec())), Err(SendError::Full(b"5\n".to_vec()))]);
    assert_eq!(closed, Err(SendError::Full(Vec::new())));
    assert_eq!([(); 4].map(|()| read_line(&client)), ["0", "1", "2", "3"]);
    // And it has room again.
    until("the mailbox to have room", || server.handle.send(id, "after\n").is_ok());
    assert_eq!(read_line(&client), "after");
}
