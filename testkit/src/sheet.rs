//! For those who write exercises: proves that a task sheet gives an answer the verdict that it deserves.

use std::env;
use std::fs;
use std::path::Path;
use std::thread;

use crate::run::{CHILD, collect};
use crate::verdict::{Report, Verdict};

/// The tests of a task sheet, in their order: names and functions.
pub type Tests = [(&'static str, fn())];

/// Runs all `tests` at once. Their children come back `through` a libtest test of that name, which must call this. Those
/// that hang tell where only if it `asks_where`.
///
/// # Panics
/// If a child asks for a test that the sheet does not have.
fn judge(through: &str, asks_where: bool, tests: &Tests) -> Vec<Report> {
    if let Ok(child) = env::var(CHILD) {
        let name = child.rsplit("::").next().unwrap_or_default();
        let (_, test) = tests.iter().find(|(test, _)| *test == name).expect("the child's test is on the sheet");
        test();
    }
    thread::scope(|scope| {
        let running: Vec<_> =
            tests.iter().map(|(_, test)| scope.spawn(|| collect(through, asks_where, *test))).collect();
        running.into_iter().flat_map(|test| test.join().expect("a collected test does not panic")).collect()
    })
}

/// Proves that the answer is given this verdict: that of the first test, in the sheet's order, that it does not pass. A
/// stub must be `NOT STARTED` in all tests; and no test may fail an answer without naming what is wrong.
///
/// # Panics
/// If the verdict is another.
pub fn prove(through: &str, expected: &str, tests: &Tests) {
    let reports = judge(through, false, tests);
    assert_eq!(reports.len(), tests.len(), "each test of the sheet calls testkit once");
    let failed: Vec<&Report> = reports.iter().filter(|report| !report.verdict.is_passed()).collect();
    let verdict = failed.first().map_or(Verdict::Passed, |report| report.verdict.clone()).to_string();
    let all: String = reports.iter().map(|report| format!("{}: {report}", report.test)).collect();

    assert_eq!(verdict, expected, "\n{all}");
    if expected == Verdict::NotStarted.to_string() {
        assert_eq!(failed.len(), tests.len(), "a stub is judged before it is begun\n{all}");
    }
    for report in failed {
        let named =
            !matches!(report.verdict, Verdict::Hangs { mistake: None, .. } | Verdict::Crashed { mistake: None, .. });
        assert!(named || report.verdict.to_string() == expected, "{} names no mistake\n{all}", report.test);
    }
}

/// Proves that a page of the book shows what a reader is told of this answer by this test, but for the numbers. With
/// `RECORD=1` in the environment, writes what the page is to show.
///
/// # Panics
/// If the page shows something else.
pub fn prove_shown(through: &str, test: &str, tests: &Tests, transcript: &Path) {
    let tests: Vec<_> = tests.iter().copied().filter(|(name, _)| *name == test).collect();
    let reports = judge(through, true, &tests);
    assert_eq!(reports.len(), 1, "the sheet has a test of that name: {test}");
    let exercise = Path::new(&reports[0].at.0).parent().and_then(Path::file_name).expect("a sheet lies in a folder");
    let exercise = exercise.display();
    let told = format!(
        "$ cargo test -p exercises --test {exercise} {test}\n{}",
        as_readers_see(&reports[0].to_string(), &exercise.to_string())
    );

    if env::var_os("RECORD").is_some_and(|wanted| wanted == "1") {
        fs::write(transcript, &told).expect("the transcript can be written");
    }
    let shown = fs::read_to_string(transcript).expect("the transcript is there; RECORD=1 records it");
    assert_eq!(shape(&told), shape(&shown), "{} shows something else", transcript.display());
}

/// A report names the copy of the sheet and the wrong answer; a reader has the sheet, and an answer in `src`.
fn as_readers_see(report: &str, exercise: &str) -> String {
    let wrong = format!("exercises/wrong/{exercise}/");
    let lines = report.lines().map(|line| {
        let line = match line.strip_prefix("  The test: ").and_then(|place| place.rsplit_once(':')) {
            Some((_, number)) => format!("  The test: exercises/tests/{exercise}.rs:{number}"),
            None => line.to_string(),
        };
        match line.split_once(&wrong) {
            Some((before, rest)) => {
                let behind = rest.split_once(".rs").map_or("", |(_, behind)| behind);
                format!("{before}exercises/src/{exercise}.rs{behind}\n")
            }
            None => line + "\n",
        }
    });
    lines.collect()
}

/// What is the same in every run: not the numbers, nor what a thread does at just that moment.
fn shape(text: &str) -> String {
    let is_of_the_moment = |line: &str| ["  It is at ", "    it calls, "].iter().any(|words| line.starts_with(words));
    let lines = text.lines().filter(|line| !is_of_the_moment(line) && !line.contains(" thread ("));
    let lines: Vec<&str> = lines.collect();
    let mut before = ' ';
    let letters = lines.join("\n");
    let letters = letters.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter });
    letters.filter(|&letter| std::mem::replace(&mut before, letter) != '0' || letter != '0').collect()
}
