//! Runs an experiment in a process of its own, and listens to it.

use crate::experiment::{Experiment, Unproven};
use crate::sys::{file, process};
use crate::transcript::{Kind, Line, Transcript};
use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

/// How long an experiment may take; the slowest needs about one second on an idle machine.
const DEADLINE: Duration = Duration::from_secs(60);
/// The first argument of a process that is to be an experiment; the second is its name.
const AS_EXPERIMENT: &str = "--as-lab-experiment";

/// What became of an experiment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The kernel did what was expected.
    AsExpected,
    /// The kernel did something else: what was expected, and what was seen instead.
    Refuted(String),
    /// The question cannot be asked on this machine, and why.
    Unavailable(String),
    /// The experiment did not come to its end: it hung or crashed.
    Unfinished(String),
}

/// An experiment that has been run.
#[derive(Clone, Debug)]
pub struct Report {
    /// Which one.
    pub experiment: &'static Experiment,
    /// What was asked, answered and seen.
    pub lines: Vec<Line>,
    /// What became of it.
    pub outcome: Outcome,
    /// How long it took, with the start of its process.
    pub took: Duration,
}

/// The whole of it, as a terminal shows it.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Experiment { name, claim, article, verdict, expected, .. } = self.experiment;
        writeln!(f, "{name}\n  claim: {claim}")?;
        if let Some(sentence) = article {
            writeln!(f, "  article: \"{sentence}\"")?;
        }
        writeln!(f, "  verdict: {verdict}\n  expected: {expected}\n")?;
        for line in &self.lines {
            let mark = match line.kind {
                Kind::Call => "",
                Kind::Note => "# ",
                Kind::Check => "=> ",
            };
            writeln!(f, "    {mark}{}", line.text)?;
        }
        match &self.outcome {
            Outcome::AsExpected => writeln!(f, "\n  as expected"),
            Outcome::Refuted(sentence) => writeln!(f, "\n  NOT AS EXPECTED: {sentence}"),
            Outcome::Unavailable(reason) => writeln!(f, "\n  cannot be asked here: {reason}"),
            Outcome::Unfinished(how) => writeln!(f, "\n  NOT FINISHED: {how}"),
        }
    }
}

/// Runs an experiment in a new process of the program that runs now.
///
/// That program's `main` must begin with [`serve_if_asked`].
///
/// # Errors
/// Those of starting a process, such as `EAGAIN` and `ENOMEM`.
pub fn run(experiment: &'static Experiment) -> io::Result<Report> {
    // Not `current_exe`: this names the running program even when its file has been replaced since.
    run_with(Path::new("/proc/self/exe"), experiment)
}

/// Runs an experiment in a new process of `program`, whose `main` begins with [`serve_if_asked`].
///
/// # Errors
/// Those of starting a process, such as `ENOENT`, `EAGAIN` and `ENOMEM`.
pub fn run_with(program: &Path, experiment: &'static Experiment) -> io::Result<Report> {
    let begin = Instant::now();
    let mut child = Command::new(program)
        .args([AS_EXPERIMENT, experiment.name])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        // With a group of its own, the deadline ends its children too.
        .process_group(0)
        .spawn()?;
    let (lines, outcome) = listen(&mut child, begin + DEADLINE);
    let _ = process::kill_group(child.id() as i32, libc::SIGKILL);
    let status = child.wait()?;
    let outcome = outcome.unwrap_or_else(|| Outcome::Unfinished(format!("its process ended early: {status}")));
    Ok(Report { experiment, lines, outcome, took: begin.elapsed() })
}

/// Collects what the child writes until it names its outcome, ends, or runs out of time.
fn listen(child: &mut Child, deadline: Instant) -> (Vec<Line>, Option<Outcome>) {
    let received = lines_of(child);
    let mut lines = Vec::new();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let text = match received.recv_timeout(left) {
            Ok(text) => text,
            Err(mpsc::RecvTimeoutError::Disconnected) => return (lines, None),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                let seconds = DEADLINE.as_secs();
                return (lines, Some(Outcome::Unfinished(format!("it had not ended after {seconds} s"))));
            }
        };
        match decode(&text) {
            Ok(line) => lines.push(line),
            Err(outcome) => return (lines, Some(outcome)),
        }
    }
}

