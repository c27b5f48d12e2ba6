//! What the kernel says of a process that does not come to an end.

use std::collections::HashMap;

use crate::call::Call;
use crate::child::INHERITED;
use crate::fds::{Fd, Kind, Watch};
use crate::threads::{Proc, Thread};

/// In which way a test does not come to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Every thread sleeps until another does something.
    Asleep,
    /// A thread computes, and has done for long.
    Spinning,
    /// Neither: threads wake, and sleep again, or sleep with a time-out. Or the kernel does not tell.
    Unfinished,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// In which way it hangs.
    pub way: Way,
    /// The threads of the test and of the answer.
    pub threads: Vec<Thread>,
    /// The open descriptors, without the standard ones.
    pub fds: Vec<Fd>,
    /// The last step that the test told of.
    pub step: Option<String>,
    /// What could not be seen, and why.
    pub blind: Vec<String>,
}

impl Evidence {
    pub(crate) fn collect(
        proc: &Proc,
        way: Way,
        step: Option<String>,
        whose: &HashMap<u32, String>,
        labels: &HashMap<i32, String>,
    ) -> Self {
        let threads = proc.threads(whose);
        let fds = proc.fds(labels);
        let mut blind = Vec::new();
        let mut cannot = |what: &str, file: &str| blind.push(format!("cannot see {what}: {file} is not readable here"));
        if threads.is_empty() {
            cannot("the threads", "/proc/PID/task");
        } else if threads.iter().all(|thread| thread.state == 'S' && thread.call.is_none()) {
            cannot("which system call a thread is in", "/proc/PID/task/TID/syscall");
        }
        if fds.is_none() {
            cannot("the descriptors", "/proc/PID/fd");
        } else if proc.tcp().is_none() {
            cannot("how many bytes wait in a socket", "/proc/PID/net/tcp");
        }
        let mut fds = fds.unwrap_or_default();
        fds.retain(|fd| fd.label.as_deref() != Some(INHERITED));
        Self { way, threads, fds, step, blind }
    }

    /// The learner's thread: the one that says so, else one that runs the test, which calls what the learner wrote.
    pub fn your_thread(&self) -> Option<&Thread> {
        self.threads.iter().find(|thread| thread.is_yours()).or_else(|| self.threads.first())
    }

    /// The system call that the learner's thread sleeps in.
    pub fn your_call(&self) -> Option<Call> {
        self.your_thread()?.call
    }

    /// An open descriptor.
    pub fn fd(&self, number: i32) -> Option<&Fd> {
        self.fds.iter().find(|fd| fd.number == number)
    }

    /// The descriptors that the answer uses, not the test.
    pub fn your_fds(&self) -> impl Iterator<Item = &Fd> {
        self.fds.iter().filter(|fd| !fd.is_the_tests())
    }

    /// What all epoll instances watch, with what is watched.
    pub fn watched(&self) -> impl Iterator<Item = (&Watch, &Fd)> {
        let sets = self.fds.iter().filter_map(|fd| if let Kind::Epoll(set) = &fd.kind { Some(set) } else { None });
        sets.flatten().filter_map(|watch| {
            // The number may be another file's by now.
            let fd = self.fd(watch.fd).filter(|fd| fd.inode == watch.inode || matches!(fd.kind, Kind::EventFd(_)));
            fd.map(|fd| (watch, fd))
        })
    }

    /// How an epoll instance watches this descriptor, if one does.
    pub fn watch_of(&self, number: i32) -> Option<&Watch> {
        self.watched().find(|(watch, _)| watch.fd == number).map(|(watch, _)| watch)
    }

    /// Where it hangs, in the words of the verdict: `in epoll_wait`, `spinning`.
    pub fn place(&self) -> String {
        match (self.way, self.your_call()) {
            (Way::Spinning, _) => "spinning".into(),
            (Way::Asleep, Some(call)) => format!("in {}", call.name()),
            _ => "it does not finish".into(),
        }
    }

    /// A line for each thread, each descriptor, and whatever could not be seen.
    pub(crate) fn lines(&self) -> Vec<String> {
        let threads = self.threads.iter().map(|thread| {
            let what = match (thread.state, thread.call, &thread.sleeps_in) {
                ('R', ..) => "is running".to_string(),
                (_, Some(call), _) if call.is_endless() => format!("sleeps in {call}, without a time-out"),
                (_, Some(call), _) => format!("sleeps in {call}, with a time-out"),
                (_, None, Some(wchan)) => format!("sleeps in the kernel's {wchan}"),
                (state, None, None) => format!("is in state {state}"),
            };
            let computed = thread.ticks * 10;
            format!("{} thread ({}) {what}; it has computed for {computed} ms", thread.whose, thread.tid)
        });
        threads.chain(self.fds.iter().map(ToString::to_string)).chain(self.blind.iter().cloned()).collect()
    }
}
