//! What can be wrong, and where the book speaks of it.

use std::fmt;

/// A mistake: its name, as the verdict says it, and the chapter to read.
///
/// The name is a short sentence in the learner's terms, without numbers, so that it is the same in every run:
/// `a short write is ignored`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// What is done wrong.
    pub name: &'static str,
    /// Where it is explained.
    pub read: Chapter,
}

impl Mistake {
    /// Names a mistake that `read` explains.
    pub const fn new(name: &'static str, read: Chapter) -> Self {
        Self { name, read }
    }
}

/// A chapter of the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chapter {
    /// Sockets, blocking, short writes, EOF.
    BlockingEcho = 1,
    /// `epoll_wait`, `O_NONBLOCK`, interest only while there is something to send.
    LevelTriggered,
    /// `EPOLLET`, reading until EAGAIN, a budget.
    EdgeTriggered,
    /// eventfd.
    SelfWake,
    /// The ring, and the memory orderings that it needs.
    MpscQueue,
    /// Messages out of bytes.
    Framing,
    /// Generations, and the engine's API.
    Engine,
    /// Limits, back-pressure, resets.
    HostileClients,
    /// The server of the book.
    Http,
}

impl Chapter {
    /// The chapter's number.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// All of them, by number.
    pub(crate) const ALL: [Self; 9] = [
        Self::BlockingEcho,
        Self::LevelTriggered,
        Self::EdgeTriggered,
        Self::SelfWake,
        Self::MpscQueue,
        Self::Framing,
        Self::Engine,
        Self::HostileClients,
        Self::Http,
    ];

    /// The name of the page, without its end: `03-edge-triggered`.
    pub fn page(self) -> &'static str {
        match self {
            Self::BlockingEcho => "01-blocking-echo",
            Self::LevelTriggered => "02-level-triggered",
            Self::EdgeTriggered => "03-edge-triggered",
            Self::SelfWake => "04-self-wake",
            Self::MpscQueue => "05-mpsc-queue",
            Self::Framing => "06-framing",
            Self::Engine => "07-engine",
            Self::HostileClients => "08-hostile-clients",
            Self::Http => "09-http",
        }
    }
}

impl fmt::Display for Chapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "chapter {} (book/src/{}.md)", self.number(), self.page())
    }
}