/// The lines that the child writes, as they come.
fn lines_of(child: &mut Child) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
    }
    receiver
}

/// Makes this process an experiment if it was started as one by [`run`], and then does not return.
///
/// Call it first in `main`: the experiment relies on being alone in its process.
pub fn serve_if_asked() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() != Some(AS_EXPERIMENT) {
        return;
    }
    let experiment = arguments.next().and_then(|name| crate::find(&name));
    let outcome = match experiment {
        Some(experiment) => perform(experiment),
        None => Outcome::Unfinished("there is no experiment of that name".to_owned()),
    };
    write(&encode_outcome(&outcome));
    std::process::exit(0);
}

fn perform(experiment: &Experiment) -> Outcome {
    // Whatever the parent left open would shift the numbers, and keep other people's sockets alive.
    file::close_from(3);
    // Ctrl-C reaches the parent alone, for this process is in a group of its own.
    process::die_with_parent();
    let mut transcript = Transcript::new(|line| write(&encode(&line)));
    match (experiment.run)(&mut transcript) {
        Ok(()) => Outcome::AsExpected,
        Err(Unproven::Refuted(sentence)) => Outcome::Refuted(sentence),
        Err(Unproven::Unavailable(reason)) => Outcome::Unavailable(reason),
    }
}

/// Writes a line at once, so that nothing is lost if the experiment hangs afterwards.
fn write(line: &str) {
    let mut stdout = io::stdout().lock();
    // The reader has gone if this fails, and then nobody is left to tell.
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}

fn encode(line: &Line) -> String {
    let kind = match line.kind {
        Kind::Call => "call",
        Kind::Note => "note",
        Kind::Check => "check",
    };
    format!("{kind} {}", line.text)
}

fn encode_outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::AsExpected => "as-expected".to_owned(),
        Outcome::Refuted(sentence) => format!("refuted {sentence}"),
        Outcome::Unavailable(reason) => format!("unavailable {reason}"),
        Outcome::Unfinished(how) => format!("unfinished {how}"),
    }
}

fn decode(text: &str) -> Result<Line, Outcome> {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let line = |kind| Ok(Line { kind, text: rest.to_owned() });
    match word {
        "call" => line(Kind::Call),
        "note" => line(Kind::Note),
        "check" => line(Kind::Check),
        "as-expected" => Err(Outcome::AsExpected),
        "refuted" => Err(Outcome::Refuted(rest.to_owned())),
        "unavailable" => Err(Outcome::Unavailable(rest.to_owned())),
        "unfinished" => Err(Outcome::Unfinished(rest.to_owned())),
        _ => Err(Outcome::Unfinished(format!("it wrote a line that is none of a transcript: {text}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_hangs_is_given_up_at_the_deadline() {
        let mut child = Command::new("sleep").arg("1000").stdout(Stdio::piped()).spawn().expect("there is `sleep`");

        let (lines, outcome) = listen(&mut child, Instant::now() + Duration::from_millis(20));

        child.kill().expect("it still runs");
        child.wait().expect("it is a child");
        assert_eq!(lines, []);
        assert!(matches!(outcome, Some(Outcome::Unfinished(_))), "{outcome:?}");
    }

    #[test]
    fn a_line_comes_through_as_it_was_written() {
        for kind in [Kind::Call, Kind::Note, Kind::Check] {
            let line = Line { kind, text: "epoll_wait(max=8, timeout=50ms) = 1 [{IN|RDHUP, fd 5}]".to_owned() };

            assert_eq!(decode(&encode(&line)), Ok(line));
        }
    }

    #[test]
    fn an_outcome_comes_through_as_it_was_written() {
        for outcome in [
            Outcome::AsExpected,
            Outcome::Refuted("expected 1; saw 2".to_owned()),
            Outcome::Unavailable("no network".to_owned()),
            Outcome::Unfinished("no such name".to_owned()),
        ] {
            assert_eq!(decode(&encode_outcome(&outcome)), Err(outcome));
        }
    }
}
