//! The book shows what the attacks of chapter 8 show: with RECORD=1 this writes it down, and else it compares.

use std::thread;

use crate::common::{self, Program};
use crate::room::{attack, narrow_room, room};

/// The terminals of one attack, and of the room it is played in.
struct Scene {
    /// The name of its anchors.
    name: &'static str,
    flags: &'static [&'static str],
    attack: &'static str,
    /// The room's last line about it.
    last: &'static str,
    /// Which of the room's lines are shown: those with one of these in them.
    shown: &'static [&'static str],
}

const fn scene(
    name: &'static str,
    flags: &'static [&'static str],
    attack: &'static str,
    last: &'static str,
    shown: &'static [&'static str],
) -> Scene {
    Scene { name, flags, attack, last, shown }
}

const NAIVE: &[&str] = &["--naive"];

/// These rooms may have 32 descriptors.
const CROWDS: &[Scene] = &[
    scene("crowd-naive", NAIVE, "--attack-crowd", "error: Too many", &["error"]),
    scene("crowd-go-on", &["--go-on"], "--attack-crowd", ", 65536 so far", &[", 1 so far", ", 65536 so far"]),
    scene("crowd", &[], "--attack-crowd", "", &[]),
];

const SCENES: &[Scene] = &[
    scene("run-naive", NAIVE, "--attack-hit-and-run", "", &[]),
    scene("run", &[], "--attack-hit-and-run", "", &[]),
    scene("half-naive", NAIVE, "--attack-half-close", "left (end of stream)", &["MiB", "(end of stream), 6"]),
    scene("half", &[], "--attack-half-close", "", &[]),
    scene("babble-naive", NAIVE, "--attack-babble", "32 MiB", &["MiB"]),
    scene("babble", &[], "--attack-babble", "left (Connection reset", &["reset"]),
    scene("deaf-naive", NAIVE, "--attack-deaf", "32 MiB", &["MiB"]),
    scene("deaf", &[], "--attack-deaf", "TooSlow", &["TooSlow"]),
    scene("garbage-naive", NAIVE, "--attack-garbage", "64 MiB", &["MiB"]),
    scene("garbage", &[], "--attack-garbage", "longer", &["longer"]),
    scene("stale-naive", NAIVE, "--attack-stale", "", &[]),
    scene("stale", &[], "--attack-stale", "", &[]),
    scene("silence-naive", NAIVE, "--attack-silence", "", &[]),
    scene("silence", &["--idle", "2"], "--attack-silence", "9.0 left (Idle)", &["0.0 left (Idle)"]),
];

const RUN: &str = "cargo run --bin 08-hostile-clients";

impl Scene {
    fn play(&self, mut room: Program) -> String {
        let saw = attack(&room, self.attack);
        room.until_log(self.last);
        let log: Vec<_> = room.log().lines().filter(|line| self.shows(line)).map(|line| format!("{line}\n")).collect();
        let (name, addr) = (self.name, room.addr());
        let flags = if self.flags.is_empty() { String::new() } else { format!(" -- {}", self.flags.join(" ")) };
        let (few, descriptors) = if name.starts_with("crowd") { ("(ulimit -n 32; ", ")") } else { ("", "") };
        let room = [format!("$ {few}{RUN}{flags}{descriptors}\nlistening on {addr}\n"), log.concat()].concat();
        let text =
            anchored(&format!("{name}-room"), &room) + &anchored(name, &format!("$ {RUN} -- {}\n{saw}", self.attack));
        with_usual_ports(&text.replace(&addr.to_string(), "127.0.0.1:5555"))
    }

    fn shows(&self, line: &str) -> bool {
        self.shown.iter().any(|part| line.contains(part))
    }
}

fn anchored(name: &str, text: &str) -> String {
    format!("# ANCHOR: {name}\n{text}# ANCHOR_END: {name}\n")
}

/// Ports differ from run to run, so the book has 40000, 40002, ... in the order in which they are named.
fn with_usual_ports(text: &str) -> String {
    let mut known: Vec<&str> = vec!["5555"];
    let mut parts = text.split("127.0.0.1:");
    let mut result = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let (port, rest) = part.split_at(part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len()));
        let index = known.iter().position(|known| *known == port).unwrap_or_else(|| {
            known.push(port);
            known.len() - 1
        });
        let port = if index == 0 { 5555 } else { 39_998 + 2 * index };
        result += &format!("127.0.0.1:{port}{rest}");
    }
    result
}

#[test]
fn the_book_shows_what_the_attacks_show() {
    let narrow = |scene: &Scene| scene.play(narrow_room(scene.flags));
    let wide = |scene: &Scene| scene.play(room(scene.flags));
    let (half, rest) = SCENES.split_at(SCENES.len() / 2);
    // Some wait for seconds, so they wait together.
    let text = thread::scope(|scope| {
        let lanes = [
            scope.spawn(|| CROWDS.iter().map(narrow).collect::<String>()),
            scope.spawn(|| half.iter().map(wide).collect()),
            scope.spawn(|| rest.iter().map(wide).collect()),
        ];
        lanes.map(|lane| lane.join().unwrap()).concat()
    });
    common::transcript("08-hostile-clients.txt", &text);
}
