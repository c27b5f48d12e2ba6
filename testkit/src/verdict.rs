//! What a test found, for people and for programs.

use std::fmt::{self, Write as _};
use std::time::Duration;

use crate::lanes::{self, Move};
use crate::mistake::Chapter;

/// How an answer did in one test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All that the test proves holds.
    Passed,
    /// A `todo!` was reached before anything could be judged.
    NotStarted,
    /// The compiler refused the answer. Only who runs the compiler can say so.
    DoesNotCompile,
    /// It ran, and this mistake was seen.
    Wrong(String),
    /// It did not come to an end.
    Hangs {
        /// The system call that it sleeps in, or `spinning`.
        at: String,
        /// The mistake that leaves this trace, if there is one.
        mistake: Option<String>,
    },
    /// It panicked, or a signal ended it.
    Crashed {
        /// A panic, a signal, or an exit.
        by: String,
        /// The mistake that it is known for, if there is one.
        mistake: Option<String>,
    },
}

impl Verdict {
    /// Whether the test is passed.
    pub fn is_passed(&self) -> bool {
        *self == Self::Passed
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("PASSED"),
            Self::NotStarted => f.write_str("NOT STARTED"),
            Self::DoesNotCompile => f.write_str("DOES NOT COMPILE"),
            Self::Wrong(mistake) => write!(f, "WRONG: {mistake}"),
            Self::Hangs { at, mistake: Some(mistake) } => write!(f, "HANGS: {at}: {mistake}"),
            Self::Hangs { at, mistake: None } => write!(f, "HANGS: {at}"),
            Self::Crashed { by, mistake: Some(mistake) } => write!(f, "CRASHED: {by}: {mistake}"),
            Self::Crashed { by, mistake: None } => write!(f, "CRASHED: {by}"),
        }
    }
}

/// The verdict on one test, and what it rests on.
#[derive(Clone, Debug)]
pub struct Report {
    /// The test, as libtest names it.
    pub test: String,
    /// Where the test stands: the file, and the line.
    pub at: (String, u32),
    /// What came of it.
    pub verdict: Verdict,
    /// What was seen, in the learner's terms: a sentence each.
    pub seen: Vec<String>,
    /// What the test was doing when it ended.
    pub step: Option<String>,
    /// Where to read about it.
    pub read: Option<Chapter>,
    /// If a model failed, what its threads did in the execution that did.
    pub moves: Vec<Move>,
    /// What the kernel said, and what could not be seen: a line each.
    pub evidence: Vec<String>,
    /// What the answer printed.
    pub printed: String,
    /// How long it took.
    pub took: Duration,
}

impl Report {
    /// A line of JSON, for a program.
    pub fn to_json(&self) -> String {
        let mut json = String::from("{");
        let mut field = |name: &str, value: String| {
            let comma = if json.len() > 1 { "," } else { "" };
            write!(json, "{comma}\"{name}\":{value}").expect("a string takes all");
        };
        field("test", quoted(&self.test));
        field("file", quoted(&self.at.0));
        field("line", self.at.1.to_string());
        field("verdict", quoted(&self.verdict.to_string()));
        field("seen", list(&self.seen));
        field("step", self.step.as_deref().map_or("null".into(), quoted));
        field("chapter", self.read.map_or("null".into(), |chapter| chapter.number().to_string()));
        field("page", self.read.map_or("null".into(), |chapter| quoted(chapter.page())));
        field("moves", moves(&self.moves));
        field("evidence", list(&self.evidence));
        field("printed", quoted(&self.printed));
        field("milliseconds", self.took.as_millis().to_string());
        json.push('}');
        json
    }
}

/// The verdict on its first line; then what a person wants to know, most important first.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "VERDICT: {}", self.verdict)?;
        for sentence in &self.seen {
            writeln!(f, "  {}", sentence.replace('\n', "\n  "))?;
        }
        if self.verdict.is_passed() {
            return Ok(());
        }
        for line in lanes::table(&self.moves) {
            writeln!(f, "    {line}")?;
        }
        if let Some(step) = &self.step {
            writeln!(f, "  The test was here: {step}.")?;
        }
        writeln!(f, "  The test: {}:{}", self.at.0, self.at.1)?;
        if let Some(chapter) = self.read {
            writeln!(f, "  Read: {chapter}")?;
        }
        if !self.evidence.is_empty() {
            writeln!(f, "  What the kernel says:")?;
        }
        for line in &self.evidence {
            writeln!(f, "    {line}")?;
        }
        if !self.printed.trim().is_empty() {
            writeln!(f, "  What your code printed:\n    {}", self.printed.trim_end().replace('\n', "\n    "))?;
        }
        Ok(())
    }
}

fn list(texts: &[String]) -> String {
    let texts: Vec<_> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(","))
}

fn moves(moves: &[Move]) -> String {
    let moves = moves.iter().map(|step| {
        let (thread, file, line) = (quoted(&step.thread), quoted(&step.file()), step.at.1);
        let (source, what) = (quoted(&step.source()), quoted(&step.what));
        format!("{{\"thread\":{thread},\"file\":{file},\"line\":{line},\"source\":{source},\"what\":{what}}}")
    });
    format!("[{}]", moves.collect::<Vec<_>>().join(","))
}

/// As RFC 8259 wants a string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            control if control < ' ' => {
                write!(quoted, "\\u{:04x}", u32::from(control)).expect("a string takes all");
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report {
            test: "every_byte_comes_back".into(),
            at: ("exercises/tests/01_echo.rs".into(), 7),
            verdict: Verdict::Hangs { at: "in read".into(), mistake: None },
            seen: vec!["a \"quoted\" word\n\\ and a tab\t".into()],
            step: None,
            read: Some(Chapter::BlockingEcho),
            moves: vec![Move { thread: "consumer".into(), at: ("exercises/none.rs".into(), 7), what: "sees 1".into() }],
            evidence: vec![],
            printed: String::new(),
            took: Duration::from_millis(12),
        }
    }

    #[test]
    fn json_escapes_what_must_be_escaped() {
        assert_eq!(
            report().to_json(),
            r#"{"test":"every_byte_comes_back","file":"exercises/tests/01_echo.rs","line":7,"verdict":"HANGS: in read","#
                .to_string()
                + r#""seen":["a \"quoted\" word\n\\ and a tab\u0009"],"step":null,"chapter":1,"#
                + r#""page":"01-blocking-echo","moves":[{"thread":"consumer","file":"exercises/none.rs","line":7,"source":"","#
                + r#""what":"sees 1"}],"evidence":[],"printed":"","milliseconds":12}"#
        );
    }

    #[test]
    fn the_verdict_is_the_first_line() {
        assert_eq!(report().to_string().lines().next(), Some("VERDICT: HANGS: in read"));
    }
}
