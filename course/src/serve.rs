//! `cargo run`: builds the book, serves it with the engine that the book builds, and builds it anew when it is saved.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::book::Book;
use crate::cli::Serve;
use crate::commands::{entry, print};
use crate::exercises::{Catalogue, Record, State, Tester};
use crate::recorder::{Recorder, THIS_PROGRAM};
use crate::server::{Server, Verdicts};
use crate::watch;

use notify::RecommendedWatcher;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// How often the pages are told what the engine has done.
const STATS: Duration = Duration::from_secs(1);

/// What the main thread waits for.
#[derive(PartialEq, Eq)]
enum Message {
    Saved,
    Stop,
}

/// Builds the book, and serves it until Ctrl-C.
///
/// # Errors
/// Why there is no book, or no server, and what to do.
pub fn run(options: &Serve) -> Result<(), Box<dyn Error>> {
    let root = options.root.path();
    let (sender, messages) = mpsc::channel();
    stop_on_ctrl_c(sender.clone())?;
    let book = Book::at(root).live(true);
    let recorder = Recorder::new(THIS_PROGRAM).keeping(book.target_folder())?.record_all(root);
    let book = book.lab(&recorder);
    let mut server = Server::start(options.port, &book.build()?).map_err(|error| advise(&error, options.port))?;
    let watcher = watch::watch(root, move || _ = sender.send(Message::Saved));
    if let Err(error) = &watcher {
        eprintln!("the book will not be built anew when you save it: {error}");
    }
    let url = format!("http://{}/", server.address());
    print(&format!("the book: {url}"));
    let _exercises = Exercises::watch(root, &server.exercises());
    if options.open {
        open(&url);
    }
    serve(&mut server, &book, &messages);
    Ok(server.stop()?)
}

/// Tests what is saved, and tells the pages. Dropping it ends what runs.
struct Exercises {
    _watcher: Option<RecommendedWatcher>,
    _tester: Tester,
}

impl Exercises {
    /// `None` if there are no exercises to watch.
    fn watch(root: &Path, pages: &Verdicts) -> Option<Self> {
        let catalogue = Catalogue::read(root).ok()?;
        let judged = pages.clone();
        let tester = Tester::start(move |exercise, result| match result {
            Ok(judgement) => {
                eprintln!("{}: {}", exercise.name, judgement.verdict);
                judged.tell(&exercise.name, entry(exercise, &Record::read(exercise)));
            }
            Err(trouble) => eprintln!("{} is not tested: {trouble}", exercise.name),
        });
        let mut done = 0;
        for exercise in catalogue.iter() {
            let record = Record::read(exercise);
            pages.tell(&exercise.name, entry(exercise, &record));
            done += usize::from(record.state(exercise) == State::Done);
            if record.is_stale(exercise) {
                tester.ask(exercise);
            }
        }
        print(&format!("the exercises: {done} of {} done; cargo course list", catalogue.iter().count()));
        let ask = tester.asker();
        let saved = move |file: PathBuf| catalogue.of_answer(&file).into_iter().for_each(&ask);
        // The same folder as that of the catalogue, which knows it without links.
        let folder = root.canonicalize().ok()?.join("exercises/src");
        let watcher = watch::files(&folder, saved);
        if let Err(error) = &watcher {
            eprintln!("the exercises will not be tested when you save them: {error}");
        }
        Some(Self { _watcher: watcher.ok(), _tester: tester })
    }
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
