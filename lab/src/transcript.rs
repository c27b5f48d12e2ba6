//! The transcript: what an experiment asked, what the kernel answered, and what follows from it.

use crate::experiment::Unproven;
use crate::sys::Result as Answered;
use crate::words::{Answer, Fd};
use std::fmt;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

/// How long an experiment waits for something that must come.
pub(crate) const SOON: i32 = 5_000;
/// How long it waits to be sure that nothing comes.
pub(crate) const A_MOMENT: i32 = 50;
/// How long a thread sleeps that nothing wakes. On a busy machine it must still be asleep when somebody looks.
pub(crate) const A_WHILE: i32 = 1_000;
/// For a look without waiting.
pub(crate) const NOW: i32 = 0;
/// How long a condition may take to become true.
const A_LONG_WHILE: Duration = Duration::from_secs(10);

/// What a line of a transcript is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A system call and its answer.
    Call,
    /// What happened between the calls, or many calls told as one.
    Note,
    /// Something that was expected, and was seen.
    Check,
}

/// A line of a transcript.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// What it is.
    pub kind: Kind,
    /// What it says, in one line. A number that differs from run to run stands behind a `~`.
    pub text: String,
}

impl Line {
    /// The text with each number that differs from run to run replaced by `N`: equal for two runs on one machine.
    ///
    /// ```
    /// use lab::{Kind, Line};
    /// let line = Line { kind: Kind::Note, text: "sent ~97000 bytes in ~1.5 ms, 3 times".to_owned() };
    /// assert_eq!(line.shape(), "sent ~N bytes in ~N ms, 3 times");
    /// ```
    pub fn shape(&self) -> String {
        let mut pieces = self.text.split('~');
        let mut shape = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let rest = piece.trim_start_matches(|c: char| c.is_ascii_digit());
            // A point belongs to the number only when digits follow it; else it ends the sentence.
            let rest = match rest.strip_prefix('.') {
                Some(fraction) if fraction.starts_with(|c: char| c.is_ascii_digit()) => {
                    fraction.trim_start_matches(|c: char| c.is_ascii_digit())
                }
                _ => rest,
            };
            shape += "~N";
            shape += rest;
        }
        shape
    }
}

/// Records what an experiment asks and hears.
///
/// Its methods that are named after system calls make the call, write it down and return the answer.
pub struct Transcript {
    sink: Box<dyn FnMut(Line)>,
    /// With a single epoll instance its number need not be printed.
    pub(crate) epolls: Vec<Fd>,
    rough: bool,
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transcript").finish_non_exhaustive()
    }
}

impl Transcript {
    /// A transcript that hands each line to `sink` as soon as it is known.
    pub fn new(sink: impl FnMut(Line) + 'static) -> Self {
        Transcript { sink: Box::new(sink), epolls: Vec::new(), rough: false }
    }

    /// Says what happens between the calls.
    pub(crate) fn note(&mut self, text: impl Into<String>) {
        (self.sink)(Line { kind: Kind::Note, text: text.into() });
    }

    /// Marks the number in the next answer as one that differs from run to run.
    pub(crate) fn roughly(&mut self) -> &mut Self {
        self.rough = true;
        self
    }

    /// Writes down a call that has been made.
    pub(crate) fn call<T: Answer>(&mut self, what: impl fmt::Display, answer: &Answered<T>) {
        let about = if std::mem::take(&mut self.rough) && answer.is_ok() { "~" } else { "" };
        (self.sink)(Line { kind: Kind::Call, text: format!("{what} = {about}{}", answer.in_words()) });
    }

    /// Demands that `seen` is `wanted`; `sentence` says what that means.
    pub(crate) fn expect<T: Answer + PartialEq>(&mut self, sentence: &str, seen: T, wanted: T) -> Result<(), Unproven> {
        if seen != wanted {
            let (seen, wanted) = (seen.in_words(), wanted.in_words());
            return Err(Unproven::Refuted(format!("expected that {sentence}: {wanted}; saw {seen}")));
        }
        self.check(sentence);
        Ok(())
    }

