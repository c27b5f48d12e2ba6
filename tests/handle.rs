//! Many threads send through one engine: what each sends arrives, whole, and in its order.

mod common;

use std::io::Write;
use std::net::TcpStream;
use std::sync::{Arc, Barrier};
use std::thread::{self, JoinHandle};

use pretty_assertions::assert_eq;
use reactor::{Builder, ClientId, Handle, SendError};

use common::{Why, ask, echo_server, read_all, read_line, until};

const THREADS: usize = 4;
const MESSAGES: usize = 10_000;

/// Sends, and sends again while the mailbox is full.
fn send(handle: &Handle, id: ClientId, message: String) {
    let mut message = message.into_bytes();
    while let Err(refused) = handle.send(id, message) {
        match refused {
            SendError::Full(back) => message = back,
            SendError::Stopped(_) => panic!("the engine runs"),
        }
        thread::yield_now();
    }
}

/// Starts the threads; each sends its messages to all of `ids` in turn.
fn start_senders(handle: &Handle, ids: &[ClientId]) -> Vec<JoinHandle<()>> {
    let start = Arc::new(Barrier::new(THREADS));
    let senders = (0..THREADS).map(|thread| {
        let (handle, ids, start) = (handle.clone(), ids.to_vec(), start.clone());
        thread::spawn(move || {
            start.wait();
            for number in 0..MESSAGES {
                send(&handle, ids[number % ids.len()], format!("{thread} {number} {}\n", "x".repeat(number % 100)));
            }
        })
    });
    senders.collect()
}

/// Reads `count` messages and returns the numbers that came from each thread.
fn receive(client: TcpStream, count: usize) -> [Vec<usize>; THREADS] {
    let mut reader = std::io::BufReader::new(client);
    let mut numbers = [const { Vec::new() }; THREADS];
    for _ in 0..count {
        let mut line = String::new();
        std::io::BufRead::read_line(&mut reader, &mut line).expect("a message");
        let parts: Vec<_> = line.trim_end().splitn(3, ' ').collect();
        let [thread, number] = [0, 1].map(|part| parts[part].parse::<usize>().expect("a number"));
        assert_eq!(*parts.get(2).unwrap_or(&""), "x".repeat(number % 100), "cut or mixed: {line:?}");
        numbers[thread].push(number);
    }
    numbers
}

#[test]
fn four_threads_may_send_to_one_client_at_once() {
    let server = echo_server(Builder::new().high_water(64 << 20).mailbox_capacity(256));
    let (client, id) = server.join();

    let senders = start_senders(&server.handle, &[id]);
    let received = receive(client, THREADS * MESSAGES);

    let all: Vec<_> = (0..MESSAGES).collect();
    assert!(received.iter().all(|numbers| *numbers == all), "lost, doubled or out of order");
    senders.into_iter().for_each(|sender| sender.join().unwrap());
}

#[test]
fn four_threads_may_send_to_several_clients_at_once() {
    const CLIENTS: usize = 5;
    let server = echo_server(Builder::new().high_water(64 << 20).mailbox_capacity(2));
    let clients: Vec<_> = (0..CLIENTS).map(|_| server.join()).collect();
    let ids: Vec<_> = clients.iter().map(|(_, id)| *id).collect();

    let senders = start_senders(&server.handle, &ids);
    let readers = clients.into_iter().map(|(client, _)| client);
    let readers: Vec<_> = readers.map(|it| thread::spawn(|| receive(it, THREADS * MESSAGES / CLIENTS))).collect();

    for (client, reader) in readers.into_iter().enumerate() {
        let its_own: Vec<_> = (client..MESSAGES).step_by(CLIENTS).collect();
        let received = reader.join().unwrap();
        assert!(received.iter().all(|numbers| *numbers == its_own), "lost, doubled or out of order");
    }
    senders.into_iter().for_each(|sender| sender.join().unwrap());
}

#[test]
fn an_engine_that_sleeps_is_woken_by_each_message() {
    let server = echo_server(Builder::new());
    let (client, id) = server.join();

    for number in 0..1_000 {
        // It has nothing else to do, so it sleeps, or is about to.
        server.handle.send(id, format!("{number}\n")).unwrap();
        assert_eq!(read_line(&client), number.to_string());
    }

    // One wake a message at most; two for the connection, which came, and then could be written to.
    until("the counts to be published", || server.stats().bytes_out == 2_890 + 1_000);
    assert!(server.stats().wakeups <= 1_002, "{} wake-ups for 1,000 messages", server.stats().wakeups);
}

#[test]
fn a_client_can_be_closed_from_another_thread_behind_what_it_was_sent() {
    let server = echo_server(Builder::new());
    let (client, id) = server.join();

    server.handle.send(id, vec![b'x'; 5_000_000]).unwrap();
    server.handle.close(id).unwrap();
    server.handle.send(id, "too late").unwrap();

    assert_eq!(read_all(&client).len(), 5_000_000);
    drop(client);
    assert_eq!(server.log.end_of(id), (Why::Closed, 0));
    until("the late message to be counted", || server.stats().undelivered == 1);
}

#[test]
fn what_is_sent_to_a_client_that_has_gone_is_counted() {
    let server = echo_server(Builder::new());
    let (client, id) = server.join();
    drop(client);
    server.log.end_of(id);

    (0..3).for_each(|_| server.handle.send(id, "hello?").unwrap());

    until("the messages to be counted", || server.stats().undelivered == 3);
}

#[test]
fn the_stats_count_what_has_happened() {
    let server = echo_server(Builder::new());
    let (mut client, _) = server.join();
    let (leaving, id) = server.join();
    drop(leaving);
    server.log.end_of(id);

    (0..10).for_each(|_| assert_eq!(ask(&mut client, "12345678"), "12345678"));
    client.write_all(b"half").unwrap();

    until("all bytes to be counted", || server.stats().bytes_in == 94);
    let stats = server.stats();
    assert_eq!((stats.connections, stats.clients, stats.messages), (2, 1, 10));
    assert_eq!((stats.bytes_out, stats.eagains, stats.undelivered), (90, 0, 0));
}
