//! `cargo course watch`: what is saved is tested, and its verdict stays on the screen, until a key is pressed.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use signal_hook::consts::{SIGCONT, SIGWINCH};
use signal_hook::iterator::Signals;

use crate::commands;
use crate::exercises::screen::{self, Size};
use crate::exercises::{self, Catalogue, Exercise, Judgement, Record, State, Tester, Trouble, table};
use crate::terminal::{self, Keys};
use crate::watch;

/// What the main thread waits for.
enum Message {
    Key(u8),
    Saved(PathBuf),
    Judged(String, Result<Judgement, Trouble>),
    Signal(i32),
}

/// What the screen shows.
enum View {
    Testing,
    Verdict(Judgement),
    /// Whatever is not the verdict, ready to be shown.
    Text(String),
}

struct Watching<'a> {
    catalogue: &'a Catalogue,
    tester: Tester,
    /// The one on the screen.
    current: &'a Exercise,
    view: View,
    json: bool,
    /// Whether there is a screen to clear, and somebody to press keys.
    is_interactive: bool,
}

/// Watches until `q` is pressed, or a signal comes.
///
/// # Errors
/// [`Trouble`] says what, and what to do.
pub fn watch(root: &Path, name: Option<&str>, json: bool) -> Result<ExitCode, Trouble> {
    let catalogue = Catalogue::read(root)?;
    let current = match name {
        Some(name) => catalogue.find(name)?,
        None => next(&catalogue, None),
    };
    let (sender, messages) = mpsc::channel();
    signals(sender.clone()).map_err(Trouble::with("signals"))?;
    let saved = sender.clone();
    let folder = catalogue.answers();
    let _watcher = watch::files(&folder, move |file| _ = saved.send(Message::Saved(file))).map_err(|error| {
        Trouble::Refused(format!("cannot watch {}: {error}\ncargo course doctor", folder.display()))
    })?;
    let keys = if json || !io::stdout().is_terminal() { None } else { keys(sender.clone())? };
    let tester = Tester::start(move |exercise, result| _ = sender.send(Message::Judged(exercise.name.clone(), result)));
    let is_interactive = keys.is_some();
    let mut watching = Watching { catalogue: &catalogue, tester, current, view: View::Testing, json, is_interactive };
    watching.turn_to(current, true);
    watching.run(&messages, keys.as_ref());
    if watching.is_interactive {
        commands::print("");
    }
    Ok(ExitCode::SUCCESS)
}

fn keys(sender: Sender<Message>) -> Result<Option<Keys>, Trouble> {
    Keys::listen(move |key| _ = sender.send(Message::Key(key))).map_err(Trouble::with("the terminal"))
}

fn signals(sender: Sender<Message>) -> io::Result<()> {
    let mut signals = Signals::new(terminal::endings().chain([SIGCONT, SIGWINCH]))?;
    thread::spawn(move || signals.forever().for_each(|signal| _ = sender.send(Message::Signal(signal))));
    Ok(())
}

/// The first exercise behind `current`, or from the first one on, that is not done.
fn next<'a>(catalogue: &'a Catalogue, current: Option<&Exercise>) -> &'a Exercise {
    let is_open = |exercise: &&Exercise| Record::read(exercise).state(exercise) != State::Done;
    let behind = |exercise: &&Exercise| current.is_none_or(|current| exercise.name > current.name);
    let mut open = catalogue.iter().filter(is_open);
    let first = catalogue.iter().find(|exercise| is_open(exercise) && behind(exercise));
    first.or_else(|| open.next()).or_else(|| catalogue.iter().next()).expect("a catalogue is not empty")
}

impl<'a> Watching<'a> {
    fn run(&mut self, messages: &Receiver<Message>, keys: Option<&Keys>) {
        for message in messages {
            match message {
                Message::Key(b'q' | terminal::END) => break,
                Message::Key(key) => self.press(key),
                Message::Saved(file) => self.saved(&file),
                Message::Judged(name, result) => self.judged(&name, result),
                Message::Signal(SIGCONT | SIGWINCH) => {
                    // It goes on after a stop, or the window has another size.
                    let _ = keys.map(Keys::resume);
                    if self.is_interactive {
                        self.draw();
                    }
                }
                Message::Signal(_) => break,
            }
        }
    }

