//! How far the engine has seen.

use std::time::Instant;

/// Until when the engine has seen all that its clients did. Who seems idle may be somebody whose event has not come yet:
/// a wait that a signal ends returns none, one that fills its array leaves some behind, and after any of them the engine
/// may have to wait for a processor.
///
/// What is left behind comes with the next waits, which go round the ready descriptors (epoll_wait(2)). So when as many
/// events have come as there were descriptors, all that was ready at the beginning of that round has been seen.
#[derive(Debug)]
pub(super) struct Horizon {
    seen: Instant,
    /// When the present round began.
    began: Instant,
    /// How many events the round has to go; 0 if there is none.
    rest: usize,
}

impl Horizon {
    pub(super) fn new(now: Instant) -> Self {
        Self { seen: now, began: now, rest: 0 }
    }

    pub(super) fn seen(&self) -> Instant {
        self.seen
    }

    /// A wait that began at `before` has returned all events that there were.
    pub(super) fn has_seen_all(&mut self, before: Instant) {
        (self.seen, self.rest) = (before, 0);
    }

    /// A wait has returned at `now`, with so many events and perhaps not all, of so many descriptors.
    pub(super) fn has_seen_some(&mut self, now: Instant, events: usize, descriptors: usize) {
        if self.rest > events {
            self.rest -= events;
            return;
        }
        if self.rest > 0 {
            self.seen = self.began;
        }
        (self.began, self.rest) = (now, descriptors);
    }
}
