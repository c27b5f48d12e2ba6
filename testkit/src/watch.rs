//! The watch-dog: starts a test's child, waits for what it says, and asks the kernel when it says nothing.

use std::env;
use std::io;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::diagnosis;
use crate::evidence::Evidence;
use crate::group::Group;
use crate::heard::Heard;
use crate::rest::Rest;
use crate::run::{CHILD, Test};
use crate::threads::Proc;
use crate::verdict::{Report, Verdict};
use crate::whereabouts;
use crate::wire::{self, Outcome};

/// How often the child is looked at.
const GLANCE: Duration = Duration::from_millis(20);
/// How long a thread may take to find out where it is.
const LOOK_AROUND: Duration = Duration::from_secs(3);

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
        moves: Vec::new(),
        evidence: Vec::new(),
        printed: String::new(),
        took: Duration::ZERO,
    };
    if let Err(error) = watch(test, &mut report) {
        report.verdict = Verdict::Crashed { by: "the test could not be run".into(), mistake: None };
        report.seen.push(error.to_string());
    }
    report.took = started.elapsed();
    report
}

fn watch(test: &Test, report: &mut Report) -> io::Result<()> {
    let (ours, theirs) = UnixStream::pair()?;
    let mut command = Command::new(env::current_exe()?);
    command.args([&test.through, "--exact", "--nocapture", "--quiet"]).env(CHILD, &test.name);
    let mut group = Group::start(&mut command, theirs)?;

    let mut heard = Heard::new(ours);
    let hang = hear_out(&mut heard, &group, test)?;

    let status = group.end()?;
    report.step = heard.step;
    report.moves = heard.moves;
    report.printed = group.printed().replacen("\nrunning 1 test\n", "", 1);
    match (heard.outcome.or(heard.so_far), hang) {
        (Some(outcome), _) => conclude(outcome, report),
        (None, Some(evidence)) => hung(&evidence, test, report),
        (None, None) => {
            let (by, seen) = status.signal().map_or_else(
                || ("by an exit".to_string(), format!("Your code ended the process: {status}.")),
                |signal| (format!("by {}", signal_name(signal)), format!("A signal ended the process: {status}.")),
            );
            let mistake = diagnosis::of_abort(&report.printed);
            report.read = mistake.map(|mistake| mistake.read);
            report.verdict = Verdict::Crashed { by, mistake: mistake.map(|mistake| mistake.name.to_string()) };
            report.seen.push(seen);
        }
    }
    Ok(())
}

/// Hears the child out, until it has an outcome or is gone, or hangs: then the evidence.
fn hear_out(heard: &mut Heard, group: &Group, test: &Test) -> io::Result<Option<Evidence>> {
    let proc = Proc::new(group.id());
    let mut rest = Rest::new();
    let mut next_look = Instant::now() + GLANCE;
    loop {
        heard.listen(GLANCE)?;
        if heard.outcome.is_some() || heard.is_over {
            return Ok(None);
        }
        if Instant::now() < next_look {
            continue;
        }
        next_look = Instant::now() + GLANCE;
        if group.has_ended() {
            return Ok(None);
        }
        if let Some(way) = rest.look(&proc, test.task.busy || heard.so_far.is_some()) {
            let mut evidence = Evidence::collect(&proc, way, heard)?;
            evidence.place = if test.asks_where { whereabouts(heard, group, &evidence)? } else { None };
            return Ok(Some(evidence));
        }
    }
}

/// Where in the answer the learner's thread is, if it can tell. It does nothing else from then on.
fn whereabouts(heard: &mut Heard, group: &Group, evidence: &Evidence) -> io::Result<Option<String>> {
    let asked = evidence.your_thread().map(|thread| whereabouts::ask(group.id(), thread.tid));
    let deadline = Instant::now() + LOOK_AROUND;
    while asked.as_ref().is_some_and(Result::is_ok) && heard.place.is_none() && Instant::now() < deadline {
        heard.listen(GLANCE)?;
        if heard.is_over {
            break;
        }
    }
    Ok(heard.place.take().filter(|place| !place.is_empty()))
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
            report.seen.push(seen);
            report.seen.extend((!at.is_empty()).then(|| format!("Seen at {at}")));
            report.read = wire::chapter(chapter);
        }
        Outcome::Crashed(what, at) => {
            let mistake = diagnosis::of_panic(&what);
            report.read = mistake.map(|mistake| mistake.read);
            let mistake = mistake.map(|mistake| mistake.name.to_string());
            report.verdict = Verdict::Crashed { by: "by a panic".into(), mistake };
            report.seen.push(format!("{at}: {what}"));
        }
    }
}

fn hung(evidence: &Evidence, test: &Test, report: &mut Report) {
    let found = diagnosis::diagnose(evidence, test.task.explain);
    report.seen.push(found.as_ref().map_or_else(|| diagnosis::sentence(evidence), |(_, seen)| seen.clone()));
    report.seen.extend(evidence.place.as_ref().map(|place| format!("It is at {place}.")));
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
