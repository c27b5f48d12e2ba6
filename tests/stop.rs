//! The end of an engine: everything queued is sent, everybody is told, nothing is left open.

mod common;

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::panic::{self, AssertUnwindSafe};
use std::thread;

use pretty_assertions::assert_eq;
use reactor::framing::Lines;
use reactor::{Builder, ClientId, Engine, SendError};

use common::{Log, Recorder, Why, alone, ask, connect, echo, echo_server, os, read_all, until, within_patience};

#[test]
fn everybody_is_told_that_the_engine_stops() {
    let server = echo_server(Builder::new());
    let mut clients: Vec<_> = (0..5).map(|_| server.join()).collect();
    clients.iter_mut().for_each(|(client, _)| assert_eq!(ask(client, "alive"), "alive"));

    let log = server.stop();

    for (client, id) in &clients {
        assert_eq!(log.end_of(*id), (Why::Stopped, 0));
        assert_eq!(read_all(client), b"");
    }
}

#[test]
fn an_engine_can_be_stopped_twice_and_by_anybody() {
    let server = echo_server(Builder::new());
    let (client, _) = server.join();
    let threads: Vec<_> = (0..4).map(|_| server.handle.clone()).map(|it| thread::spawn(move || it.stop())).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());

    let log = server.stop();

    assert_eq!(read_all(&client), b"");
    log.handle().stop();
}

#[test]
fn an_engine_that_is_stopped_before_it_runs_serves_nobody() {
    let recorder = Recorder::new(Lines::default, echo);
    let log = recorder.log.clone();
    let engine = Engine::bind("127.0.0.1:0", recorder).unwrap();
    let waiting = connect(engine.local_addr().unwrap());
    engine.handle().stop();

    within_patience("the engine to end", || drop(engine.run().unwrap()));

    assert_eq!(log.all(), []);
    // The kernel had connected it; nobody will ever read what it sends.
    let heard = (&waiting).read(&mut [0]).map_err(|error| error.kind());
    assert_eq!(heard, Err(ErrorKind::ConnectionReset));
}

#[test]
fn run_gives_the_handler_back() {
    let recorder = Recorder::new(Lines::default, echo);
    let engine = Engine::bind("127.0.0.1:0", recorder).unwrap();
    engine.handle().stop();

    let recorder = within_patience("the engine to end", || engine.run().unwrap());

    recorder.log.check();
}

#[test]
fn an_engine_stops_while_it_is_flooded() {
    let server = echo_server(Builder::new());
    let floods: Vec<_> = (0..3).map(|_| server.connect()).collect();
    let floods: Vec<_> = floods.into_iter().map(|client| thread::spawn(move || flood(client))).collect();
    until("the floods to be under way", || server.stats().messages > 10_000);

    let log = server.stop();

    floods.into_iter().for_each(|flood| flood.join().unwrap());
    assert_eq!(log.connected().len(), 3);
}

#[test]
fn a_flood_that_is_there_already_is_not_worked_off_first() {
    const BUDGET: usize = 1_000;
    let log = Log::default();
    let notes = log.clone();
    let recorder = Recorder::new(Lines::default, move |_, from, line| {
        notes.message(from, line);
        notes.handle().stop();
    });
    let engine = Builder::new().read_budget(BUDGET).bind("127.0.0.1:0", recorder.logging_to(&log)).unwrap();
    log.knows(engine.handle());
    let mut flood = connect(engine.local_addr().unwrap());
    flood.write_all(&b"flood\n".repeat(5_000)).unwrap();

    within_patience("the engine to end", || drop(engine.run().unwrap()));

    // One read's worth: a turn reads once from each client, and then looks whether it is to stop.
    assert_eq!(log.messages().len(), BUDGET / "flood\n".len());
}

/// Sends and reads until the connection ends.
fn flood(client: TcpStream) {
    let mut reader = client.try_clone().unwrap();
    let reading = thread::spawn(move || while reader.read(&mut [0; 10_000]).is_ok_and(|count| count > 0) {});
    while (&client).write_all(&b"flood\n".repeat(1_000)).is_ok() {}
    reading.join().unwrap();
}

