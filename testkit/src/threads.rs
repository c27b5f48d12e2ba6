//! The threads of a process, as `/proc/PID/task` shows them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::time::Duration;

use crate::call::Call;
use crate::child::this_thread;

/// Where the kernel answers.
#[derive(Clone, Debug)]
pub(crate) struct Proc {
    pub(crate) folder: PathBuf,
    pub(crate) leader: u32,
}

/// A thread at one moment.
#[derive(Clone, Debug)]
pub struct Thread {
    /// Its number.
    pub tid: u32,
    /// Whose it is: `yours`, `the client's`; its name, if nobody said.
    pub whose: String,
    /// `R` runs or could, `S` sleeps, `D` sleeps whatever comes, `T` is stopped.
    pub state: char,
    /// The system call that it is in, if it sleeps and the kernel tells.
    pub call: Option<Call>,
    /// How long it has computed.
    pub computed: Duration,
    /// How long it could have, but waited for a core.
    pub queued: Duration,
    /// How often it was put to sleep or interrupted.
    pub switches: u64,
    /// Where in the kernel it sleeps, for when the kernel does not tell the call.
    pub sleeps_in: Option<String>,
}

impl Proc {
    pub(crate) fn new(leader: u32) -> Self {
        let root = std::env::var_os("TESTKIT_PROC").unwrap_or_else(|| "/proc".into());
        Self { folder: Path::new(&root).join(leader.to_string()), leader }
    }

    pub(crate) fn read(&self, file: impl AsRef<Path>) -> Option<String> {
        fs::read_to_string(self.folder.join(file)).ok()
    }

    /// The numbers of the threads, or of the descriptors, that a folder of `/proc/PID` lists.
    pub(crate) fn numbers(&self, folder: &str) -> Option<Vec<u32>> {
        let entries = fs::read_dir(self.folder.join(folder)).ok()?;
        let mut numbers: Vec<_> =
            entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
        numbers.sort_unstable();
        Some(numbers)
    }

    /// The threads that the test and the answer have started. libtest's own, which waits for them, is none.
    pub(crate) fn threads(&self, whose: &HashMap<u32, String>) -> Vec<Thread> {
        self.tids().into_iter().filter_map(|tid| self.thread(tid, whose)).collect()
    }

    /// Their numbers.
    pub(crate) fn tids(&self) -> Vec<u32> {
        let mut tids = self.numbers("task").unwrap_or_default();
        if tids.len() > 1 {
            tids.retain(|&tid| tid != self.leader);
        }
        tids
    }

    /// Of a thread, what is needed to see that it rests, at less than half the cost of the whole: whether it sleeps until
    /// somebody else does something, and how often it was put to sleep or interrupted.
    pub(crate) fn glance(&self, tid: u32) -> Option<(bool, u64)> {
        let folder = PathBuf::from(format!("task/{tid}"));
        let status = self.read(folder.join("status"))?;
        let sleeps = status.lines().any(|line| line.starts_with("State:\tS"));
        Some((sleeps && self.call(&folder).is_some_and(Call::is_endless), switches(&status)))
    }

    pub(crate) fn thread(&self, tid: u32, whose: &HashMap<u32, String>) -> Option<Thread> {
        let folder = PathBuf::from(format!("task/{tid}"));
        let stat = self.read(folder.join("stat"))?;
        // The name stands in brackets and may hold any letter, brackets too.
        let (head, tail) = stat.rsplit_once(") ")?;
        let name = head.split_once('(').map_or("", |(_, name)| name);
        let fields: Vec<&str> = tail.split(' ').collect();
        let (computed, queued) = self.times(&folder, &fields);
        let status = self.read(folder.join("status")).unwrap_or_default();
        let sleeps_in = self.read(folder.join("wchan")).filter(|name| !["", "0"].contains(&name.as_str()));
        Some(Thread {
            tid,
            whose: whose.get(&tid).cloned().unwrap_or_else(|| format!("thread \"{name}\"'s")),
            state: fields.first()?.chars().next()?,
            call: self.call(&folder),
            computed,
            queued,
            switches: switches(&status),
            sleeps_in,
        })
    }

    /// The system call that a thread is in, if it sleeps and the kernel tells.
    fn call(&self, folder: &Path) -> Option<Call> {
        self.read(folder.join("syscall")).and_then(|text| Call::parse(&text))
    }

    /// How long a thread has computed, and waited for a core.
    fn times(&self, folder: &Path, stat: &[&str]) -> (Duration, Duration) {
        if let Some(text) = self.read(folder.join("schedstat")) {
            let mut times = text.split(' ').map(|time| Duration::from_nanos(time.parse().unwrap_or(0)));
            return (times.next().unwrap_or_default(), times.next().unwrap_or_default());
        }
        // User and system time, in hundredths of a second.
        let ticks: u64 = stat.iter().skip(11).take(2).filter_map(|text| text.parse::<u64>().ok()).sum();
        (Duration::from_millis(10 * ticks), Duration::ZERO)
    }
}

/// How long the calling thread has computed, as far as the kernel tells.
pub fn computed() -> Duration {
    let own = this_thread().and_then(|own| Proc::new(process::id()).thread(own, &HashMap::new()));
    own.map_or(Duration::ZERO, |own| own.computed)
}

impl Thread {
    /// Whether it runs what the learner wrote.
    pub fn is_yours(&self) -> bool {
        self.whose == "yours"
    }

    /// Whether it sleeps until somebody else does something: nothing but an event can wake it.
    pub fn sleeps_for_ever(&self) -> bool {
        self.state == 'S' && self.call.is_some_and(Call::is_endless)
    }
}

/// The sum of `voluntary_ctxt_switches:` and `nonvoluntary_ctxt_switches:`.
fn switches(status: &str) -> u64 {
    let counts = status.lines().filter_map(|line| line.split_once("voluntary_ctxt_switches:"));
    counts.filter_map(|(_, count)| count.trim().parse::<u64>().ok()).sum()
}
