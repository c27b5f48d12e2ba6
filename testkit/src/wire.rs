//! What the child tells the watch-dog: records on the socket that is its standard input.

use crate::lanes::Move;
use crate::mistake::{Chapter, Mistake};

/// Neither occurs in text that a person wrote.
const BETWEEN_FIELDS: char = '\u{1f}';
const END_OF_RECORD: u8 = 0x1e;

/// Something that happened in the child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    /// What the test does now.
    Step(String),
    /// What a descriptor is for: its number, what `/proc` calls it (the number may be another file's soon), and that.
    Label(i32, String, String),
    /// What a thread is for: the learner's, if it runs what the learner wrote.
    Thread(u32, String),
    /// A number that the test knows.
    Fact(String, u64),
    /// Where in the answer a thread is: the innermost line first.
    Where(String),
    /// How it will end, unless a smaller input ends otherwise.
    SoFar(Outcome),
    /// What a thread of a model did.
    Move(Move),
    Outcome(Outcome),
}

/// How a body ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    /// A `todo!` was reached, which says this, here.
    NotStarted(String, String),
    /// The name of the mistake, the number of the chapter, what was seen, and the line of the test.
    Wrong(String, u8, String, String),
    /// What the panic says, and where.
    Crashed(String, String),
}

impl Outcome {
    pub(crate) fn wrong(mistake: Mistake, seen: String, at: String) -> Self {
        Self::Wrong(mistake.name.to_string(), mistake.read.number(), seen, at)
    }

    fn to_fields(&self) -> Vec<String> {
        match self.clone() {
            Self::Passed => vec!["passed".into()],
            Self::NotStarted(what, at) => vec!["todo".into(), what, at],
            Self::Wrong(name, chapter, seen, at) => vec!["wrong".into(), name, chapter.to_string(), seen, at],
            Self::Crashed(what, at) => vec!["crashed".into(), what, at],
        }
    }

    fn parse(fields: &[&str]) -> Option<Self> {
        let own = |text: &&str| (*text).to_string();
        Some(match fields {
            ["passed"] => Self::Passed,
            ["todo", what, at] => Self::NotStarted(own(what), own(at)),
            ["wrong", name, chapter, seen, at] => Self::Wrong(own(name), chapter.parse().ok()?, own(seen), own(at)),
            ["crashed", what, at] => Self::Crashed(own(what), own(at)),
            _ => return None,
        })
    }
}

pub(crate) fn chapter(number: u8) -> Option<Chapter> {
    Chapter::ALL.into_iter().find(|chapter| chapter.number() == number)
}

impl Record {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let fields: Vec<String> = match self.clone() {
            Self::Step(what) => vec!["step".into(), what],
            Self::Label(fd, link, what) => vec!["label".into(), fd.to_string(), link, what],
            Self::Thread(tid, what) => vec!["thread".into(), tid.to_string(), what],
            Self::Fact(name, value) => vec!["fact".into(), name, value.to_string()],
            Self::Where(lines) => vec!["where".into(), lines],
            Self::Move(Move { thread, at, what }) => vec!["move".into(), thread, at.0, at.1.to_string(), what],
            Self::SoFar(outcome) => [vec!["so far".into()], outcome.to_fields()].concat(),
            Self::Outcome(outcome) => outcome.to_fields(),
        };
        let mut bytes = fields.join(&BETWEEN_FIELDS.to_string()).into_bytes();
        bytes.push(END_OF_RECORD);
        bytes
    }

    /// Takes the whole records off the front of `bytes`.
    pub(crate) fn take_all(bytes: &mut Vec<u8>) -> Vec<Self> {
        let mut records = Vec::new();
        while let Some(end) = bytes.iter().position(|&byte| byte == END_OF_RECORD) {
            let record: Vec<u8> = bytes.drain(..=end).collect();
            records.extend(Self::parse(&String::from_utf8_lossy(&record[..end])));
        }
        records
    }

    fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split(BETWEEN_FIELDS).collect();
        let own = |text: &&str| (*text).to_string();
        Some(match fields.as_slice() {
            ["step", what] => Self::Step(own(what)),
            ["label", fd, link, what] => Self::Label(fd.parse().ok()?, own(link), own(what)),
            ["thread", tid, what] => Self::Thread(tid.parse().ok()?, own(what)),
            ["fact", name, value] => Self::Fact(own(name), value.parse().ok()?),
            ["where", lines] => Self::Where(own(lines)),
            ["move", thread, file, line, what] => {
                Self::Move(Move { thread: own(thread), at: (own(file), line.parse().ok()?), what: own(what) })
            }
            ["so far", outcome @ ..] => Self::SoFar(Outcome::parse(outcome)?),
            outcome => Self::Outcome(Outcome::parse(outcome)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_survive_any_cut() {
        let sent = [
            Record::Step("the client waits".into()),
            Record::Label(7, "socket:[123]".into(), "the client's".into()),
            Record::Fact("received".into(), 6),
            Record::Where("exercises/src/01_echo.rs:7".into()),
            Record::Thread(99, "yours".into()),
            Record::SoFar(Outcome::Crashed("index out of bounds".into(), "exercises/src/01_echo.rs:7".into())),
            Record::Move(Move {
                thread: "consumer".into(),
                at: ("exercises/src/06_queue.rs".into(), 7),
                what: "sees 1".into(),
            }),
            Record::Outcome(Outcome::wrong(
                Mistake::new("a short write is ignored", Chapter::BlockingEcho),
                "two lines\nof text, with a tab\t".into(),
                "tests/01_echo.rs:7".into(),
            )),
        ];
        let bytes: Vec<u8> = sent.iter().flat_map(Record::to_bytes).collect();

        let mut got = Vec::new();
        let mut buffer = Vec::new();
        for byte in bytes {
            buffer.push(byte);
            got.extend(Record::take_all(&mut buffer));
        }

        assert_eq!(got, sent);
        assert_eq!(buffer, b"");
    }
}