#[test]
fn a_handle_of_a_stopped_engine_gives_the_bytes_back() {
    let server = echo_server(Builder::new());
    let (mut client, id) = server.join();
    assert_eq!(ask(&mut client, "alive"), "alive");
    let handle = server.handle.clone();
    server.stop();
    // The next descriptors get the numbers that the engine's had.
    let pipes: Vec<_> = (0..20).map(|_| io::pipe().unwrap()).collect();

    let refused = handle.send(id, "too late");

    assert_eq!(refused, Err(SendError::Stopped(b"too late".to_vec())));
    assert_eq!(handle.close(id), Err(SendError::Stopped(Vec::new())));
    assert_eq!((handle.stats().messages, handle.stats().clients, handle.stats().connections), (1, 0, 1));
    handle.stop();
    let (readers, writers): (Vec<_>, Vec<_>) = pipes.into_iter().unzip();
    drop(writers);
    let stray: String = readers.into_iter().map(|reader| io::read_to_string(reader).unwrap()).collect();
    assert_eq!(stray, "", "written into a stranger's descriptor");
}

#[test]
fn dropping_a_running_engine_stops_it() {
    let recorder = Recorder::new(Lines::default, echo);
    let log = recorder.log.clone();
    let running = Engine::bind("127.0.0.1:0", recorder).unwrap().start().unwrap();
    let mut client = connect(running.local_addr());
    assert_eq!(ask(&mut client, "alive"), "alive");

    within_patience("the engine to end", || drop(running));

    log.check();
    assert_eq!(read_all(&client), b"");
}

#[test]
fn a_panic_of_the_handler_reaches_who_stops_the_engine() {
    alone("a_panic_of_the_handler_reaches_who_stops_the_engine", || {
        let recorder = Recorder::new(Lines::default, |_, _, _| panic!("the handler's own"));
        let running = Engine::bind("127.0.0.1:0", recorder).unwrap().start().unwrap();
        let (handle, address) = (running.handle(), running.local_addr());
        let mut client = connect(address);

        client.write_all(b"go\n").unwrap();

        // All is closed already, whether or not somebody asks.
        assert_eq!(read_all(&client), b"");
        let stopped = within_patience("the engine to end", || panic::catch_unwind(AssertUnwindSafe(|| running.stop())));
        assert_eq!(stopped.err().and_then(|panic| panic.downcast_ref().copied()), Some("the handler's own"));
        let again = TcpStream::connect(address).map(drop).map_err(|error| error.kind());
        assert_eq!(again, Err(ErrorKind::ConnectionRefused));
        assert_eq!(handle.send(ClientId::from_u64(0), "too late"), Err(SendError::Stopped(b"too late".to_vec())));
    });
}

#[test]
fn a_stopped_engine_leaves_no_descriptor_and_no_thread() {
    alone("a_stopped_engine_leaves_no_descriptor_and_no_thread", || {
        let before = (os::descriptors().len(), os::threads());

        for round in 0..3 {
            let server = echo_server(Builder::new());
            let mut clients: Vec<_> = (0..10).map(|_| server.connect()).collect();
            clients.iter_mut().for_each(|client| assert_eq!(ask(client, "alive"), "alive"));
            clients.truncate(5);
            server.stop();
            drop(clients);
            // `within_patience` has heard from its thread before that has ended.
            until("the last thread to end", || os::threads() == before.1);
            assert_eq!((os::descriptors().len(), os::threads()), before, "round {round}");
        }
    });
}

#[test]
fn an_engine_whose_listener_fails_tells_everybody() {
    let recorder = Recorder::new(Lines::default, echo);
    let log = recorder.log.clone();
    let running = Engine::bind("127.0.0.1:0", recorder).unwrap().start().unwrap();
    let port = running.local_addr().port();
    let mut client = connect(running.local_addr());
    assert_eq!(ask(&mut client, "alive"), "alive");

    os::sockets_at(port).into_iter().filter(|(_, listens)| *listens).for_each(|(fd, _)| os::shut_down(fd));

    assert_eq!(log.end_of(log.connected()[0]), (Why::Stopped, 0));
    let ended = within_patience("the engine to end", || running.stop().map(drop));
    assert_eq!(ended.unwrap_err().raw_os_error(), Some(libc::EINVAL));
    log.check();
    assert_eq!(read_all(&client), b"");
}