    /// Demands a number within a range, for what a kernel may do a little more or less of.
    pub(crate) fn expect_within(
        &mut self,
        sentence: &str,
        seen: usize,
        range: RangeInclusive<usize>,
    ) -> Result<(), Unproven> {
        let (low, high) = (range.start(), range.end());
        if !range.contains(&seen) {
            return Err(Unproven::Refuted(format!("expected that {sentence}: {low} to {high}; saw {seen}")));
        }
        self.check(&format!("{sentence} (~{seen}; accepted: {low} to {high})"));
        Ok(())
    }

    /// Demands a fact that needs no number.
    pub(crate) fn expect_that(&mut self, sentence: &str, holds: bool) -> Result<(), Unproven> {
        self.expect_that_quietly(sentence, holds)?;
        self.check(sentence);
        Ok(())
    }

    /// The same without a line in the transcript, for loops.
    pub(crate) fn expect_that_quietly(&mut self, sentence: &str, holds: bool) -> Result<(), Unproven> {
        if holds { Ok(()) } else { Err(Unproven::Refuted(format!("expected that {sentence}, and it is not so"))) }
    }

    /// Waits until `condition` holds, so that no experiment depends on how fast the kernel is.
    pub(crate) fn until(&mut self, what: &str, mut condition: impl FnMut() -> bool) -> Result<(), Unproven> {
        let deadline = Instant::now() + A_LONG_WHILE;
        while !condition() {
            if Instant::now() > deadline {
                return Err(Unproven::Refuted(format!("waited in vain until {what}")));
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        Ok(())
    }

    fn check(&mut self, sentence: &str) {
        (self.sink)(Line { kind: Kind::Check, text: sentence.to_owned() });
    }
}

/// Does something `turns` times: how often it was well, and how long one turn took.
///
/// A tenth more turns go before, for the caches.
pub(crate) fn timed(turns: u32, mut turn: impl FnMut() -> bool) -> (usize, Duration) {
    for _ in 0..turns / 10 {
        turn();
    }
    let begin = Instant::now();
    let well = (0..turns).filter(|_| turn()).count();
    (well, begin.elapsed() / turns)
}

/// A duration as a transcript shows it.
pub(crate) fn milliseconds(duration: Duration) -> String {
    format!("~{:.2} ms", duration.as_secs_f64() * 1e3)
}

/// A short duration as a transcript shows it.
pub(crate) fn microseconds(duration: Duration) -> String {
    format!("~{:.1} µs", duration.as_secs_f64() * 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{EAGAIN, Event, IN, OUT, event};
    use std::cell::RefCell;
    use std::rc::Rc;

    /// A transcript, and the lines that have been written to it.
    fn transcript() -> (Transcript, Rc<RefCell<Vec<String>>>) {
        let lines = Rc::new(RefCell::new(Vec::new()));
        let written = Rc::clone(&lines);
        (Transcript::new(move |line| written.borrow_mut().push(line.text)), lines)
    }

    #[test]
    fn a_call_is_written_with_its_answer() {
        let (mut t, lines) = transcript();

        t.call("epoll_wait(max=8, timeout=50ms)", &Ok(vec![event(IN | OUT, Fd(5))]));
        t.call("read(fd 5, 8)", &Err::<Vec<u8>, _>(EAGAIN));
        t.roughly().call("send(fd 5, 100000 bytes)", &Ok(65_536_usize));

        let wanted = [
            "epoll_wait(max=8, timeout=50ms) = 1 [{IN|OUT, fd 5}]",
            "read(fd 5, 8) = -1 EAGAIN",
            "send(fd 5, 100000 bytes) = ~65536",
        ];
        assert_eq!(*lines.borrow(), wanted);
    }

    #[test]
    fn what_is_not_as_expected_is_told_with_what_was_seen() {
        let (mut t, lines) = transcript();

        let answer = t.expect("it is reported", Vec::<Event>::new(), vec![event(IN, Fd(5))]);

        let sentence = "expected that it is reported: 1 [{IN, fd 5}]; saw 0";
        assert_eq!(answer, Err(Unproven::Refuted(sentence.to_owned())));
        assert!(lines.borrow().is_empty(), "what has not been seen is no check");
    }

    #[test]
    fn a_number_outside_its_range_is_refuted() {
        let (mut t, lines) = transcript();

        assert!(t.expect_within("some wake", 4, 1..=3).is_err());
        assert!(t.expect_within("some wake", 3, 1..=3).is_ok());

        assert_eq!(*lines.borrow(), ["some wake (~3; accepted: 1 to 3)"]);
    }
}
