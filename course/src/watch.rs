//! Notices that a file was saved.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

/// An editor saves in several steps, the last of them within this time.
const A_SAVE: Duration = Duration::from_millis(30);

/// The folders that the book is made from: its pages, and the code that they quote.
const SOURCES: [&str; 5] = ["book", "chapters", "src", "lab", "models"];

/// Calls `changed` whenever something is saved that the book below `root` is made from, until the watcher is dropped.
///
/// # Errors
/// What inotify answers: `EMFILE` or `ENOSPC` at the user's limits (/proc/sys/fs/inotify).
pub fn watch(root: &Path, mut changed: impl FnMut() + Send + 'static) -> notify::Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Who only reads a file changes nothing; the build itself reads them all.
        if !matches!(event, Ok(notify::Event { kind: EventKind::Access(_), .. })) {
            changed();
        }
    })?;
    let there = |folder: &&PathBuf| folder.is_dir();
    for folder in SOURCES.map(|folder| root.join(folder)).iter().filter(there) {
        watcher.watch(folder, RecursiveMode::Recursive)?;
    }
    Ok(watcher)
}

/// Waits until no more of `messages` come, so that what is saved in several steps is built once. Returns the first
/// message that is not `again`.
pub fn settle<T: PartialEq>(messages: &Receiver<T>, again: &T) -> Option<T> {
    loop {
        match messages.recv_timeout(A_SAVE) {
            Ok(message) if message == *again => {}
            Ok(other) => return Some(other),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return None,
        }
    }
}
