//! `cargo run`: builds the book, serves it with the engine that the book builds, and builds it anew when it is saved.

use std::error::Error;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::book::{Book, Site};
use crate::cli::Serve;
use crate::commands::{entry, print};
use crate::exercises::{Catalogue, Exercise, Record, State, Tester};
use crate::recorder::{Recorder, THIS_PROGRAM};
use crate::server::{Server, Verdicts};
use crate::terminal;
use crate::watch;
use crate::yours;

use notify::RecommendedWatcher;
use signal_hook::iterator::Signals;

/// How often the pages are told what the engine has done.
const STATS: Duration = Duration::from_secs(1);

/// Held by who builds the book.
type Building = Arc<Mutex<()>>;

/// What the main thread waits for.
enum Message {
    Built(Result<Site, Box<dyn Error + Send + Sync>>),
    Stop,
}

/// Builds the book, and serves it until Ctrl-C.
///
/// # Errors
/// Why there is no book, or no server, and what to do.
pub fn run(options: &Serve) -> Result<(), Box<dyn Error>> {
    let building = Building::default();
    let ended = run_until_ctrl_c(options, &building);
    // A build that is cut short leaves the folder that it writes to behind; from here on, and for good, none begins.
    std::mem::forget(building.lock());
    ended
}

fn run_until_ctrl_c(options: &Serve, building: &Building) -> Result<(), Box<dyn Error>> {
    let root = options.root.path();
    let (sender, messages) = mpsc::channel();
    stop_on_ctrl_c(sender.clone())?;
    build_in_the_background(root.to_owned(), sender, Arc::clone(building))?;
    let site = match messages.recv()? {
        Message::Built(site) => site.map_err(|error| error as Box<dyn Error>)?,
        Message::Stop => return Ok(()),
    };
    let mut server = Server::start(options.port, &site).map_err(|error| advise(&error, options.port))?;
    server.made_of(yours::blocks(root));
    let url = format!("http://{}/", server.address());
    print(&format!("the book: {url}"));
    let _exercises = Exercises::watch(root, &server.exercises());
    if options.open {
        open(&url);
    }
    serve(&mut server, &messages);
    Ok(server.stop()?)
}

/// Builds the book now, and whenever a file of it is saved. Not on the main thread, which Ctrl-C has to end soon.
fn build_in_the_background(root: PathBuf, sender: Sender<Message>, building: Building) -> io::Result<()> {
    thread::Builder::new().name("book".to_owned()).spawn(move || {
        if let Err(error) = build(&root, &sender, &building) {
            // Whoever would hear it has ended.
            let _ = sender.send(Message::Built(Err(error)));
        }
    })?;
    Ok(())
}

fn build(root: &Path, sender: &Sender<Message>, building: &Building) -> Result<(), Box<dyn Error + Send + Sync>> {
    let book = Book::at(root).live(true);
    let recorder = Recorder::new(THIS_PROGRAM).keeping(book.target_folder())?.record_all(root);
    let book = book.lab(&recorder);
    let (saved, saves) = mpsc::channel();
    let watcher = watch::watch(root, move || _ = saved.send(()));
    if let Err(error) = &watcher {
        eprintln!("the book will not be built anew when you save it: {error}");
    }
    loop {
        let site = {
            let _building = building.lock();
            book.build().map_err(Into::into)
        };
        if sender.send(Message::Built(site)).is_err() || saves.recv().is_err() {
            return Ok(());
        }
        watch::settle(&saves);
    }
}

/// Tests what is saved, and tells the pages. Dropping it ends what runs.
struct Exercises {
    _watchers: Vec<RecommendedWatcher>,
    _tester: Tester,
}

impl Exercises {
    /// `None` if there are no exercises to watch.
    fn watch(root: &Path, pages: &Verdicts) -> Option<Self> {
        let catalogue = Catalogue::read(root).ok()?;
        let tester = tester(pages.clone());
        // Watched first: what is saved from now on is heard of, and what was saved before is found to be stale.
        let watchers = watchers(&catalogue, pages, tester.asker()).unwrap_or_else(|error| {
            eprintln!("the exercises will not be tested when you save them: {error}");
            Vec::new()
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
        Some(Self { _watchers: watchers, _tester: tester })
    }
}

/// Tells each verdict to the pages, and to the terminal.
fn tester(pages: Verdicts) -> Tester {
    Tester::start(move |exercise, result| {
        pages.tell(&exercise.name, entry(exercise, &Record::read(exercise)));
        // Not `eprintln!`, which panics when the terminal has gone: the pages are still there.
        let _ = match result {
            Ok(judgement) => writeln!(io::stderr(), "{}: {}", exercise.name, judgement.verdict),
            Err(trouble) => writeln!(io::stderr(), "{} is not tested: {trouble}", exercise.name),
        };
    })
}

/// One has tested what is saved; the other hears of verdicts that `cargo course`, in another terminal, comes to.
fn watchers(
    catalogue: &Catalogue,
    pages: &Verdicts,
    ask: impl Fn(&Exercise) + Send + 'static,
) -> notify::Result<Vec<RecommendedWatcher>> {
    let (asked, told) = (catalogue.clone(), catalogue.clone());
    let (asking, telling) = (pages.clone(), pages.clone());
    let saved = move |file: PathBuf| {
        if let Some(exercise) = asked.of_answer(&file) {
            let mut entry = entry(exercise, &Record::read(exercise));
            entry["testing"] = true.into();
            asking.tell(&exercise.name, entry);
            ask(exercise);
        }
    };
    let judged = move |file: PathBuf| {
        if let Some(exercise) = told.of_record(&file) {
            telling.tell(&exercise.name, entry(exercise, &Record::read(exercise)));
        }
    };
    Ok(vec![watch::files(&catalogue.answers(), saved)?, watch::files(&catalogue.records()?, judged)?])
}

/// Until Ctrl-C: tells the pages the counters, and serves the book that was built last.
fn serve(server: &mut Server, messages: &Receiver<Message>) {
    let mut next = Instant::now() + STATS;
    loop {
        match messages.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Ok(Message::Built(Ok(site))) => server.replace(&site),
            Ok(Message::Built(Err(error))) => _ = writeln!(io::stderr(), "the pages stay as they were: {error}"),
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
    let mut signals = Signals::new(terminal::endings())?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for _ in signals.forever() {
            if sender.send(Message::Stop).is_err() {
                // Whoever would hear it has ended. A build may still run, and who asks again does not wait for it.
                process::exit(130);
            }
        }
    })?;
    Ok(())
}

fn advise(error: &io::Error, port: u16) -> String {
    let (advice, other) = match error.kind() {
        io::ErrorKind::AddrInUse => {
            ("Another program listens there, perhaps this one. End it, or choose another port", 0)
        }
        io::ErrorKind::PermissionDenied if port < 1024 => {
            ("A port below 1024 takes privileges. Choose a higher one", 3000)
        }
        _ => ("Choose another port", 0),
    };
    let yours = if yours::is_on() { "--yours " } else { "" };
    format!("{error}\n{advice}: cargo run -- {yours}--port {other}")
}

fn open(url: &str) {
    let mut command = Command::new("xdg-open");
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null());
    // Ctrl-C, which ends this program, is for all of the terminal's group. The browser need not go with it.
    let opened = command.process_group(0).spawn();
    match opened {
        // Reaped by a thread of its own: some desktops keep it running as long as the browser.
        Ok(mut child) => drop(thread::spawn(move || child.wait())),
        Err(error) => eprintln!("cannot open a browser with xdg-open: {error}"),
    }
}
