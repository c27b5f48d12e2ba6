//! Tells a test that hangs from one that takes its time.

use std::collections::HashMap;
use std::env;
use std::time::{Duration, Instant};

use crate::evidence::Way;
use crate::threads::{Proc, Thread};

/// How long a test may take; all other patience is a share of it.
fn patience() -> Duration {
    let seconds = env::var("TESTKIT_SECONDS").ok().and_then(|text| text.parse().ok()).filter(|&seconds| seconds > 0);
    Duration::from_secs(seconds.unwrap_or(10))
}

/// What was seen at earlier looks.
#[derive(Debug)]
pub(crate) struct Rest {
    started: Instant,
    /// Since when no thread has run: which there are, and how often each has been put to sleep.
    still: Option<(Instant, Vec<(u32, u64)>)>,
    /// After so much stillness it is worth asking whether the network is at rest too.
    rests_at: Duration,
    looks: u32,
    looks_at_work: u32,
}

impl Rest {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), still: None, rests_at: Duration::ZERO, looks: 0, looks_at_work: 0 }
    }

    /// The way in which the child hangs, if it does. One that is busy may compute for all its time.
    pub(crate) fn look(&mut self, proc: &Proc, busy: bool) -> Option<Way> {
        let threads = proc.threads(&HashMap::new());
        self.looks += 1;
        self.looks_at_work += u32::from(threads.iter().any(|thread| thread.state == 'R'));

        // Time on a core, unlike time on the wall, is the same on a busy machine.
        let computed: Duration = threads.iter().map(|thread| thread.computed).sum();
        let limit = if busy { patience() } else { patience() / 20 };
        if computed > limit {
            return Some(Way::Spinning);
        }
        if self.are_still(&threads, proc) {
            return Some(Way::Asleep);
        }
        // Time in the queue for a core is not the test's own. But there is an end to everything.
        let queued = threads.iter().map(|thread| thread.queued).max().unwrap_or_default();
        let taken = self.started.elapsed();
        let is_over = taken.saturating_sub(queued) > patience() || taken > patience() * 6;
        is_over.then_some(if self.looks_at_work > self.looks / 2 { Way::Spinning } else { Way::Unfinished })
    }

    /// Whether nothing can happen any more: all sleep, none with a time-out, and the network is at rest too.
    fn are_still(&mut self, threads: &[Thread], proc: &Proc) -> bool {
        if threads.is_empty() || !threads.iter().all(Thread::sleeps_for_ever) {
            self.still = None;
            return false;
        }
        let counts: Vec<_> = threads.iter().map(|thread| (thread.tid, thread.switches)).collect();
        match &self.still {
            Some((since, before)) if *before == counts => {
                let still = since.elapsed();
                // TCP asks a peer without room again after 0.2 s, then 0.4 s, then 0.8 s.
                // The table of all sockets of the machine is long, so it is not asked for at each look.
                still > patience() * 3 / 10
                    || still > self.rests_at && {
                        self.rests_at = still + patience() / 50;
                        !proc.retries()
                    }
            }
            _ => {
                self.still = Some((Instant::now(), counts));
                self.rests_at = patience() / 20;
                false
            }
        }
    }
}

impl Proc {
    /// Whether TCP will by itself send something to or from this process.
    fn retries(&self) -> bool {
        let fds = self.fds(&HashMap::new()).unwrap_or_default();
        fds.iter().any(|fd| fd.tcp().is_some_and(|tcp| tcp.in_flight || tcp.peer_is_full))
    }
}
