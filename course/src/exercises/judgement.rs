//! What came of an exercise's tests, for people and for programs.

use serde::{Deserialize, Serialize};

use super::catalogue::Exercise;

/// What is known of one test. The fields are those that the tests themselves write as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// The test's name.
    pub test: String,
    /// The task sheet it is on.
    pub file: String,
    /// Its line there.
    pub line: u32,
    /// `PASSED`, or what is wrong.
    pub verdict: String,
    /// What was seen, in the learner's terms: a sentence each.
    pub seen: Vec<String>,
    /// What the test was doing when it ended.
    pub step: Option<String>,
    /// The number of the chapter that explains it.
    pub chapter: Option<u32>,
    /// The name of that chapter's page.
    pub page: Option<String>,
    /// What the threads of a failing model did, in their order.
    pub moves: Vec<Move>,
    /// What the kernel said: a line each.
    pub evidence: Vec<String>,
    /// What the answer printed.
    pub printed: String,
    /// How long the test took.
    pub milliseconds: u64,
}

/// What a thread of a model did in one line of the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Move {
    /// The name of the thread.
    pub thread: String,
    /// The line's number.
    pub line: u32,
    /// The line as it was then.
    pub source: String,
    /// What it did there, or saw.
    pub what: String,
}

impl Report {
    pub(crate) fn is_passed(&self) -> bool {
        self.verdict == PASSED
    }
}

/// The verdict on an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// The exercise, as its files are called.
    pub exercise: String,
    /// That of the first test, in the sheet's order, that is not passed: `WRONG: a short write is ignored`.
    pub verdict: String,
    /// What was seen of it, in one sentence or a few.
    pub sentence: String,
    /// How many tests are passed.
    pub passed: usize,
    /// Of how many.
    pub total: usize,
    /// What the compiler says, if it refuses the answer: its messages, the first one first.
    pub errors: Vec<String>,
    /// The tests, in the sheet's order.
    pub tests: Vec<Report>,
}

/// What a verdict comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The learner has not written anything yet.
    NotStarted,
    /// Something is written, and not all tests are passed.
    InProgress,
    /// All tests are passed.
    Done,
}

const PASSED: &str = "PASSED";
const NOT_STARTED: &str = "NOT STARTED";
const DOES_NOT_COMPILE: &str = "DOES NOT COMPILE";

impl Judgement {
    /// The compiler has refused the answer.
    pub(crate) fn refused(exercise: &Exercise, errors: Vec<String>) -> Self {
        let first = errors.first().map(|error| anstream::adapter::strip_str(error).to_string()).unwrap_or_default();
        Self {
            exercise: exercise.name.clone(),
            verdict: DOES_NOT_COMPILE.to_owned(),
            sentence: first.lines().next().unwrap_or_default().to_owned(),
            passed: 0,
            total: 0,
            errors,
            tests: Vec::new(),
        }
    }

    /// The tests were run.
    pub(crate) fn of_tests(exercise: &Exercise, mut tests: Vec<Report>) -> Self {
        tests.sort_by_key(|test| test.line);
        let passed = tests.iter().filter(|test| test.is_passed()).count();
        let first = tests.iter().find(|test| !test.is_passed());
        let (verdict, sentence) = match first {
            Some(test) => (test.verdict.clone(), test.seen.first().cloned().unwrap_or_default()),
            None => (PASSED.to_owned(), format!("Proved: {}", exercise.claim)),
        };
        Self {
            exercise: exercise.name.clone(),
            verdict,
            sentence,
            passed,
            total: tests.len(),
            errors: Vec::new(),
            tests,
        }
    }

    /// The test that the verdict is about, unless all are passed or none could be run.
    pub fn first_failure(&self) -> Option<&Report> {
        self.tests.iter().find(|test| !test.is_passed())
    }

    /// Whether the exercise is solved.
    pub fn is_passed(&self) -> bool {
        self.verdict == PASSED
    }

    /// What it comes to.
    pub fn state(&self) -> State {
        match self.verdict.as_str() {
            PASSED => State::Done,
            NOT_STARTED if self.passed == 0 => State::NotStarted,
            _ => State::InProgress,
        }
    }

    /// For a program: all there is, the compiler's words without colours, and the state.
    pub fn to_json(&self) -> serde_json::Value {
        let mut plain = self.clone();
        plain.errors.iter_mut().for_each(|error| *error = anstream::adapter::strip_str(error).to_string());
        let mut json = serde_json::to_value(plain).unwrap_or_default();
        json["state"] = serde_json::to_value(self.state()).unwrap_or_default();
        json
    }
}
