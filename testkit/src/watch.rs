//! The watch-dog: starts a test's child, waits for what it says, and asks the kernel when it says nothing.

use std::collections::HashMap;
use std::env;
use std::io::{self, ErrorKind, Read};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::diagnosis;
use crate::evidence::{Evidence, Way};
use crate::group::Group;
use crate::mistake::Chapter;
use crate::run::{CHILD, Test};
use crate::threads::{Proc, Thread};
use crate::verdict::{Report, Verdict};
use crate::wire::{self, Outcome, Record};

/// How often the child is looked at.
const GLANCE: Duration = Duration::from_millis(20);

/// How long, at most, a test may take; other patience is a share of it.
fn patience() -> Duration {
    let seconds = env::var("TESTKIT_SECONDS").ok().and_then(|text| text.parse().ok()).filter(|&seconds| seconds > 0);
    Duration::from_secs(seconds.unwrap_or(10))
}

/// What the child has said so far.
#[derive(Default)]
struct Heard {
    step: Option<String>,
    labels: HashMap<i32, String>,
    whose: HashMap<u32, String>,
    outcome: Option<Outcome>,
}

/// Runs the test's body in a child, to whatever end.
pub(crate) fn supervise(test: &Test) -> Report {
    let started = Instant::now();
    let mut report = Report {
        test: test.name.clone(),
        at: test.at.clone(),
        verdict: Verdict::Passed,
        seen: Vec::new(),
        step: None,
        read: None,
        evidence: Vec::new(),
        printed: String::new(),
        took: Duration::ZERO,
    };
    if let Err(error) = watch(test, &mut report) {
        report.verdict = Verdict::Crashed("the test could not be run".into());
        report.seen.push(error.to_string());
    }
    report.took = started.elapsed();
    report
}

fn watch(test: &Test, report: &mut Report) -> io::Result<()> {
    let (mut ours, theirs) = UnixStream::pair()?;
    ours.set_read_timeout(Some(GLANCE))?;
    let mut command = Command::new(env::current_exe()?);
    command.args([&test.through, "--exact", "--nocapture", "--quiet"]).env(CHILD, &test.name);
    let mut group = Group::start(&mut command, theirs)?;

    let mut heard = Heard::default();
    let hang = listen(&mut ours, &group, &mut heard, test.task.busy)?;

    let status = group.end()?;
    report.step = heard.step;
    report.printed = group.printed().replacen("\nrunning 1 test\n", "", 1);
    match (heard.outcome, hang) {
        (Some(outcome), _) => conclude(outcome, report),
        (None, Some(evidence)) => hung(&evidence, test, report),
        (None, None) => {
            let (by, seen) = status.signal().map_or_else(
                || ("by an exit".to_string(), format!("Your code ended the process: {status}.")),
                |signal| (format!("by {}", signal_name(signal)), format!("A signal ended the process: {status}.")),
            );
            report.verdict = Verdict::Crashed(by);
            report.seen.push(seen);
        }
    }
    Ok(())
}

/// Hears the child out, until it has an outcome, is gone (`None`), or hangs.
fn listen(ours: &mut UnixStream, group: &Group, heard: &mut Heard, busy: bool) -> io::Result<Option<Evidence>> {
    let proc = Proc::new(group.id());
    let mut rest = Rest::new(busy);
    let mut buffer = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        match ours.read(&mut chunk) {
            Ok(0) => return Ok(None),
            Ok(count) => buffer.extend_from_slice(&chunk[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                if group.has_ended() {
                    return Ok(None);
                }
                if let Some(way) = rest.look(&proc) {
                    let step = heard.step.clone();
                    return Ok(Some(Evidence::collect(&proc, way, step, &heard.whose, &heard.labels)));
                }
            }
            Err(error) => return Err(error),
        }
        for record in Record::take_all(&mut buffer) {
            match record {
                Record::Step(what) => heard.step = Some(what),
                Record::Label(fd, what) => drop(heard.labels.insert(fd, what)),
                Record::Thread(tid, whose) => drop(heard.whose.insert(tid, whose)),
                Record::Outcome(outcome) => {
                    heard.outcome = Some(outcome);
                    return Ok(None);
                }
            }
        }
    }
}

/// What was seen at earlier looks.
struct Rest {
    started: Instant,
    busy: bool,
    /// Since when the threads have not run: who sleeps, and how often each has been put to sleep.
    still: Option<(Instant, Vec<(u32, u64)>)>,
}

impl Rest {
    fn new(busy: bool) -> Self {
        Self { started: Instant::now(), busy, still: None }
    }

    /// The way in which the child hangs, if it does.
    fn look(&mut self, proc: &Proc) -> Option<Way> {
        let threads = proc.threads(&HashMap::new());
        let computed = Duration::from_millis(10 * threads.iter().map(|thread| thread.ticks).sum::<u64>());
        let over = self.started.elapsed() > patience();
        // Time on a core, unlike time on the wall, is not shorter when the machine is busy.
        let limit = if self.busy { patience() } else { patience() / 10 };
        if computed > limit {
            return Some(Way::Spinning);
        }
        if self.are_still(&threads, proc) {
            return Some(Way::Asleep);
        }
        over.then(|| if computed > patience() / 2 { Way::Spinning } else { Way::Unfinished })
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
                still > patience() * 3 / 10 || still > patience() / 20 && !proc.retries()
            }
            _ => {
                self.still = Some((Instant::now(), counts));
                false
            }
        }
    }
}

impl Proc {
    /// Whether TCP will by itself send something to or from this process.
    fn retries(&self) -> bool {
        let fds = self.fds(&HashMap::new()).unwrap_or_default();
        fds.iter().any(|fd| fd.tcp().is_some_and(|tcp| tcp.retries))
    }
}

fn conclude(outcome: Outcome, report: &mut Report) {
    match outcome {
        Outcome::Passed => report.step = None,
        Outcome::NotStarted(what, at) => {
            report.verdict = Verdict::NotStarted;
            report.seen.push(format!("Still to be written, {at}: {what}."));
        }
        Outcome::Wrong(mistake, chapter, seen, at) => {
            report.verdict = Verdict::Wrong(mistake);
            report.seen.extend([seen, format!("The check: {at}")]);
            report.read = wire::chapter(chapter);
        }
        Outcome::Crashed(what, at) => {
            report.verdict = Verdict::Crashed("by a panic".into());
            report.seen.push(format!("{at}: {what}"));
            if what.contains("Interrupted") {
                report.seen.push("EINTR is no failure: a signal came first. Call again.".into());
                report.read = Some(Chapter::BlockingEcho);
            }
        }
    }
}

fn hung(evidence: &Evidence, test: &Test, report: &mut Report) {
    let found = diagnosis::diagnose(evidence, test.task.explain);
    report.seen.push(found.as_ref().map_or_else(|| diagnosis::sentence(evidence), |(_, seen)| seen.clone()));
    report.read = found.as_ref().map(|(mistake, _)| mistake.read);
    report.verdict =
        Verdict::Hangs { at: evidence.place(), mistake: found.map(|(mistake, _)| mistake.name.to_string()) };
    report.evidence = evidence.lines();
}

fn signal_name(signal: i32) -> String {
    let name = match signal {
        libc::SIGSEGV => "SIGSEGV",
        libc::SIGABRT => "SIGABRT",
        libc::SIGPIPE => "SIGPIPE",
        libc::SIGBUS => "SIGBUS",
        libc::SIGILL => "SIGILL",
        libc::SIGKILL => "SIGKILL",
        libc::SIGTERM => "SIGTERM",
        _ => return format!("signal {signal}"),
    };
    name.into()
}
