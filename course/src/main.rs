//! `cargo run`: builds the book, serves it with the engine that the book builds, and builds it anew when it is saved.

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use course::book::Book;
use course::recorder::{Recorder, THIS_PROGRAM};
use course::server::Server;
use course::watch;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

const USAGE: &str = "cargo run [-- OPTIONS]: serves the book with the engine that it builds

  --port N       the port on 127.0.0.1; 3000 unless given, 0 = any free one
  --open         open the book in your browser
  --root FOLDER  the repository; the one that this program was built from unless given
  --help         print this

cargo course lab [NAME ...]: lists the experiments that ask the kernel, or runs some";

/// How often the pages are told what the engine has done.
const STATS: Duration = Duration::from_secs(1);

struct Options {
    port: u16,
    open: bool,
    root: PathBuf,
}

/// What the main thread waits for.
#[derive(PartialEq, Eq)]
enum Message {
    Saved,
    Stop,
}

fn main() -> ExitCode {
    lab::serve_if_asked();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(("lab", names)) = arguments.split_first().map(|(word, rest)| (word.as_str(), rest)) {
        return lab::command(names);
    }
    let options = match options() {
        Ok(Some(options)) => options,
        Ok(None) => {
            print(USAGE);
            return ExitCode::SUCCESS;
        }
        Err(mistake) => {
            eprintln!("error: {mistake}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let (sender, messages) = mpsc::channel();
    stop_on_ctrl_c(sender.clone())?;
    let book = Book::at(&options.root).live(true);
    let recorder = Recorder::new(THIS_PROGRAM).keeping(book.target_folder())?.record_all(&options.root);
    let book = book.lab(&recorder);
    let mut server = Server::start(options.port, &book.build()?).map_err(|error| advise(&error, options.port))?;
    let watcher = watch::watch(&options.root, move || _ = sender.send(Message::Saved));
    if let Err(error) = &watcher {
        eprintln!("the book will not be built anew when you save it: {error}");
    }
    let url = format!("http://{}/", server.address());
    print(&format!("the book: {url}"));
    if options.open {
        open(&url);
    }
    serve(&mut server, &book, &messages);
    Ok(server.stop()?)
}

/// Until Ctrl-C: tells the pages the counters, and builds the book anew when a file of it is saved.
fn serve(server: &mut Server, book: &Book, messages: &Receiver<Message>) {
    let mut next = Instant::now() + STATS;
    loop {
        match messages.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Ok(Message::Saved) => {
                let stop = watch::settle(messages, &Message::Saved);
                match book.build() {
                    Ok(site) => server.replace(&site),
                    Err(error) => eprintln!("the pages stay as they were: {error}"),
                }
                if stop.is_some() {
                    return;
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                server.publish_stats();
                next = Instant::now() + STATS;
            }
            Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// From now on Ctrl-C, and `kill`, are a message.
fn stop_on_ctrl_c(sender: Sender<Message>) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for _ in signals.forever() {
            if sender.send(Message::Stop).is_err() {
                break;
            }
        }
    })?;
    Ok(())
}

/// `None` means that help is wanted.
fn options() -> Result<Option<Options>, lexopt::Error> {
    use lexopt::prelude::*;
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let mut options = Options { port: 3000, open: false, root: workspace.to_owned() };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("port") => options.port = parser.value()?.parse()?,
            Long("open") => options.open = true,
            Long("root") => options.root = parser.value()?.into(),
            Short('h') | Long("help") => return Ok(None),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(Some(options))
}

fn advise(error: &io::Error, port: u16) -> String {
    let advice = match error.kind() {
        io::ErrorKind::AddrInUse => {
            "Another program listens there, perhaps this one. End it, or choose another port: cargo run -- --port 0"
        }
        io::ErrorKind::PermissionDenied if port < 1024 => {
            "A port below 1024 takes privileges. Choose a higher one: cargo run -- --port 3000"
        }
        _ => "Choose another port: cargo run -- --port 0",
    };
    format!("{error}\n{advice}")
}

fn open(url: &str) {
    let opened = Command::new("xdg-open").arg(url).stdin(Stdio::null()).stdout(Stdio::null()).spawn();
    match opened {
        // Reaped by a thread of its own: some desktops keep it running as long as the browser.
        Ok(mut child) => drop(thread::spawn(move || child.wait())),
        Err(error) => eprintln!("cannot open a browser with xdg-open: {error}"),
    }
}

/// Writes a line to stdout. Nobody may be reading it any more, which is no reason to panic, as `println!` would.
fn print(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}
