//! What a client can do to a room that trusts its clients, and what it cannot do to the engine.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use pretty_assertions::assert_eq;

use crate::common::{EPOLL_WAIT, Program};
use crate::crowd::alone;
use crate::room::{ENGINE, EXE, GO_ON, MUCH, NAIVE, ask, attack, narrow_room, rest, room};

/// Lets clients act while the room is stopped, so that it finds everything in one look.
fn while_it_does_not_look<T>(room: &mut Program, act: impl FnOnce(&mut Program) -> T) -> T {
    room.until_asleep_in(EPOLL_WAIT);
    room.while_stopped(act)
}

/// A client who closes with a byte unread sends a reset instead of an end.
fn with_a_byte_unread(room: &Program) -> TcpStream {
    let mut client = room.connect();
    client.write_all(b"1\n").unwrap();
    client.peek(&mut [0]).unwrap();
    client
}

// Descriptors.

#[test]
fn the_naive_room_ends_when_it_has_no_descriptor_left() {
    let mut room = narrow_room(NAIVE);
    let mut guest = room.connect();
    ask(&mut guest, 1);

    let saw = attack(&room, "--attack-crowd");

    assert_eq!(room.ended().code(), Some(1));
    room.until_log("Too many open files");
    assert!(saw.contains("the next one was hung up on\na bystander is not served"), "{saw}");
    assert_eq!(guest.read(&mut [0]).unwrap_or(0), 0);
}

#[test]
fn the_flaw_go_on_fails_to_accept_again_and_again_and_never_sleeps() {
    let mut room = narrow_room(GO_ON);
    let mut crowd: Vec<_> = (0..32).map(|_| room.connect()).collect();

    room.until_log("Too many open files (os error 24), 65536 so far");

    // It has not stopped, and serves those whom it has: all that is lost is a processor.
    ask(&mut crowd[0], 1);
}

#[test]
fn the_engine_out_of_descriptors_sleeps_and_goes_on_when_one_is_free() {
    let mut room = narrow_room(ENGINE);
    let mut guest = room.connect();
    ask(&mut guest, 1);

    let saw = attack(&room, "--attack-crowd");

    assert!(saw.contains("the next one waits\none leaves, and the next one is served"), "{saw}");
    assert!(saw.contains("a bystander is served"), "{saw}");
    ask(&mut guest, 1);
    room.until_asleep_in(EPOLL_WAIT);
}

#[test]
fn the_engine_out_of_descriptors_looks_again_ten_times_a_second_at_most() {
    let mut room = narrow_room(ENGINE);
    let mut crowd: Vec<_> = (0..32).map(|_| room.connect()).collect();
    ask(&mut crowd[0], 1);
    room.until("a sleep with a time-out", |room| {
        let call = room.proc("syscall");
        let words: Vec<_> = call.split(' ').collect();
        let timeout = i64::from_str_radix(words.get(4)?.strip_prefix("0x")?, 16).ok()?;
        (words[0] == EPOLL_WAIT.to_string() && (1..=100).contains(&timeout)).then_some(())
    });
}

// Writing to one who has gone.

/// A hundred requests, and gone before the first is read.
fn hit_and_run(room: &mut Program) {
    while_it_does_not_look(room, |room| {
        let mut client = room.connect();
        client.write_all(&b"1\n".repeat(100)).unwrap();
    });
}

#[test]
fn the_naive_room_is_killed_by_a_second_write_to_one_who_has_gone() {
    let mut room = room(NAIVE);
    hit_and_run(&mut room);
    assert_eq!(room.ended().signal(), Some(libc::SIGPIPE));
}

#[test]
fn the_engine_is_not_killed_by_writing_to_one_who_has_gone() {
    let mut room = room(ENGINE);
    hit_and_run(&mut room);
    room.until_log("0.0 left");

    let saw = attack(&room, "--attack-hit-and-run");

    assert!(saw.ends_with("a bystander is served\n"), "{saw}");
}

