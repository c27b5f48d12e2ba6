//! Builds an exercise's tests with the learner's answer, runs them, and reads what they say.

use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::num::NonZero;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::catalogue::Exercise;
use super::error::Trouble;
use super::judgement::{Judgement, Report};
use super::process::Stopper;

/// What every report begins with.
const REPORT: &str = "{\"test\":";

/// Builds and runs the tests of `exercise`, until they have ended or `stopper` ends them.
///
/// # Errors
/// [`Trouble::Cargo`] if cargo cannot build something that the learner has not written, [`Trouble::Stopped`], and
/// [`Trouble::Io`] if cargo cannot be started.
pub fn judge(exercise: &Exercise, stopper: &Stopper) -> Result<Judgement, Trouble> {
    is_there(exercise)?;
    match build(exercise, stopper)? {
        Built::Program(program) => run(exercise, &program, stopper),
        Built::Refused(errors) => Ok(Judgement::refused(exercise, errors)),
    }
}

/// The compiler would say it in terms of a path that no learner has seen.
fn is_there(exercise: &Exercise) -> Result<(), Trouble> {
    let answer = exercise.answer();
    match File::open(&answer) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Trouble::Refused(format!(
            "{} is not there. Have it back: cargo course reset {}",
            exercise.short(&answer).display(),
            exercise.digits()
        ))),
        Err(error) => Err(Trouble::Io(exercise.short(&answer).to_owned(), error)),
    }
}

enum Built {
    Program(PathBuf),
    /// The compiler's messages.
    Refused(Vec<String>),
}

fn build(exercise: &Exercise, stopper: &Stopper) -> Result<Built, Trouble> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(&cargo);
    command.args(["test", "-p", "exercises", "--no-run", "--test", &exercise.name]);
    command.arg("--message-format=json,json-diagnostic-rendered-ansi").current_dir(exercise.root());
    if let Some(target) = env::var_os("CARGO_TARGET_DIR") {
        // It may be named as seen from here.
        command.env("CARGO_TARGET_DIR", std::path::absolute(&target).map_err(Trouble::with(&target))?);
    }
    let output = stopper.output(&mut command).map_err(stopped_or(Path::new(&cargo)))?;
    let (mut program, mut errors) = (None, Vec::new());
    for message in output.stdout.split(|&byte| byte == b'\n') {
        let Ok(message) = serde_json::from_slice::<Value>(message) else { continue };
        if message["target"]["name"] != exercise.name.as_str() {
            continue;
        }
        match message["reason"].as_str() {
            Some("compiler-artifact") => program = message["executable"].as_str().map(PathBuf::from),
            Some("compiler-message") => {
                errors.extend(error(&message["message"]).map(|words| (!is_of(exercise, &message["message"]), words)));
            }
            _ => {}
        }
    }
    // The learner's own lines first, then those of the task sheet that miss something in them.
    errors.sort_by_key(|(is_of_another, _)| *is_of_another);
    let errors: Vec<_> = errors.into_iter().map(|(_, words)| words).collect();
    match program {
        Some(program) if output.status.success() => Ok(Built::Program(program)),
        _ if !errors.is_empty() => Ok(Built::Refused(errors)),
        _ => Err(Trouble::Cargo(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
    }
}

/// The compiler's own words, if this is an error and not the sum of them.
fn error(message: &Value) -> Option<String> {
    let is_sum = message["message"].as_str()?.starts_with("aborting due to");
    let is_error = message["level"].as_str()?.starts_with("error") && !is_sum;
    // The task sheet includes the answer by this way round, which a learner need not know.
    is_error.then(|| message["rendered"].as_str().unwrap_or_default().trim_end().replace("/tests/../src/", "/src/"))
}

/// Whether a message is about the learner's file.
fn is_of(exercise: &Exercise, message: &Value) -> bool {
    let file = format!("/src/{}.rs", exercise.name);
    let is_there = |span: &Value| span["file_name"].as_str().is_some_and(|name| name.ends_with(&file));
    message["spans"].as_array().is_some_and(|spans| spans.iter().any(is_there))
}

/// How many tests run at once: more than there are cores, for those that hang sleep for half a second, and an answer that
/// makes one hang makes many.
fn side_by_side() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get).max(8)
}

