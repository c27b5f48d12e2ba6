//! What can be wrong with a book, said so that it can be put right.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// One fault of the book, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file at fault, as seen from the root of the workspace; a page's path for a fault of a built page.
    pub file: PathBuf,
    /// The line, counted from 1, or 0 if the whole file is meant.
    pub line: usize,
    /// What is wrong and what to do about it.
    pub what: String,
}

impl Fault {
    pub(crate) fn new(file: impl AsRef<Path>, line: usize, what: impl Into<String>) -> Self {
        Self { file: file.as_ref().to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file.display(), self.what),
            line => write!(f, "{}:{line}: {}", self.file.display(), self.what),
        }
    }
}

/// Why there is no book.
#[derive(Debug)]
#[non_exhaustive]
pub enum BookError {
    /// The sources are at fault: all that was found, in the order of the book.
    Faults(Vec<Fault>),
    /// mdBook gave up, or warned of something that a reader would see; its own words.
    MdBook(String),
    /// The finished book could not be written to this folder, or not be read back.
    Output {
        /// The folder in which the book was to be built.
        folder: PathBuf,
        /// What the kernel answered.
        error: io::Error,
    },
}

impl fmt::Display for BookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Faults(faults) => {
                write!(f, "the book has {}", Count(faults.len(), "fault"))?;
                faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
            }
            Self::MdBook(message) => write!(f, "mdBook cannot build the book: {message}"),
            Self::Output { folder, error } => write!(
                f,
                "cannot build the book in {}: {error}\n  \
                 Make that folder writable, or name another one with the environment variable CARGO_TARGET_DIR.",
                folder.display()
            ),
        }
    }
}

impl Error for BookError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Output { error, .. } => Some(error),
            Self::Faults(_) | Self::MdBook(_) => None,
        }
    }
}

struct Count(usize, &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.0, self.1, if self.0 == 1 { "" } else { "s" })
    }
}