#[test]
fn a_reset_ends_its_client_and_the_engine_counts_what_was_not_sent() {
    let mut room = room(ENGINE);
    let mut client = room.connect();
    client.write_all(format!("{MUCH}\n").as_bytes()).unwrap();
    client.peek(&mut [0]).unwrap();

    drop(client);

    room.until_log("0.0 left (Connection reset by peer");
    let unsent =
        room.log().lines().find_map(|line| line.split_once("), ")?.1.strip_suffix(" bytes unsent")?.parse().ok());
    assert!((1..MUCH).contains(&unsent.unwrap()), "{}", room.log());
    ask(&mut room.connect(), 1);
}

// Half-close.

#[test]
fn the_naive_room_forgets_what_it_owes_to_one_who_has_said_all() {
    let mut room = room(NAIVE);

    let saw = attack(&room, "--attack-half-close");

    assert!(!saw.contains(&format!("got {MUCH}\n")) && saw.contains("got "), "{saw}");
    room.until_log("left (end of stream)");
}

#[test]
fn the_engine_sends_all_that_it_owes_to_one_who_has_said_all() {
    let room = room(ENGINE);

    let saw = attack(&room, "--attack-half-close");

    assert!(saw.contains(&format!("asked for {MUCH} bytes, got {MUCH}\n")), "{saw}");
}

// Stale events.

/// In one look the room finds: a line, a new client, and that somebody has left. Returns the new client.
fn all_at_once(room: &mut Program) -> TcpStream {
    let leaver = with_a_byte_unread(room);
    let mut talker = room.connect();
    ask(&mut talker, 1);
    let gone = leaver.local_addr().unwrap();
    let stranger = while_it_does_not_look(room, |room| {
        talker.write_all(b"hello\n").unwrap();
        room.until("the line", |room| room.queues(&talker).filter(|queues| queues.receive == 6));
        let stranger = room.connect();
        drop(leaver);
        room.until("the reset", |room| room.queues_with(gone).is_none().then_some(()));
        stranger
    });
    talker.read_exact(&mut [0; 6]).unwrap();
    stranger
}

#[test]
fn the_naive_room_sends_a_stranger_away_for_what_another_did() {
    let mut room = room(NAIVE);
    let mut stranger = all_at_once(&mut room);
    assert_eq!(rest(&mut stranger), 0);
    room.until_log(&format!("{} left (hung up)", stranger.local_addr().unwrap()));
}

#[test]
fn the_engine_knows_an_event_of_one_who_has_gone() {
    let mut room = room(ENGINE);
    let mut stranger = all_at_once(&mut room);
    stranger.set_nodelay(true).unwrap();
    stranger.write_all(b"1\n").unwrap();
    // It may have come in time for the line that was said.
    let mut first = [0];
    stranger.read_exact(&mut first).unwrap();
    assert!(b"h\n".contains(&first[0]));

    let saw = attack(&room, "--attack-stale");

    assert!(saw.contains("nobody was sent away"), "{saw}");
}

// Silence.

#[test]
fn the_naive_room_sleeps_for_ever_while_nobody_speaks() {
    let mut room = room(NAIVE);
    let _silent = room.connect();
    room.until("a sleep without a time-out", |room| {
        let call = room.proc("syscall");
        let words: Vec<_> = call.split(' ').collect();
        // The fourth argument is -1.
        (words[0] == EPOLL_WAIT.to_string() && words[4].ends_with("ffffffff")).then_some(())
    });
}

#[test]
fn the_engine_sends_away_who_is_silent() {
    let mut room = room(&["--idle", "1"]);

    let saw = attack(&room, "--attack-silence");

    assert!(saw.contains("10 of 10 have been sent away"), "{saw}");
    assert_eq!(
        room.until("their ends", |room| Some(room.log().matches("left (Idle)").count()).filter(|&n| n == 10)),
        10
    );
}

