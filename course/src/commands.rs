//! `cargo course COMMAND`: what each of them does, once.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::thread;

use serde_json::{Value, json};
use signal_hook::iterator::Signals;

use crate::exercises::doctor::{self, Health};
use crate::exercises::screen::{self, Size};
use crate::exercises::{self, Catalogue, Exercise, Record, State, Stopper, Trouble, table};
use crate::{terminal, yours};

/// `list`
///
/// # Errors
/// [`Trouble`] says what, and what to do.
pub fn list(root: &Path, json: bool) -> Result<ExitCode, Trouble> {
    let catalogue = Catalogue::read(root)?;
    let stopper = stopped_by_ctrl_c()?;
    let mut all = Vec::new();
    for exercise in catalogue.iter() {
        if Record::read(exercise).is_stale(exercise) {
            let tested = test_one(exercise, &stopper);
            if let Err(trouble) = tested {
                say_unless_stopped(trouble)?;
            }
        }
        all.push((exercise, Record::read(exercise)));
    }
    if json {
        let done = all.iter().filter(|(exercise, record)| record.state(exercise) == State::Done).count();
        let exercises: Vec<_> = all.iter().map(|(exercise, record)| entry(exercise, record)).collect();
        print(&json!({ "done": done, "total": all.len(), "exercises": exercises }).to_string());
    } else {
        print(table::list(&all, Size::of_stdout()).trim_end_matches('\n'));
        if let Some(note) = yours::note(root, &catalogue) {
            print(&format!("\n  {note}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// An exercise in the list, for a program.
pub(crate) fn entry(exercise: &Exercise, record: &Record) -> Value {
    let judgement = record.judgement(exercise);
    let chapter = exercise.chapter.as_ref();
    json!({
        "number": exercise.number,
        "name": exercise.name,
        "title": exercise.title,
        "file": exercise.short(&exercise.answer()),
        "chapter": chapter.map(|chapter| chapter.number),
        "chapter_title": chapter.and_then(|chapter| chapter.title.as_ref()),
        "state": record.state(exercise),
        "solved": record.solved,
        "verdict": judgement.map(|judgement| &judgement.verdict),
        "sentence": judgement.map(|judgement| &judgement.sentence),
        "moves": judgement.and_then(exercises::Judgement::first_failure).map(|test| &test.moves),
        "passed": judgement.map(|judgement| judgement.passed),
        "total": judgement.map(|judgement| judgement.total),
    })
}

/// `test [NN]`: the status is that of a test, 1 if something is not passed.
///
/// # Errors
/// [`Trouble`] says what, and what to do.
pub fn test(root: &Path, name: Option<&str>, json: bool) -> Result<ExitCode, Trouble> {
    let catalogue = Catalogue::read(root)?;
    let stopper = stopped_by_ctrl_c()?;
    let Some(name) = name else { return test_all(&catalogue, &stopper, json) };
    let exercise = catalogue.find(name)?;
    let judgement = test_one(exercise, &stopper)?;
    if json {
        print(&judgement.to_json().to_string());
    } else {
        print(&screen::verdict(exercise, &judgement, Size::of_stdout()));
    }
    Ok(status(judgement.is_passed()))
}

fn test_all(catalogue: &Catalogue, stopper: &Stopper, json: bool) -> Result<ExitCode, Trouble> {
    let mut judgements = Vec::new();
    let mut is_whole = true;
    for exercise in catalogue.iter() {
        match test_one(exercise, stopper) {
            Ok(judgement) => judgements.push(judgement),
            Err(trouble) => {
                is_whole = false;
                say_unless_stopped(trouble)?;
            }
        }
    }
    if json {
        print(&Value::from(judgements.iter().map(exercises::Judgement::to_json).collect::<Vec<_>>()).to_string());
    } else {
        let all: Vec<_> = catalogue.iter().map(|exercise| (exercise, Record::read(exercise))).collect();
        print(table::list(&all, Size::of_stdout()).trim_end_matches('\n'));
    }
    Ok(status(is_whole && judgements.iter().all(exercises::Judgement::is_passed)))
}

/// One exercise that cannot be tested is no reason not to test the others.
fn say_unless_stopped(trouble: Trouble) -> Result<(), Trouble> {
    if matches!(trouble, Trouble::Stopped) {
        return Err(trouble);
    }
    eprintln!("{trouble}");
    Ok(())
}

/// Says on a terminal what takes so long.
pub(crate) fn test_one(exercise: &Exercise, stopper: &Stopper) -> Result<exercises::Judgement, Trouble> {
    let waits = io::IsTerminal::is_terminal(&io::stderr());
    let say = |words: &str| waits.then(|| write!(io::stderr(), "\r\x1b[K{words}"));
    say(&format!("  building and testing {} ...", exercise.name));
    let result = exercises::test(exercise, stopper);
    say("");
    result
}

/// `hint NN [N]`
///
/// # Errors
/// [`Trouble`] says what, and what to do.
pub fn hint(root: &Path, name: &str, number: Option<usize>) -> Result<ExitCode, Trouble> {
    let catalogue = Catalogue::read(root)?;
    let exercise = catalogue.find(name)?;
    print(&screen::hint(exercise, &exercises::hint(exercise, number)?, Size::of_stdout()));
    Ok(ExitCode::SUCCESS)
}

/// `reset NN`
///
/// # Errors
/// [`Trouble`] says what, and what to do.
pub fn reset(root: &Path, name: &str) -> Result<ExitCode, Trouble> {
    let catalogue = Catalogue::read(root)?;
    let exercise = catalogue.find(name)?;
    let answer = exercise.answer();
    let file = exercise.short(&answer).display();
    print(&match exercises::reset(exercise)? {
        Some(backup) => format!("{file} is as it was at first. Yours is kept: {}", exercise.short(&backup).display()),
        None => format!("{file} is as it was at first."),
    });
    Ok(ExitCode::SUCCESS)
}

/// `solution NN`
///
/// # Errors
/// [`Trouble::Refused`] before success; else [`Trouble`] says what, and what to do.
pub fn solution(root: &Path, name: &str, peek: bool) -> Result<ExitCode, Trouble> {
    let catalogue = Catalogue::read(root)?;
    print(exercises::solution(catalogue.find(name)?, peek)?.trim_end());
    Ok(ExitCode::SUCCESS)
}

/// `doctor`: the status is 1 if the course cannot do with what there is.
pub fn doctor(root: &Path, json: bool) -> ExitCode {
    let findings = doctor::examine(root);
    if json {
        print(&json!(findings).to_string());
    } else {
        print(&screen::findings(&findings));
    }
    status(findings.iter().all(|finding| finding.health != Health::Bad))
}

fn status(is_good: bool) -> ExitCode {
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Ctrl-C, and `kill`, end what runs; the command then comes to its end with [`Trouble::Stopped`].
pub(crate) fn stopped_by_ctrl_c() -> Result<Stopper, Trouble> {
    let stopper = Stopper::default();
    let mut signals = Signals::new(terminal::endings()).map_err(Trouble::with("signals"))?;
    let stop = stopper.clone();
    thread::spawn(move || signals.forever().for_each(|_| stop.stop()));
    Ok(stopper)
}

/// Writes to stdout, with colours if it can show them. Nobody may be reading it any more, which is no reason to panic.
pub(crate) fn print(text: &str) {
    let _ = writeln!(anstream::stdout(), "{text}");
}
