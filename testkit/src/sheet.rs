//! For those who write exercises: proves that a task sheet gives an answer the verdict that it deserves.

use std::env;
use std::thread;

use crate::run::{CHILD, collect};
use crate::verdict::{Report, Verdict};

/// The tests of a task sheet, in their order: names and functions.
pub type Tests = [(&'static str, fn())];

/// Runs all `tests` at once. Their children come back `through` a libtest test of that name, which must call this.
///
/// # Panics
/// If a child asks for a test that the sheet does not have.
pub fn judge(through: &str, tests: &Tests) -> Vec<Report> {
    if let Ok(child) = env::var(CHILD) {
        let name = child.rsplit("::").next().unwrap_or_default();
        let (_, test) = tests.iter().find(|(test, _)| *test == name).expect("the child's test is on the sheet");
        test();
    }
    thread::scope(|scope| {
        let running: Vec<_> = tests.iter().map(|(_, test)| scope.spawn(|| collect(through, *test))).collect();
        running.into_iter().flat_map(|test| test.join().expect("a collected test does not panic")).collect()
    })
}

/// Proves that the answer is given this verdict: that of the first test, in the sheet's order, that it does not pass. A
/// stub must be `NOT STARTED` in all tests; and no test may fail an answer without naming what is wrong.
///
/// # Panics
/// If the verdict is another.
pub fn prove(through: &str, expected: &str, tests: &Tests) {
    let reports = judge(through, tests);
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