    fn press(&mut self, key: u8) {
        match key {
            b'h' => {
                self.show(exercises::hint(self.current, None).map(|hint| screen::hint(self.current, &hint, size())))
            }
            b'l' => {
                let all: Vec<_> = self.catalogue.iter().map(|exercise| (exercise, Record::read(exercise))).collect();
                self.show(Ok(table::rows(&all, size())));
            }
            b's' => {
                let file = self.current.solution();
                let file = self.current.short(&file).display();
                self.show(exercises::solution(self.current, false).map(|text| format!("\n{file}\n\n{text}")));
            }
            b'n' => self.turn_to(next(self.catalogue, Some(self.current)), false),
            b'r' | b'\n' | b' ' => self.turn_to(self.current, true),
            _ => {}
        }
    }

    fn saved(&mut self, file: &Path) {
        match self.catalogue.of_answer(file) {
            Some(exercise) if self.is_interactive => self.turn_to(exercise, false),
            // Whoever reads what is written here wants every verdict.
            Some(exercise) => {
                self.current = exercise;
                self.tester.ask(exercise);
            }
            None => {}
        }
    }

    /// Makes this exercise the one on the screen, and tests it; `anew`, even if the verdict is known.
    fn turn_to(&mut self, exercise: &'a Exercise, anew: bool) {
        self.current = exercise;
        self.view = View::Testing;
        self.draw();
        self.tester.ask_instead(exercise, anew);
    }

    fn judged(&mut self, name: &str, result: Result<Judgement, Trouble>) {
        if self.json {
            match &result {
                Ok(judgement) => _ = writeln!(io::stdout(), "{}", judgement.to_json()),
                Err(trouble) => eprintln!("error: {trouble}"),
            }
        }
        // Without a screen all verdicts follow each other.
        if let Some(exercise) = self.catalogue.iter().find(|exercise| exercise.name == name)
            && (exercise == self.current || !self.is_interactive)
        {
            self.current = exercise;
            self.view = match result {
                Ok(judgement) => View::Verdict(judgement),
                Err(trouble) => View::Text(screen::trouble(&trouble, size())),
            };
            self.draw();
        }
    }

    fn show(&mut self, text: Result<String, Trouble>) {
        self.view = View::Text(text.unwrap_or_else(|trouble| screen::trouble(&trouble, size())));
        self.draw();
    }

    fn draw(&self) {
        if self.json {
            return;
        }
        let text = match &self.view {
            View::Testing => format!("\n  {}, {}: building and testing ...\n", self.current.name, self.current.title),
            View::Verdict(judgement) => screen::verdict(self.current, judgement, size()),
            View::Text(text) => text.clone(),
        };
        let mut out = anstream::stdout().lock();
        // A screen that is gone needs no drawing.
        let _ = if self.is_interactive {
            write!(out, "\x1b[H\x1b[2J{}\n{}", screen::cut(&text, size()), self.footer())
        } else {
            writeln!(out, "{text}")
        };
        let _ = out.flush();
    }

    /// How far the learner is, and what the keys do.
    fn footer(&self) -> String {
        let done = |exercise: &&Exercise| Record::read(exercise).state(exercise) == State::Done;
        let (done, total) = (self.catalogue.iter().filter(done).count(), self.catalogue.iter().count());
        let mut keys = vec!["hint", "list", "next", "run again", "quit"];
        if Record::read(self.current).solved {
            keys.insert(1, "solution");
        }
        table::footer(done, total, &keys, Size::of_stdout())
    }
}

/// The part of the screen that is not the footer's.
fn size() -> Size {
    let size = Size::of_stdout();
    Size { height: size.height.saturating_sub(FOOTER), ..size }
}

/// Lines of the footer, and an empty one above it.
const FOOTER: usize = 3;
