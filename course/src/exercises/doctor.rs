//! Whether this machine has what the course needs, and what to do if not.

use std::env;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Resource, getrlimit};
use serde::Serialize;

/// How well something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// As it should be.
    Good,
    /// Something is missing that not everything needs.
    Poor,
    /// The course cannot do without.
    Bad,
}

/// What was looked at, and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub what: &'static str,
    /// How well it is.
    pub health: Health,
    /// What was seen.
    pub seen: String,
    /// What to do, unless it is well.
    pub advice: Option<String>,
}

/// The one that brought `openat2`, which the server of chapter 9 opens its files with.
const KERNEL: (u32, u32) = (5, 6);
/// What the workspace says of itself.
const RUST: &str = env!("CARGO_PKG_RUST_VERSION");
/// Tests with a thousand clients hold 3,000 descriptors at once.
const FILES: u64 = 4096;
/// How long what takes microseconds may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Looks at all that the course needs.
pub fn examine(root: &Path) -> Vec<Finding> {
    vec![kernel(), rustc(), files(), proc(), loopback(), epoll(), inotify(root), exercises(root)]
}

fn good(what: &'static str, seen: impl Into<String>) -> Finding {
    Finding { what, health: Health::Good, seen: seen.into(), advice: None }
}

fn poor(what: &'static str, seen: impl Into<String>, advice: &str) -> Finding {
    Finding { what, health: Health::Poor, seen: seen.into(), advice: Some(advice.to_owned()) }
}

fn bad(what: &'static str, seen: impl Into<String>, advice: &str) -> Finding {
    Finding { health: Health::Bad, ..poor(what, seen, advice) }
}

fn kernel() -> Finding {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let seen = format!("Linux {}", release.trim());
    match version(&release) {
        Some(found) if found >= KERNEL => good("kernel", seen),
        Some(_) => poor("kernel", seen, "Chapter 9 and some experiments need Linux 5.6 or newer."),
        None => poor("kernel", "unknown", "/proc/sys/kernel/osrelease cannot be read; see /proc below."),
    }
}

fn rustc() -> Finding {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let advice = format!("Install Rust {RUST} or newer, from https://rustup.rs or your distribution.");
    let output = match Command::new(&rustc).arg("--version").output() {
        Ok(output) => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        Err(error) => return bad("rustc", format!("{}: {error}", rustc.display()), &advice),
    };
    match output.strip_prefix("rustc ").and_then(version) {
        Some(found) if Some(found) >= version(RUST) => good("rustc", output),
        _ => bad("rustc", output, &advice),
    }
}

/// The first two numbers of a version.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

fn files() -> Finding {
    let limit = getrlimit(Resource::Nofile);
    let show = |limit: Option<u64>| limit.map_or_else(|| "any number".to_owned(), |limit| limit.to_string());
    let seen = format!("{}, and {} if a program asks", show(limit.current), show(limit.maximum));
    match limit.maximum {
        Some(maximum) if maximum < FILES => poor(
            "open files",
            seen,
            "Tests with a thousand clients cannot run. Raise the hard limit of `ulimit -n` to 4096.",
        ),
        _ => good("open files", seen),
    }
}

/// Reads of a child what the verdict on a hang rests on.
fn proc() -> Finding {
    const ADVICE: &str = "A hang is then named with less evidence. In a container, do not mask /proc; \
                          a /proc mounted with hidepid hides them as well.";
    let what = "/proc";
    let mut child = match Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn() {
        Ok(child) => child,
        Err(error) => return bad(what, format!("cannot start `cat` to look at it: {error}"), "Install coreutils."),
    };
    let missing = what_is_masked(&child);
    let _ = child.kill();
    let _ = child.wait();
    match missing {
        missing if missing.is_empty() => good(what, "says where a process sleeps, and what waits in its sockets"),
        missing => poor(what, format!("cannot be read: {}", missing.join(", ")), ADVICE),
    }
}