/// How long all tests may take together. Each of them has a watch-dog; those that a learner adds have none.
fn patience() -> Duration {
    let seconds = env::var("TESTKIT_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(10).max(10);
    Duration::from_secs(30 * seconds)
}

fn run(exercise: &Exercise, program: &Path, stopper: &Stopper) -> Result<Judgement, Trouble> {
    let mut command = Command::new(program);
    // The folder in which cargo, too, runs a package's tests.
    command
        .arg("--nocapture")
        .arg(format!("--test-threads={}", side_by_side()))
        .env("TESTKIT_JSON", "1")
        .current_dir(exercise.root().join("exercises"));
    let output = match stopper.output_within(patience(), &mut command) {
        Err(error) if error.kind() == io::ErrorKind::TimedOut => return Ok(endless(exercise)),
        output => output.map_err(stopped_or(program))?,
    };
    let printed = String::from_utf8_lossy(&output.stdout);
    let mut tests = reports(&printed);
    tests.extend(unreported(exercise, &tests, &printed, &output));
    Ok(Judgement::of_tests(exercise, tests))
}

fn endless(exercise: &Exercise) -> Judgement {
    let seen = format!("The tests had not ended after {} s. Have you added one that does not?", patience().as_secs());
    let verdict = "HANGS: not in a test of the task sheet".to_owned();
    Judgement::of_tests(exercise, vec![Report { verdict, seen: vec![seen], ..Report::default() }])
}

/// A report begins a line, or stands behind what libtest has begun there.
fn reports(printed: &str) -> Vec<Report> {
    let report = |line: &str| {
        let json = &line[line.find(REPORT)?..];
        // Behind it, libtest may have gone on.
        serde_json::Deserializer::from_str(json).into_iter().next()?.ok()
    };
    printed.lines().filter_map(report).collect()
}

/// Failures without a report: tests of the learner's own, and whatever ended the program that runs them all.
fn unreported(exercise: &Exercise, reported: &[Report], printed: &str, output: &Output) -> Vec<Report> {
    let report = |test: &str, seen: String| Report {
        test: test.to_owned(),
        verdict: "CRASHED: by a panic".to_owned(),
        seen: vec![seen],
        printed: String::from_utf8_lossy(&output.stderr).into_owned(),
        // Behind all that the sheet has.
        line: u32::MAX,
        ..Report::default()
    };
    let named = printed.rsplit_once("\nfailures:\n").map_or("", |(_, names)| names);
    let names = named.lines().map_while(|line| line.strip_prefix("    "));
    let own = names.filter(|name| reported.iter().all(|report| report.test != *name));
    let mut missing: Vec<_> = own
        .map(|name| report(name, format!("A test of your own fails: cargo test -p exercises --test {}", exercise.name)))
        .collect();
    let said = !reported.is_empty() && (output.status.success() || reported.iter().any(|test| !test.is_passed()));
    if missing.is_empty() && !said {
        let how = output.status.signal().map_or_else(|| output.status.to_string(), |signal| format!("signal {signal}"));
        let mut crash = report("", format!("The program that runs the tests came to its end before they did: {how}."));
        crash.verdict = format!("CRASHED: by {how}");
        missing.push(crash);
    }
    missing
}

fn stopped_or(program: &Path) -> impl FnOnce(io::Error) -> Trouble {
    move |error| match error.kind() {
        io::ErrorKind::Interrupted => Trouble::Stopped,
        _ => Trouble::Io(program.to_owned(), error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn reports_are_found_wherever_libtest_leaves_them() {
        let printed = "running 2 tests\n\
            test a ... {\"test\":\"a\",\"line\":7,\"verdict\":\"PASSED\"}\nok\n\
            {\"test\":\"b\",\"line\":3,\"verdict\":\"NOT STARTED\",\"seen\":[\"x\"]}test b ... FAILED\n";
        let reports = reports(printed);
        assert_eq!(reports.iter().map(|report| report.test.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(reports[1].seen, ["x"]);
    }

    #[test]
    fn an_error_is_told_from_the_sum_of_errors() {
        let message = |level: &str, text: &str| serde_json::json!({"level": level, "message": text, "rendered": "exercises/tests/../src/a.rs\n\n"});
        assert_eq!(error(&message("error", "mismatched types")), Some("exercises/src/a.rs".to_owned()));
        assert_eq!(error(&message("error", "aborting due to 2 previous errors")), None);
        assert_eq!(error(&message("warning", "unused variable")), None);
    }
}
