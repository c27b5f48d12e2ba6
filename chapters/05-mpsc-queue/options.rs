//! What the flags say.

use std::net::SocketAddr;
use std::time::Duration;

use chapters::{Args, Flag};

use crate::mailbox::Flaws;
use crate::producer::Records;

const ABOUT: &str =
    "Four threads, A to D, send records to each client: lines of their letter. Then the server hangs up.";
const FLAGS: &[Flag] = &[
    ("--records N", "how many each thread sends to a client (500)"),
    ("--size BYTES", "how long a record is, its line end counted (10000)"),
    ("--send-buffer BYTES", "how much the kernel keeps for a client"),
    ("--write-directly", "flaw: each thread writes to the socket itself"),
    ("--article-ring", "flaw: the ring of the article"),
    ("--no-second-look", "flaw: sleep without looking into the ring once more"),
    ("--always-wake", "write the eventfd for each record, as the article does"),
    ("--nap MS", "rest before each sleep, so that a race that is rarely lost is always lost"),
];

/// How long a record may be: each thread holds one.
const MOST: usize = 1 << 20;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) addr: SocketAddr,
    pub(crate) records: Records,
    pub(crate) send_buffer: Option<u64>,
    pub(crate) directly: bool,
    pub(crate) flaws: Flaws,
    pub(crate) nap: Duration,
}

impl Options {
    pub(crate) fn from_env() -> Self {
        let args = Args::from_env(ABOUT, FLAGS);
        let number = |flag, otherwise| usize::try_from(args.number(flag).unwrap_or(otherwise)).unwrap_or(usize::MAX);
        Self {
            addr: args.addr,
            records: Records { count: number("--records", 500), size: number("--size", 10_000).clamp(1, MOST) },
            send_buffer: args.number("--send-buffer"),
            directly: args.has("--write-directly"),
            flaws: Flaws {
                article_ring: args.has("--article-ring"),
                always_wake: args.has("--always-wake"),
                no_second_look: args.has("--no-second-look"),
            },
            nap: Duration::from_millis(args.number("--nap").unwrap_or(0)),
        }
    }
}
