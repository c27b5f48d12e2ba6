//! Ctrl-C and its like, at any moment: the program ends, and nothing that it has started is left.

use pretty_assertions::assert_eq;

use crate::copy::{Repository, stub, target};
use crate::program::{Program, processes, silence};
use crate::pty::Terminal;

/// An answer that would sleep longer than any test waits, and leaves somebody behind in a session of its own.
fn sleeps() -> String {
    let left = format!("sleep 1000; : left {}", target().display());
    let leaves = format!("let _ = std::process::Command::new(\"setsid\").args([\"sh\", \"-c\", {left:?}]).spawn();");
    stub().replace("todo!(", &format!("{leaves} std::thread::sleep(std::time::Duration::from_secs(1000)); todo!("))
}

/// Waits until a test runs that has left somebody behind.
fn until_a_test_runs(course: &mut Program) {
    course.until("a test", |_| {
        let processes = processes();
        let is_there = |part: &str| processes.iter().any(|command| command.contains(part));
        is_there(" --exact ") && is_there("; : left ")
    });
}

/// Whether these tests were started with nohup: then so is what they start, which has to go on.
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap().trim();
    u64::from_str_radix(ignored, 16).unwrap() & 1 != 0
}

#[test]
fn ctrl_c_ends_the_tests_and_all_that_they_have_started() {
    let repository = Repository::fresh();
    repository.save(&sleeps());
    for name in ["INT", "TERM", "HUP"].into_iter().filter(|name| *name != "HUP" || !hangup_is_ignored()) {
        let mut course = Program::start(&mut repository.course(&["test", "1"]));
        until_a_test_runs(&mut course);

        course.signal(name);

        assert_eq!(course.status(), Some(130), "after SIG{name}: {}", course.said());
        silence();
    }
}

#[test]
fn ctrl_c_ends_the_build() {
    let repository = Repository::fresh();
    repository.save(&format!("{}\n// Not built yet.", stub()));
    let mut course = Program::start(&mut repository.course(&["test", "1"]));
    course.until("the compiler", |_| !processes().is_empty());

    course.signal("INT");

    assert_eq!(course.status(), Some(130));
    silence();
}

#[test]
fn ctrl_c_ends_the_watch_and_gives_the_terminal_back() {
    let repository = Repository::fresh();
    repository.save(&sleeps());
    let mut terminal = Terminal::start(&mut repository.course(&["watch", "1"]));
    terminal.until("testing");
    until_a_test_runs(&mut terminal.program);

    terminal.program.signal("INT");

    assert_eq!(terminal.program.status(), Some(0));
    assert!(terminal.is_as_before(), "the terminal is not given back as it was");
    silence();
}