fn what_is_masked(child: &Child) -> Vec<String> {
    let of_child = |file: &str| format!("/proc/{}/{file}", child.id());
    let asleep =
        || fs::read_to_string(of_child("syscall")).is_ok_and(|call| call.starts_with(|c: char| c.is_ascii_digit()));
    let deadline = Instant::now() + PATIENCE;
    let mut seen = asleep();
    while !seen && fs::read(of_child("syscall")).is_ok() && Instant::now() < deadline {
        std::thread::yield_now();
        seen = asleep();
    }
    let mut missing: Vec<_> = ["wchan", "stat", "fdinfo/0", "task"]
        .into_iter()
        .filter(|file| fs::metadata(of_child(file)).is_err() || (*file != "task" && fs::read(of_child(file)).is_err()))
        .map(|file| format!("/proc/PID/{file}"))
        .collect();
    missing.extend((!seen).then(|| "/proc/PID/syscall".to_owned()));
    missing.extend(fs::read("/proc/net/tcp").is_err().then(|| "/proc/net/tcp".to_owned()));
    missing
}

fn loopback() -> Finding {
    let what = "loopback";
    let echo = || -> io::Result<()> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let mut near = TcpStream::connect(listener.local_addr()?)?;
        let (mut far, _) = listener.accept()?;
        far.set_read_timeout(Some(PATIENCE))?;
        near.write_all(b"x")?;
        far.read_exact(&mut [0])
    };
    match echo() {
        Ok(()) => good(what, "a byte went from 127.0.0.1 to 127.0.0.1"),
        Err(error) => bad(what, error.to_string(), "Bring the interface up: ip link set lo up"),
    }
}

fn epoll() -> Finding {
    use reactor::{Epoll, Events, Interest, Token};
    let what = "epoll";
    let wait = || -> io::Result<bool> {
        let (epoll, mut events) = (Epoll::new()?, Events::with_capacity(1));
        let (mut near, far) = std::os::unix::net::UnixStream::pair()?;
        epoll.add(&far, Token(7), Interest::READABLE)?;
        near.write_all(b"x")?;
        epoll.wait(&mut events, Some(PATIENCE))?;
        Ok(events.iter().any(|event| event.token == Token(7)))
    };
    match wait() {
        Ok(true) => good(what, "told of a byte that waited"),
        Ok(false) => bad(what, "did not tell of a byte that waited", "This is no kernel that the course knows."),
        Err(error) => bad(what, error.to_string(), "A sandbox forbids it; run the course outside."),
    }
}

fn inotify(root: &Path) -> Finding {
    match crate::watch::watch(root, || {}) {
        Ok(_) => good("watching files", "inotify watches the folders"),
        Err(error) => {
            let advice = "Raise the limit: sysctl fs.inotify.max_user_watches=65536 fs.inotify.max_user_instances=256";
            poor("watching files", error.to_string(), advice)
        }
    }
}

fn exercises(root: &Path) -> Finding {
    let what = "exercises";
    match super::Catalogue::read(root) {
        Ok(catalogue) => {
            let gone: Vec<_> =
                catalogue.iter().filter(|one| !one.answer().is_file()).map(|one| one.name.as_str()).collect();
            match gone.as_slice() {
                [] => good(what, format!("{} are here", catalogue.iter().count())),
                [first, ..] => {
                    let seen = format!("exercises/src lacks {}", gone.join(", "));
                    bad(what, seen, &format!("Have it back: cargo course reset {first}"))
                }
            }
        }
        Err(error) => bad(what, error.to_string(), "Run this in a clone of the repository, or name it with --root."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_version_is_its_first_two_numbers() {
        assert_eq!(version("6.1.0-13-amd64\n"), Some((6, 1)));
        assert_eq!(version("1.95.0 (f2d3ce0bd 2026-03-21)"), Some((1, 95)));
        assert_eq!(version("1.88"), Some((1, 88)));
        assert_eq!(version("unknown"), None);
        assert!((5, 15) > KERNEL && (5, 4) < KERNEL);
    }
}