#[test]
fn one_who_speaks_is_not_sent_away() {
    let room = room(&["--idle", "2"]);
    let mut silent = room.connect();
    let mut lively = room.connect();
    silent.set_nonblocking(true).unwrap();

    while !matches!(silent.read(&mut [0]), Ok(0)) {
        ask(&mut lively, 1);
    }

    ask(&mut lively, 1);
}

#[test]
fn one_who_spoke_while_the_server_was_stopped_is_not_sent_away() {
    // The other room tells when a second is over: it sends away who is silent for as long.
    let mut stopped = room(&["--idle", "1"]);
    let clock = room(&["--idle", "1"]);
    let mut client = stopped.connect();
    ask(&mut client, 1);
    stopped.until_asleep_in(EPOLL_WAIT);

    stopped.while_stopped(|_| {
        client.write_all(b"1000\n").unwrap();
        rest(&mut clock.connect());
    });

    client.read_exact(&mut [0; 1000]).unwrap();
}

// The end.

/// Somebody is owed much when Ctrl-C comes. Returns how much of it arrives.
fn interrupted(flags: &[&str]) -> usize {
    let mut room = room(flags);
    let mut client = room.connect();
    client.write_all(format!("{MUCH}\n").as_bytes()).unwrap();
    client.peek(&mut [0]).unwrap();
    room.until_asleep_in(EPOLL_WAIT);

    room.signal(libc::SIGINT);

    if flags == NAIVE {
        assert_eq!(room.ended().code(), Some(0));
    }
    let got = rest(&mut client);
    drop(client);
    assert_eq!(room.ended().code(), Some(0));
    got
}

#[test]
fn the_naive_room_ends_with_bytes_unsent() {
    assert!(interrupted(NAIVE) < MUCH);
}

#[test]
fn the_engine_sends_what_is_queued_before_it_ends() {
    assert_eq!(interrupted(ENGINE), MUCH);
}

#[test]
fn a_second_ctrl_c_changes_nothing() {
    const PIECE: usize = 100_000;
    let mut room = room(ENGINE);
    let mut client = room.connect();
    client.write_all(format!("{MUCH}\n").as_bytes()).unwrap();
    client.peek(&mut [0]).unwrap();
    room.until_asleep_in(EPOLL_WAIT);
    room.signal(libc::SIGINT);

    for _ in 0..10 {
        client.read_exact(&mut vec![0; PIECE]).unwrap();
        room.signal(libc::SIGTERM);
    }

    assert_eq!(rest(&mut client), MUCH - 10 * PIECE);
    drop(client);
    assert_eq!(room.ended().code(), Some(0));
}

// All of them.

#[test]
fn the_engine_serves_a_guest_through_all_attacks() {
    let room = room(&["--idle", "3600"]);
    let mut guest = room.connect();
    for flag in ["--attack-crowd", "--attack-hit-and-run", "--attack-half-close", "--attack-garbage"] {
        let saw = attack(&room, flag);
        assert!(saw.ends_with("a bystander is served\n"), "{flag}: {saw}");
        ask(&mut guest, 1000);
    }
}

#[test]
fn lines_may_come_a_byte_at_a_time() {
    for flags in [NAIVE, GO_ON, ENGINE] {
        let room = room(flags);
        let mut client = room.connect();
        client.set_nodelay(true).unwrap();
        for letter in b"hello\n" {
            client.write_all(&[*letter]).unwrap();
        }
        let mut line = [0; 6];
        client.read_exact(&mut line).unwrap();
        assert_eq!(&line, b"hello\n");
    }
}

#[test]
fn a_thousand_clients_are_served() {
    let _alone = alone();
    for flags in [NAIVE, ENGINE] {
        let mut room = room(flags);
        let mut clients = room.connect_many(1000);
        for client in &mut clients {
            ask(client, 10);
        }
    }
}

#[test]
fn help_names_the_attacks() {
    let help = Command::new(EXE).arg("--help").output().unwrap();
    let text = String::from_utf8_lossy(&help.stdout);
    assert_eq!(help.status.code(), Some(0));
    assert_eq!(text.matches("--attack-").count(), 8, "{text}");
}
