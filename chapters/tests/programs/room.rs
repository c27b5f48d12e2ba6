//! The rooms of chapter 8, and those who visit them.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::process::Command;

use crate::common::Program;

pub(crate) const EXE: &str = env!("CARGO_BIN_EXE_08-hostile-clients");

/// More than the kernel keeps for one connection, both ends together.
pub(crate) const MUCH: usize = 64 << 20;
/// No more than the engine takes in memory, whatever comes: twice the mark of 1 MiB for one client, and a few of its own.
pub(crate) const MODEST: usize = 16 << 20;

pub(crate) const NAIVE: &[&str] = &["--naive"];
pub(crate) const GO_ON: &[&str] = &["--go-on"];
pub(crate) const ENGINE: &[&str] = &[];

pub(crate) fn room(flags: &[&str]) -> Program {
    Program::start(EXE, flags)
}

/// A room in a process that may have so few descriptors that a crowd takes them all.
pub(crate) fn narrow_room(flags: &[&str]) -> Program {
    let room = room(flags);
    room.limit_descriptors(32);
    room
}

/// Plays an attack, and returns what it saw.
pub(crate) fn attack(room: &Program, flag: &str) -> String {
    let out = Command::new(EXE).args([&room.addr().to_string(), flag]).output().unwrap();
    let saw = String::from_utf8(out.stderr).unwrap();
    assert!(out.status.success(), "{saw}");
    saw
}

/// Asks for so many bytes, and waits for them.
pub(crate) fn ask(client: &mut TcpStream, count: usize) {
    client.write_all(format!("{count}\n").as_bytes()).unwrap();
    client.read_exact(&mut vec![0; count]).unwrap();
}

/// How many bytes come until the end of the stream.
pub(crate) fn rest(client: &mut TcpStream) -> usize {
    io::copy(client, &mut io::sink()).unwrap() as usize
}

/// The most memory that the program has ever had at a time, in bytes.
pub(crate) fn peak(room: &Program) -> usize {
    let status = room.proc("status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("in /proc/PID/status");
    line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1024
}
