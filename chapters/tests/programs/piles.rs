//! What piles up for a client that does not read, or does not come to an end, and where.

use std::io::Write;
use std::net::Shutdown;
use std::thread;

use pretty_assertions::assert_eq;

use crate::room::{ENGINE, MODEST, MUCH, NAIVE, attack, peak, rest, room};

// Those who do not read.

#[test]
fn the_naive_room_keeps_everything_for_one_who_babbles() {
    let mut room = room(NAIVE);

    let saw = attack(&room, "--attack-babble");

    assert!(saw.contains(&format!("said {MUCH} bytes")), "{saw}");
    room.until_log("32 MiB are kept for it");
    assert!(peak(&room) > MUCH / 2);
}

#[test]
fn the_engine_stops_reading_from_one_who_babbles() {
    let mut room = room(ENGINE);

    let saw = attack(&room, "--attack-babble");

    assert!(saw.contains("the room takes no more") && saw.contains("a bystander is served"), "{saw}");
    assert!(peak(&room) < MODEST, "{} bytes", peak(&room));
    // The client reset the connection, so it was there to the end: it was held back, not sent away.
    room.until_log("0.0 left (Connection reset by peer");
}

#[test]
fn the_naive_room_keeps_everything_for_one_who_is_deaf() {
    let mut room = room(NAIVE);

    let saw = attack(&room, "--attack-deaf");

    assert!(saw.contains("told 67140000 bytes, and 67140000 are there"), "{saw}");
    room.until_log("32 MiB are kept for it");
    assert!(peak(&room) > MUCH / 2);
}

#[test]
fn the_engine_lets_go_of_one_who_is_deaf() {
    let mut room = room(ENGINE);

    let saw = attack(&room, "--attack-deaf");

    assert!(saw.contains("told 67140000 bytes") && !saw.contains("67140000 are there"), "{saw}");
    room.until_log("0.0 left (TooSlow)");
    assert!(peak(&room) < MODEST, "{} bytes", peak(&room));
}

#[test]
fn one_who_is_held_back_and_then_reads_loses_nothing() {
    let room = room(ENGINE);
    let mut client = room.connect();
    let line = [vec![b'x'; 9999], b"\n".to_vec()].concat();
    let mut far = client.try_clone().unwrap();
    let lines = MUCH / 2 / line.len();
    let writer = thread::spawn(move || {
        (0..lines).for_each(|_| far.write_all(&line).unwrap());
        far.shutdown(Shutdown::Write).unwrap();
    });

    let got = rest(&mut client);

    writer.join().unwrap();
    assert_eq!(got, lines * 10_000);
}

// Lines without an end.

#[test]
fn the_naive_room_keeps_a_line_without_an_end() {
    let mut room = room(NAIVE);

    let saw = attack(&room, "--attack-garbage");

    assert!(saw.contains(&format!("taken a line of {MUCH} bytes")), "{saw}");
    room.until_log("32 MiB are kept for it");
    assert!(peak(&room) > MUCH / 2);
}

#[test]
fn the_engine_hangs_up_on_a_line_without_an_end() {
    let mut room = room(ENGINE);

    let saw = attack(&room, "--attack-garbage");

    assert!(saw.contains("the room hung up within"), "{saw}");
    room.until_log("0.0 left (a message is longer than 65536 bytes)");
    assert!(peak(&room) < MODEST, "{} bytes", peak(&room));
}
