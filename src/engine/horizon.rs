//! How far the engine has seen.

use std::time::Instant;

/// Until when the engine has seen all that its clients did. Who seems idle may be somebody whose event has not come yet:
/// a wait that a signal ends returns none, and one that fills its array leaves some behind.
///
/// Those come with the next waits, which go round the ready descriptors (epoll_wait(2)). So when as many events have
/// come as there were descriptors, all that was ready at the beginning of that round has been seen.
#[derive(Debug)]
pub(super) struct Horizon {
    seen: Instant,
    /// When the present round began.
    began: Instant,
    /// How many events the round has to go.
    rest: usize,
}

impl Horizon {
    pub(super) fn new(now: Instant) -> Self {
        Self { seen: now, began: now, rest: 0 }
    }

    pub(super) fn seen(&self) -> Instant {
        self.seen
    }

    /// At `now`, a wait has returned so many events: whether they are `all` there were, and of how many `descriptors`.
    pub(super) fn returned(&mut self, now: Instant, events: usize, all: bool, descriptors: usize) {
        self.rest = self.rest.saturating_sub(events);
        if all {
            self.seen = now;
        } else if self.rest == 0 {
            self.seen = self.began;
        } else {
            return;
        }
        (self.began, self.rest) = (now, descriptors);
    }
}
