//! What an experiment is.

use crate::transcript::Transcript;
use crate::words::Errno;
use std::fmt;

/// A claim about the kernel, and the code that asks.
#[derive(Debug)]
pub struct Experiment {
    /// The name: of its file, on the command line, in an address.
    pub name: &'static str,
    /// What is claimed, in plain words.
    pub claim: &'static str,
    /// The article's sentence, verbatim, where the claim is the article's.
    pub article: Option<&'static str>,
    /// The number of that sentence in `article-claims.txt`.
    pub row: Option<u8>,
    /// What is to be said of the claim.
    pub verdict: Verdict,
    /// What the kernel is expected to do; [`run`](Self::run) checks it.
    pub expected: &'static str,
    /// Asks the kernel.
    pub run: fn(&mut Transcript) -> Result<(), Unproven>,
}

/// What is to be said of a claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It holds.
    True,
    /// It holds, except where the experiment shows otherwise.
    TrueWithExceptions,
    /// It does not hold.
    False,
    /// Another word was meant.
    Slip,
    /// It cannot be true or false; the experiment shows what can be shown.
    Opinion,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Verdict::True => "true",
            Verdict::TrueWithExceptions => "true, with exceptions",
            Verdict::False => "false",
            Verdict::Slip => "a slip of the pen",
            Verdict::Opinion => "an opinion",
        })
    }
}

/// Why an experiment did not show what it was expected to show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unproven {
    /// The kernel did something else: what was expected, and what was seen instead.
    Refuted(String),
    /// The question cannot be asked here, and why.
    Unavailable(String),
}

/// A call that must succeed for the experiment to go on has failed.
impl From<Errno> for Unproven {
    fn from(errno: Errno) -> Self {
        Unproven::Refuted(format!("a call that the experiment builds on failed with {errno}"))
    }
}
