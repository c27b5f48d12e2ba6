//! The programs of the book serve `nc`, which sends a line and then shuts down its side. (Chapter 5's sends records, and
//! nobody says anything to it: its transcript has `nc`.)

use std::io::Write;
use std::process::{Command, Stdio};

use pretty_assertions::assert_eq;

use crate::common::Program;
use crate::replay;

/// A program, its flags, and what `nc` shows when `hello` is typed.
type Case = (&'static str, &'static [&'static str], &'static str);

const CASES: &[Case] = &[
    (env!("CARGO_BIN_EXE_02-level-triggered"), &[], "hello\n"),
    (env!("CARGO_BIN_EXE_03-edge-triggered"), &[], "hello\n"),
    (env!("CARGO_BIN_EXE_04-self-wake"), &[], "hello\n"),
    (env!("CARGO_BIN_EXE_06-framing"), &[], "5 bytes: \"hello\"\n"),
    (env!("CARGO_BIN_EXE_06-framing"), &["--read-is-message"], "6 bytes: \"hello\\n\"\n"),
    (env!("CARGO_BIN_EXE_07-engine"), &[], "0.0 is here\n0.0: hello\n"),
    (env!("CARGO_BIN_EXE_07-engine"), &["--by-hand"], "0.0 is here\n0.0: hello\n"),
    (env!("CARGO_BIN_EXE_08-hostile-clients"), &[], "hello\n"),
    (env!("CARGO_BIN_EXE_08-hostile-clients"), &["--naive"], "hello\n"),
];

#[test]
fn nc_gets_its_answer_and_the_end() {
    if !replay::are_there(&["nc"], "nc") {
        return;
    }
    for (exe, flags, answer) in CASES {
        let server = Program::spawn(Command::new(exe).arg("127.0.0.1:0").args(*flags).stdin(Stdio::piped()));
        let port = server.addr().port().to_string();
        let mut nc = Command::new("nc");
        nc.args(["-N", "127.0.0.1", &port]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut nc = nc.spawn().unwrap();

        nc.stdin.take().unwrap().write_all(b"hello\n").unwrap();

        let out = nc.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&out.stdout), *answer, "{exe} {flags:?}");
        assert!(out.status.success(), "{exe} {flags:?}: nc ends with {}", out.status);
    }
}
