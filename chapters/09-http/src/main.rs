//! # Chapter 9: the server of this book
//! *From earlier chapters:* the engine, whole. Nothing in this program is about sockets.
//! *New:* HTTP/1.1 as a framing, a folder as a service, and a clean end: Ctrl-C stops the engine from another thread.
//! *Still wrong:* a file is read by the reactor's thread, whole and into memory, so a slow disk makes everybody wait; and
//! so does who reads its log slowly.
//! No TLS, no ranges, no compression: a proxy in front of it has those.
//!
//! ```text
//! cargo run --bin 09-http -- [ADDR] [FOLDER]
//! ```

use http_server::{Folder, Http, Request, Service};
use reactor::{Builder, Handle};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{self, ExitCode};
use std::thread;
use std::time::Duration;

const USAGE: &str = "usage: 09-http [ADDR] [FOLDER]
  ADDR    where to listen; 127.0.0.1:5555 unless given, port 0 = any free one
  FOLDER  what to serve; the current folder unless given";

/// A client that has sent nothing and taken nothing for this long has been forgotten by whoever started it.
const IDLE: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let (addr, folder) = match arguments(std::env::args_os().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            print(USAGE);
            return ExitCode::SUCCESS;
        }
        Err(mistake) => {
            eprintln!("error: {mistake}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match serve(addr, folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

// ANCHOR: serve
fn serve(addr: SocketAddr, folder: PathBuf) -> io::Result<()> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("cannot serve {}: {error}", folder.display()));
    let mut folder = Folder::open(&folder).map_err(named)?;
    let logged = move |request: &Request<'_>| {
        let response = folder.respond(request);
        // One write: `eprintln!` makes one of each piece, and of each character that is escaped.
        let line = format!("{} {} {}\n", request.method(), request.path().escape_debug(), response.status);
        let _ = io::stderr().write_all(line.as_bytes());
        response
    };
    let engine = Builder::new().idle_timeout(IDLE).bind(addr, Http::new(logged))?;
    stop_on_ctrl_c(engine.handle())?;
    print(&format!("listening on {}", engine.local_addr()?));
    engine.run().map(drop)
}
// ANCHOR_END: serve

/// From now on Ctrl-C, and `kill`, end the engine as `Handle::stop` does: what is queued is still sent.
fn stop_on_ctrl_c(handle: Handle) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let mut signals = signals.forever();
        if signals.next().is_some() {
            handle.stop();
        }
        // Who asks again does not wait for what is queued.
        if signals.next().is_some() {
            process::exit(130);
        }
    })?;
    Ok(())
}

/// `None` means that help is wanted.
fn arguments(args: impl Iterator<Item = std::ffi::OsString>) -> Result<Option<(SocketAddr, PathBuf)>, String> {
    let args: Vec<_> = args.collect();
    if args.iter().any(|arg| arg == "-h" || arg == "--help") {
        return Ok(None);
    }
    if let Some(flag) = args.iter().find(|arg| arg.as_encoded_bytes().starts_with(b"-")) {
        return Err(format!("there is no flag {}", flag.display()));
    }
    let mut args = args.into_iter();
    let addr = args.next().unwrap_or_else(|| "127.0.0.1:5555".into());
    let parsed = addr.to_str().and_then(|addr| addr.parse().ok());
    let addr =
        parsed.ok_or_else(|| format!("{}: an address looks like 127.0.0.1:5555 or [::1]:5555", addr.display()))?;
    let folder = args.next().map_or_else(|| PathBuf::from("."), PathBuf::from);
    match args.next() {
        None => Ok(Some((addr, folder))),
        Some(extra) => Err(format!("one argument too many: {}", extra.display())),
    }
}

/// Nobody may be reading stdout any more, which is no reason to panic, as `println!` would.
fn print(line: &str) {
    let mut stdout = io::stdout().lock();
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}
