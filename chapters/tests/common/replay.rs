//! Runs again what a page of the book shows in its terminals, and holds what they show now against the page.
//!
//! `chapters/NN-name/record.sh` has written the transcript in `book/src/transcripts`; here the same script writes to
//! another folder. What differs from run to run is marked by [`Replay::varies`].
#![allow(
    dead_code,
    unreachable_pub,
    reason = "the tests of several packages compile this file and use their part of it"
)]

use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

use pretty_assertions::assert_eq;

/// Ten times what the longest script takes on a quiet machine.
const DEADLINE: Duration = Duration::from_secs(150);

/// A script, and what its transcript may differ in.
#[derive(Debug)]
pub struct Replay<'a> {
    /// The script, below `chapters/`.
    pub script: &'a str,
    /// The chapter's program.
    pub program: &'a str,
    /// A folder for what the script writes. Each run has one of its own in it.
    pub scratch: &'a str,
    /// What the script takes besides bash.
    pub tools: &'a [&'a str],
    /// Lines that differ. `#` is a number, `##` one of at least two digits, `*` some letters or other signs. What
    /// stands in brackets before the line is the only part of the transcript in which it may.
    pub varies: &'a [&'a str],
    /// Lines which contain this come in any order.
    pub unordered: &'a [&'a str],
    /// Lines which come or do not come.
    pub optional: &'a [&'a str],
    /// Parts of the transcript that the script records only when it is not a test that runs it.
    pub elsewhere: &'a [&'a str],
}

impl Replay<'_> {
    /// Runs the script, and compares each transcript that it writes with the book's.
    pub fn run(&self, transcripts: &[&str]) {
        if !are_there(self.tools, self.script) {
            return;
        }
        let scratch = Path::new(self.scratch).join(format!("{}-{}", self.script.replace('/', "-"), process::id()));
        fs::create_dir_all(&scratch).unwrap();
        let said = scratch.join("said");
        let status = self.play(&scratch, &said);
        let said = fs::read_to_string(said).unwrap_or_default();
        assert!(status.success(), "{} ends with {status}, and says:\n{said}", self.script);
        for name in transcripts {
            let [recorded, now] = [&book(), &scratch].map(|folder| {
                let path = folder.join(name);
                fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
            });
            let (recorded, now) = (self.shape(&recorded), self.shape(&now));
            assert_eq!(recorded, now, "the book's {name} is not what {} shows now", self.script);
        }
        fs::remove_dir_all(scratch).unwrap();
    }

    fn play(&self, scratch: &Path, said: &Path) -> ExitStatus {
        let script = root().join("chapters").join(self.script);
        let said = fs::File::create(said).unwrap();
        let mut command = Command::new("bash");
        command.arg(script).env("TRANSCRIPTS", scratch).env("PROGRAM", self.program).env("RUST_BACKTRACE", "0");
        command.stdin(Stdio::null()).stdout(said.try_clone().unwrap()).stderr(said).process_group(0);
        let mut running = Running(command.spawn().unwrap());
        let start = Instant::now();
        while start.elapsed() < DEADLINE {
            if let Some(status) = running.0.try_wait().unwrap() {
                return status;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("{} takes more than {DEADLINE:?}", self.script);
    }

    /// The lines, one blank between two words, without what may differ.
    pub fn shape(&self, transcript: &str) -> Vec<String> {
        let mut part = String::new();
        let mut lines: Vec<String> = Vec::new();
        for line in transcript.lines() {
            if let Some(name) = line.strip_prefix("# ANCHOR: ") {
                part = name.to_owned();
            }
            let line = without_ports(&line.split_whitespace().collect::<Vec<_>>().join(" "));
            if !self.elsewhere.contains(&part.as_str()) && !self.optional.contains(&line.as_str()) {
                lines.push(self.marked(&part, line));
            }
        }
        lines.chunk_by_mut(|a, b| self.is_unordered(a) && self.is_unordered(b)).for_each(<[_]>::sort);
        lines
    }

    fn marked(&self, part: &str, line: String) -> String {
        let fits = |rule: &&&str| {
            let (only, pattern) = parted(rule);
            only.is_none_or(|only| only == part) && matches(pattern.as_bytes(), line.as_bytes())
        };
        self.varies.iter().find(fits).map_or(line.clone(), |rule| parted(rule).1.to_owned())
    }

    fn is_unordered(&self, line: &str) -> bool {
        self.unordered.iter().any(|part| line.contains(part))
    }
}

/// A script that runs, with all that it has started. Dropping it ends them.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        if !matches!(self.0.try_wait(), Ok(None)) {
            return;
        }
        // The leader of the group is our child and not yet waited for, so the number is its own. A shell that gets
        // SIGTERM does what it has to do at its end.
        let kill = format!("kill -TERM -- -{}", self.0.id());
        let _ = Command::new("bash").args(["-c", &kill]).status();
        let _ = self.0.wait();
    }
}

/// `[part] line` or `line`.
fn parted(rule: &str) -> (Option<&str>, &str) {
    let in_part = rule.strip_prefix('[').and_then(|rest| rest.split_once("] "));
    in_part.map_or((None, rule), |(part, line)| (Some(part), line))
}

/// Every port but those that the book names becomes `PORT`.
fn without_ports(line: &str) -> String {
    let mut parts = line.split("127.0.0.1:");
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (port, rest) = part.split_at(part.bytes().take_while(u8::is_ascii_digit).count());
        let port = if ["5555", "3000"].contains(&port) { port } else { "PORT" };
        result += &format!("127.0.0.1:{port}{rest}");
    }
    result
}

fn matches(pattern: &[u8], line: &[u8]) -> bool {
    let run = |of: fn(&u8) -> bool, least: usize, rest: &[u8]| {
        let most = line.iter().take_while(|byte| of(byte)).count();
        (least..=most).rev().any(|count| matches(rest, &line[count..]))
    };
    match pattern {
        [] => line.is_empty(),
        [b'#', ..] => {
            let digits = pattern.iter().take_while(|byte| **byte == b'#').count();
            run(|byte| byte.is_ascii_digit() || *byte == b'.', digits, &pattern[digits..])
        }
        [b'*', rest @ ..] => run(|byte| *byte != b' ', 1, rest),
        [first, rest @ ..] => line.first() == Some(first) && matches(rest, &line[1..]),
    }
}

/// Whether all of these tools can be run. If not, it is said that `what` is not; CI must have them.
pub fn are_there(tools: &[&str], what: &str) -> bool {
    let Some(lacking) = tools.iter().find(|tool| !is_there(tool)) else { return true };
    assert!(env::var_os("CI").is_none(), "CI needs {lacking}: see .ci/run");
    // Not eprintln!, which the test harness would keep to itself.
    let _ = writeln!(io::stderr(), "SKIPPED: {what} is not run, for want of {lacking}");
    false
}

/// Whether this tool can be run. There are several kinds of `nc`; the scripts use what OpenBSD's can do.
fn is_there(tool: &str) -> bool {
    let flag = if tool == "nc" { "-h" } else { "--version" };
    let help = Command::new(tool).arg(flag).stdin(Stdio::null()).output();
    help.is_ok_and(|out| tool != "nc" || String::from_utf8_lossy(&out.stderr).contains("OpenBSD"))
}

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors()
        .find(|folder| folder.join("book/book.toml").exists())
        .expect("a folder of the repository")
        .to_owned()
}

fn book() -> PathBuf {
    root().join("book/src/transcripts")
}
