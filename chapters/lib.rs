//! What the programs of the book share, so that each can be about its own subject: the arguments, the first line of
//! output, Ctrl-C, and what to say when the address cannot be had.
//!
//! ```text
//! cargo run --bin 01-blocking-echo -- [ADDR] [flags]
//! ```

mod turns;

use std::ffi::OsString;
use std::io::{self, ErrorKind, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use lexopt::prelude::*;
use signal_hook::consts::{SIGINT, SIGTERM};

pub use turns::Turns;

/// Where a program listens unless it is told otherwise.
pub const DEFAULT_ADDR: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 5555);

/// A flag as `--help` shows it, and what it does: `--threads` is a switch, `--idle SECONDS` takes a whole number.
pub type Flag = (&'static str, &'static str);

/// The arguments of a chapter's program.
#[derive(Debug, PartialEq, Eq)]
pub struct Args {
    /// Where to listen. Port 0 lets the kernel choose a free one.
    pub addr: SocketAddr,
    /// The flags that were given, without what `--help` shows behind them; a switch has the number 1.
    flags: Vec<(&'static str, u64)>,
}

impl Args {
    /// Reads the program's arguments. `--help` ends the program with status 0; a mistake ends it with status 2 and a
    /// line on stderr that says what is wrong.
    pub fn from_env(about: &str, flags: &[Flag]) -> Self {
        match Self::parse(std::env::args_os().skip(1), flags) {
            Ok(Some(args)) => args,
            Ok(None) => {
                print(&help(about, flags));
                process::exit(0)
            }
            Err(mistake) => {
                eprintln!("error: {mistake} (--help lists the arguments)");
                process::exit(2)
            }
        }
    }

    /// Was this switch given?
    pub fn has(&self, switch: &str) -> bool {
        self.number(switch).is_some()
    }

    /// The number given with this flag.
    pub fn number(&self, flag: &str) -> Option<u64> {
        self.flags.iter().rev().find(|(name, _)| *name == flag).map(|&(_, number)| number)
    }

    /// `None` means that help is wanted.
    fn parse(args: impl Iterator<Item = OsString>, known: &[Flag]) -> Result<Option<Self>, lexopt::Error> {
        let mut parser = lexopt::Parser::from_args(args);
        let mut addr = None;
        let mut flags = Vec::new();
        while let Some(arg) = parser.next()? {
            match arg {
                Short('h') | Long("help") => return Ok(None),
                Value(text) if addr.is_none() => addr = Some(text.parse_with(address)?),
                Long(name) => match known.iter().find_map(|(flag, _)| named(flag, name)) {
                    Some((flag, true)) => flags.push((flag, parser.value()?.parse()?)),
                    Some((flag, false)) => flags.push((flag, 1)),
                    None => return Err(arg.unexpected()),
                },
                _ => return Err(arg.unexpected()),
            }
        }
        Ok(Some(Self { addr: addr.unwrap_or(DEFAULT_ADDR), flags }))
    }
}

/// Listens on `addr` and says so: the first line on stdout is `listening on IP:PORT`, and from then on Ctrl-C ends the
/// program with status 0. If the address cannot be had, the program says why on stderr and ends with status 1.
pub fn listen(addr: SocketAddr) -> TcpListener {
    let listener = TcpListener::bind(addr).and_then(|listener| {
        exit_on_ctrl_c()?;
        announce(listener.local_addr()?);
        Ok(listener)
    });
    listener.unwrap_or_else(|error| {
        eprintln!("error: {}", explain(addr, &error));
        process::exit(1)
    })
}

/// Writes the first line: `listening on IP:PORT`.
pub fn announce(addr: SocketAddr) {
    print(&format!("listening on {addr}\n"));
}

/// From now on SIGINT, which is Ctrl-C, and SIGTERM, which is what `kill` sends, end the program with status 0.
///
/// # Errors
/// None is known: the kernel refuses a handler only for signals that cannot be caught.
pub fn exit_on_ctrl_c() -> io::Result<()> {
    let at_once = Arc::new(AtomicBool::new(true));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(signal, 0, Arc::clone(&at_once))?;
    }
    Ok(())
}

