//! What an engine has done so far.

use crate::sync::AtomicU64;
use crate::sync::Ordering::Relaxed;

/// Counts since the engine was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Connections accepted.
    pub connections: u64,
    /// Clients connected now.
    pub clients: u64,
    /// Messages received.
    pub messages: u64,
    /// Times that `epoll_wait` returned with an event.
    pub wakeups: u64,
    /// Reads and writes that the kernel answered with `EAGAIN`.
    pub eagains: u64,
    /// Bytes read.
    pub bytes_in: u64,
    /// Bytes written.
    pub bytes_out: u64,
    /// Messages from other threads for a client that had gone.
    pub undelivered: u64,
}

/// The counts as other threads see them: the reactor counts in plain integers and publishes once a turn.
#[derive(Debug, Default)]
pub(crate) struct Published([AtomicU64; 8]);

impl Published {
    pub(crate) fn publish(&self, stats: &Stats) {
        let Stats { connections, clients, messages, wakeups, eagains, bytes_in, bytes_out, undelivered } = *stats;
        let values = [connections, clients, messages, wakeups, eagains, bytes_in, bytes_out, undelivered];
        for (cell, value) in self.0.iter().zip(values) {
            // Relaxed: each count stands for itself, and nothing else is read on the strength of it.
            cell.store(value, Relaxed);
        }
    }

    pub(crate) fn read(&self) -> Stats {
        // Relaxed: as in `publish`.
        let [connections, clients, messages, wakeups, eagains, bytes_in, bytes_out, undelivered] =
            self.0.each_ref().map(|cell| cell.load(Relaxed));
        Stats { connections, clients, messages, wakeups, eagains, bytes_in, bytes_out, undelivered }
    }
}
