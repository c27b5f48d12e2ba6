//! What has come of each exercise so far, kept in `.course/`, a file an exercise.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, SystemTime};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::catalogue::{Exercise, REMEMBERED};
use super::error::Trouble;
use super::judge::judge;
use super::judgement::{Judgement, State};
use super::process::Stopper;

/// What is remembered of an exercise.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// Whether an answer has ever passed: then the solution may be seen.
    pub solved: bool,
    /// How many hints were shown.
    pub hints: usize,
    /// The verdict on `of`.
    judgement: Option<Judgement>,
    /// A hash of the answer and of the tests that the verdict is on.
    of: String,
    /// When those tests began, in milliseconds since 1970.
    begun: u64,
}

impl Record {
    /// What is remembered of `exercise`: nothing, if it was never tried.
    pub fn read(exercise: &Exercise) -> Self {
        // A file that cannot be read, or is from another version, is as good as none: the tests can say it all again.
        let text = fs::read(exercise.record()).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Remembers it.
    ///
    /// # Errors
    /// [`Trouble::Io`]: `.course` cannot be written.
    pub fn write(&self, exercise: &Exercise) -> Result<(), Trouble> {
        let folder = exercise.root().join(REMEMBERED);
        let file = exercise.record();
        let write = || {
            fs::create_dir_all(&folder)?;
            let mut new = tempfile::NamedTempFile::new_in(&folder)?;
            serde_json::to_writer_pretty(&mut new, self).map_err(io::Error::from)?;
            // Who reads meanwhile sees the old one or the new one.
            new.persist(&file).map_err(|error| error.error)?;
            Ok(())
        };
        write().map_err(Trouble::with(&file))
    }

    /// The verdict, if it is on the answer and the tests as they are now.
    pub fn judgement(&self, exercise: &Exercise) -> Option<&Judgement> {
        self.judgement.as_ref().filter(|_| self.of == fingerprint(exercise))
    }

    /// Where the learner stands. Without a verdict on the answer as it is, that something is written is all that is known.
    pub fn state(&self, exercise: &Exercise) -> State {
        match self.judgement(exercise) {
            Some(judgement) => judgement.state(),
            None if is_stub(exercise) => State::NotStarted,
            None => State::InProgress,
        }
    }

    /// Whether only the tests can say where the learner stands.
    pub fn is_stale(&self, exercise: &Exercise) -> bool {
        self.judgement(exercise).is_none() && !is_stub(exercise)
    }
}

/// Tests the answer, and remembers the verdict.
///
/// # Errors
/// What [`judge`] and [`Record::write`] say.
pub fn test(exercise: &Exercise, stopper: &Stopper) -> Result<Judgement, Trouble> {
    let _turn = Turn::wait_for(exercise, stopper)?;
    test_now(exercise, stopper)
}

/// The verdict on what was saved: that of another program which watches too, or else [`test()`]'s.
///
/// # Errors
/// Those of [`test()`].
pub fn test_saved(exercise: &Exercise, stopper: &Stopper) -> Result<Judgement, Trouble> {
    let _turn = Turn::wait_for(exercise, stopper)?;
    let record = Record::read(exercise);
    let known = record.judgement(exercise).filter(|_| record.begun >= saved_at(exercise));
    known.map_or_else(|| test_now(exercise, stopper), |judgement| Ok(judgement.clone()))
}

fn test_now(exercise: &Exercise, stopper: &Stopper) -> Result<Judgement, Trouble> {
    // What is saved while the tests run was not judged.
    let (begun, of) = (milliseconds(SystemTime::now()), fingerprint(exercise));
    let judgement = judge(exercise, stopper)?;
    let mut record = Record::read(exercise);
    record.solved |= judgement.is_passed();
    record.judgement = Some(judgement.clone());
    (record.begun, record.of) = (begun, of);
    record.write(exercise)?;
    Ok(judgement)
}

/// The right to test an exercise, which one program has at a time: tests that hang are told by time, and share cores.
struct Turn {
    _lock: fs::File,
}

impl Turn {
    fn wait_for(exercise: &Exercise, stopper: &Stopper) -> Result<Self, Trouble> {
        let path = exercise.record().with_extension("lock");
        let open = || {
            fs::create_dir_all(exercise.root().join(REMEMBERED))?;
            fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path)
        };
        let lock = open().map_err(Trouble::with(&path))?;
        loop {
            match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Self { _lock: lock }),
                Err(Errno::WOULDBLOCK) if stopper.is_stopped() => return Err(Trouble::Stopped),
                // Not a wait in the kernel, which nobody could end.
                Err(Errno::WOULDBLOCK) => thread::sleep(A_GLANCE),
                Err(error) => return Err(Trouble::Io(path, error.into())),
            }
        }
    }
}

/// How often another program is asked whether it is done.
const A_GLANCE: Duration = Duration::from_millis(20);

fn saved_at(exercise: &Exercise) -> u64 {
    let time = fs::metadata(exercise.answer()).and_then(|answer| answer.modified());
    time.map_or(u64::MAX, milliseconds)
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    since.as_millis().try_into().unwrap_or(u64::MAX)
}

/// Whether the learner's file is as it was at first.
pub fn is_stub(exercise: &Exercise) -> bool {
    fs::read(exercise.answer()).is_ok_and(|answer| fs::read(exercise.stub()).is_ok_and(|stub| stub == answer))
}

/// Where backups of the learner's file go.
pub(crate) fn backups(exercise: &Exercise) -> PathBuf {
    exercise.root().join(REMEMBERED).join("backups")
}

fn fingerprint(exercise: &Exercise) -> String {
    let mut hasher = DefaultHasher::new();
    for file in [exercise.answer(), exercise.sheet()] {
        fs::read(file).unwrap_or_default().hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}
