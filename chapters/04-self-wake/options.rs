//! What the flags ask for.

use std::time::Duration;

use chapters::{Args, Flag};

const ABOUT: &str = "An echo server that sends each line of its own stdin to all clients.";
const FLAGS: &[Flag] = &[
    ("--no-wake", "flaw: post a line and let the loop find it when it looks"),
    ("--timeout-ms MS", "let the loop look that often, whether it is woken or not"),
    ("--level-triggered", "flaw: watch the eventfd level-triggered and never read it"),
    ("--read-first", "level-triggered: read the eventfd, then take what was posted"),
    ("--drain-first", "flaw: level-triggered: take what was posted, then read the eventfd"),
    ("--pause-ms MS", "be busy so long after a wake; with the last two, between their two steps"),
];

/// What to do about the eventfd when it has woken the loop.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    NeverRead,
    ReadFirst,
    DrainFirst,
}

pub(crate) struct Options {
    pub(crate) args: Args,
    pub(crate) no_wake: bool,
    pub(crate) timeout: Option<Duration>,
    pub(crate) edge_triggered: bool,
    pub(crate) order: Order,
    pub(crate) pause: Duration,
}

impl Options {
    pub(crate) fn from_env() -> Self {
        let args = Args::from_env(ABOUT, FLAGS);
        let order = match (args.has("--read-first"), args.has("--drain-first")) {
            (_, true) => Order::DrainFirst,
            (true, _) => Order::ReadFirst,
            _ => Order::NeverRead,
        };
        Self {
            no_wake: args.has("--no-wake"),
            timeout: args.number("--timeout-ms").map(Duration::from_millis),
            edge_triggered: order == Order::NeverRead && !args.has("--level-triggered"),
            order,
            pause: Duration::from_millis(args.number("--pause-ms").unwrap_or(0)),
            args,
        }
    }
}
