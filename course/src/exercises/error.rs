//! Why something cannot be done with an exercise, said so that a learner knows what to do.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why there is no answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum Trouble {
    /// No exercise goes by this name.
    Unknown {
        /// What was asked for.
        asked: String,
        /// The exercise whose name is most like it.
        nearest: String,
    },
    /// It is not to be had now; the sentence says why, and what to do.
    Refused(String),
    /// Cargo could not build, and not for what the learner wrote: its own words.
    Cargo(String),
    /// It was stopped on the way.
    Stopped,
    /// What the kernel answered, and for which file or program.
    Io(PathBuf, io::Error),
}

impl Trouble {
    /// Says which file or program an error is about.
    pub(crate) fn with(path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Io(path.as_ref().to_owned(), error)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { asked, nearest } => {
                write!(f, "there is no exercise `{asked}`; did you mean {nearest}? `cargo course list` shows all")
            }
            Self::Refused(why) => f.write_str(why),
            Self::Cargo(words) => write!(f, "cargo cannot build the tests:\n{words}"),
            Self::Stopped => f.write_str("stopped"),
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl Error for Trouble {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Io(_, error) => Some(error),
            _ => None,
        }
    }
}