/// Why `addr` cannot be listened on, and what to do about it.
pub fn explain(addr: SocketAddr, error: &io::Error) -> String {
    let advice = match error.kind() {
        ErrorKind::AddrInUse => "another program listens there; end it, or give another address, such as 127.0.0.1:0",
        ErrorKind::PermissionDenied => "a port below 1024 takes privileges; give a higher one",
        ErrorKind::AddrNotAvailable => "this machine does not have that address; 127.0.0.1 always works",
        _ => "give another address, such as 127.0.0.1:0",
    };
    format!("cannot listen on {addr}: {error}\n{advice}")
}

/// `1 message`, and `2 messages`.
pub fn count(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

/// Writes to stdout. Nobody may be reading it any more, which is no reason to panic, as `print!` would.
fn print(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

fn help(about: &str, flags: &[Flag]) -> String {
    let mut text = format!("{about}\n\nArguments: [ADDR] [flags]\n");
    let all = [("ADDR", "where to listen; 127.0.0.1:5555 unless given, port 0 = any free one")];
    for (flag, what) in all.iter().chain(flags).chain(&[("--help", "print this")]) {
        text += &format!("  {flag:<16}  {what}\n");
    }
    text
}

/// If `flag` has this name: the flag without what `--help` shows behind it, and whether a number follows.
fn named(flag: &'static str, name: &str) -> Option<(&'static str, bool)> {
    let (word, value) = flag.split_once(' ').map_or((flag, false), |(word, _)| (word, true));
    (word.strip_prefix("--") == Some(name)).then_some((word, value))
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "an address looks like 127.0.0.1:5555 or [::1]:5555")
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    const FLAGS: &[Flag] = &[("--threads", "a switch"), ("--idle SECONDS", "takes a number")];

    fn parse(args: &[&str]) -> Result<Option<Args>, String> {
        Args::parse(args.iter().map(OsString::from), FLAGS).map_err(|mistake| mistake.to_string())
    }

    #[test]
    fn the_address_and_the_flags_come_in_any_order() {
        let args = parse(&["--idle", "7", "[::1]:0", "--threads"]).unwrap().unwrap();

        assert_eq!(args.addr, "[::1]:0".parse().unwrap());
        assert!(args.has("--threads"));
        assert_eq!(args.number("--idle"), Some(7));
    }

    #[test]
    fn nothing_is_needed() {
        let args = parse(&[]).unwrap().unwrap();

        assert_eq!(args, Args { addr: "127.0.0.1:5555".parse().unwrap(), flags: vec![] });
    }

    #[test]
    fn a_mistake_is_named() {
        let mistakes: [(&[&str], &str); 6] = [
            (&["--thread"], "--thread"),
            (&["--idle"], "--idle"),
            (&["--idle", "soon"], "soon"),
            (&["--threads=2"], "--threads"),
            (&["localhost"], "localhost"),
            (&["127.0.0.1:1", "127.0.0.1:2"], "127.0.0.1:2"),
        ];
        for (args, named) in mistakes {
            let message = parse(args).unwrap_err();
            assert!(message.contains(named), "{args:?} says: {message}");
        }
    }

    #[test]
    fn one_thing_is_not_many() {
        assert_eq!([0, 1, 2].map(|number| count(number, "line")), ["0 lines", "1 line", "2 lines"]);
    }

    #[test]
    fn a_privileged_port_is_named_with_what_to_do() {
        let addr = "127.0.0.1:80".parse().unwrap();

        let message = explain(addr, &ErrorKind::PermissionDenied.into());

        assert!(message.contains("127.0.0.1:80") && message.contains("higher"), "{message}");
    }
}
