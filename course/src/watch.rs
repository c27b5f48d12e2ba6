//! Notices that a file was saved.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

/// An editor saves in several steps, the last of them within this time.
const A_SAVE: Duration = Duration::from_millis(30);

/// The folders that the book is made from: its pages, the code that they quote, and the exercises that they set.
const SOURCES: [&str; 8] =
    ["book", "chapters", "src", "lab", "models", "course/src", "exercises/stubs", "exercises/tests"];

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

/// Calls `saved` with each file in this folder that is saved, until the watcher is dropped.
///
/// # Errors
/// What inotify answers, as for [`watch`].
pub fn files(folder: &Path, saved: impl FnMut(PathBuf) + Send + 'static) -> notify::Result<RecommendedWatcher> {
    let (sender, paths) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| match event {
        Ok(event) if !event.kind.is_access() => event.paths.into_iter().for_each(|path| _ = sender.send(path)),
        _ => {}
    })?;
    watcher.watch(folder, RecursiveMode::NonRecursive)?;
    // It ends when the watcher, and with it the sender, is dropped.
    thread::spawn(move || tell_once(&paths, saved));
    Ok(watcher)
}

/// Passes each path on once, when it has been quiet for as long as a save takes.
fn tell_once(paths: &Receiver<PathBuf>, mut saved: impl FnMut(PathBuf)) {
    let mut recent = BTreeSet::new();
    loop {
        let path = if recent.is_empty() {
            paths.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            paths.recv_timeout(A_SAVE)
        };
        match path {
            Ok(path) => _ = recent.insert(path),
            Err(RecvTimeoutError::Timeout) => std::mem::take(&mut recent).into_iter().for_each(&mut saved),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Waits until no more `saves` come, so that what is saved in several steps is built once.
pub fn settle(saves: &Receiver<()>) {
    while saves.recv_timeout(A_SAVE).is_ok() {}
}
