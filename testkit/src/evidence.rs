//! What the kernel says of a process that does not come to an end.

use std::collections::HashMap;
use std::io;

use crate::call::{Call, Made};
use crate::child::INHERITED;
use crate::fds::{Fd, Kind, Watch};
use crate::heard::Heard;
use crate::threads::{Proc, Thread};
use crate::trace;

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
    /// Numbers that the test told of.
    pub facts: HashMap<String, u64>,
    /// What a spinning thread does: its system calls, for a moment.
    pub calls: Vec<Made>,
    /// Where in the answer the learner's thread is, if that could be found out.
    pub place: Option<String>,
    /// What could not be seen, and why.
    pub blind: Vec<String>,
}

impl Evidence {
    pub(crate) fn collect(proc: &Proc, way: Way, heard: &mut Heard) -> io::Result<Self> {
        // First, so that what the test knows is not older than what is seen here.
        heard.catch_up()?;
        let threads = proc.threads(&heard.whose);
        let fds = proc.fds(&heard.labels);
        let mut blind = Vec::new();
        let mut cannot = |what: &str, file: &str| blind.push(format!("cannot see {what}: {file} is not readable here"));
        if threads.is_empty() {
            cannot("the threads", "/proc/PID/task");
        } else if threads.iter().all(|thread| thread.state == 'S' && thread.call.is_none()) {
            cannot("which system call a thread is in", "/proc/PID/task/TID/syscall");
        }
        if fds.is_none() {
            cannot("the descriptors", "/proc/PID/fd");
        } else if !proc.tells_of_tcp() {
            cannot("how many bytes wait in a socket", "/proc/PID/net/tcp");
        }
        let mut fds = fds.unwrap_or_default();
        fds.retain(|fd| fd.label.as_deref() != Some(INHERITED));
        let (step, facts) = (heard.step.clone(), heard.facts.clone());
        let mut evidence = Self { way, threads, fds, step, facts, calls: Vec::new(), place: None, blind };
        evidence.watch_it_spin(proc);
        Ok(evidence)
    }

    fn watch_it_spin(&mut self, proc: &Proc) {
        let Some(thread) = self.your_thread().filter(|_| self.way == Way::Spinning) else { return };
        match trace::calls(proc, thread.tid) {
            Ok(calls) => self.calls = calls,
            Err(error) => self.blind.push(format!("cannot see what the thread does: ptrace says {error}")),
        }
    }

    /// The learner's thread: the one that says so, else one that runs the test, which calls what the learner wrote.
    pub fn your_thread(&self) -> Option<&Thread> {
        if self.way == Way::Spinning {
            return self.threads.iter().max_by_key(|thread| thread.computed);
        }
        self.threads.iter().find(|thread| thread.is_yours()).or_else(|| self.threads.first())
    }

    /// A number that the test told of.
    pub fn fact(&self, name: &str) -> Option<u64> {
        self.facts.get(name).copied()
    }

    /// The system call that the learner's thread sleeps in.
    pub fn your_call(&self) -> Option<Call> {
        self.your_thread()?.call
    }

    /// Whether nothing happens any more, and the learner's thread sleeps in this system call.
    pub fn sleeps_in(&self, call: &str) -> bool {
        self.way == Way::Asleep && self.your_call().is_some_and(|own| own.name() == call)
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

    /// What a spinning thread does, each thing once.
    fn habits(&self) -> Vec<String> {
        let mut habits: Vec<(String, usize)> = Vec::new();
        for call in self.calls.iter().map(ToString::to_string) {
            match habits.iter_mut().find(|(habit, _)| *habit == call) {
                Some((_, times)) => *times += 1,
                None => habits.push((call, 1)),
            }
        }
        habits
            .into_iter()
            .map(|(call, times)| format!("it calls, {times} of {} times: {call}", self.calls.len()))
            .collect()
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
            let computed = thread.computed.as_millis();
            let whose = if thread.is_yours() { "your" } else { &thread.whose };
            format!("{whose} thread ({}) {what}; it has computed for {computed} ms", thread.tid)
        });
        threads
            .chain(self.habits())
            .chain(self.fds.iter().map(ToString::to_string))
            .chain(self.blind.iter().cloned())
            .collect()
    }
}
