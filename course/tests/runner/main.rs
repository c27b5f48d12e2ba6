//! `cargo course` as a learner uses it, on a copy of the exercises.

mod copy;
mod endings;
mod program;
mod pty;
mod yours;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use copy::{Repository, solution, stub, wrong};
use pretty_assertions::assert_eq;
use program::{Program, silence};
use pty::Terminal;

/// After this long, what a page waits for will not come.
const DEADLINE: Duration = Duration::from_secs(120);

#[test]
fn an_answer_goes_from_stub_through_mistakes_to_done() {
    let repository = Repository::fresh();
    let verdict = |answer: &str| {
        repository.save(answer);
        let judgement = repository.json(&["test", "1"]);
        (judgement["verdict"].as_str().unwrap().to_owned(), judgement)
    };
    let listed = || repository.json(&["list"])["exercises"][0].clone();

    assert_eq!(listed()["state"], "not-started");
    assert_eq!(verdict(&stub()).0, "NOT STARTED");

    let (short, judgement) = verdict(&wrong("writes-once.rs"));
    assert_eq!(short, "WRONG: a short write is ignored");
    assert!(judgement["sentence"].as_str().unwrap().contains("3 bytes"), "{judgement}");
    assert_eq!(listed()["state"], "in-progress");
    assert_eq!(listed()["verdict"], short);

    let (broken, judgement) = verdict(&solution().replace("ErrorKind, Read", "ErrorKind, Raed"));
    assert_eq!(broken, "DOES NOT COMPILE");
    let error = judgement["errors"][0].as_str().unwrap();
    assert!(error.contains("Raed") && error.contains(" exercises/src/01_echo.rs:"), "{error}");

    assert_eq!(verdict(&solution()).0, "PASSED");
    assert_eq!(listed()["state"], "done");
    assert!(repository.run(&["list"]).1.contains("1 of "), "{}", repository.run(&["list"]).1);
}

#[test]
fn the_verdict_fills_one_screen() {
    let repository = Repository::fresh();
    repository.save(&wrong("waits-for-a-full-buffer.rs"));

    let (status, screen) = repository.run(&["test", "echo"]);

    assert_eq!(status, 1);
    for part in [
        "HANGS: in read: it waits for more before it answers",
        "Your thread sleeps in read",
        "It is at exercises/src/01_echo.rs:",
        "what_the_client_sends_comes_back_at_once, exercises/tests/01_echo.rs:",
        "chapter 1, One client at a time: book/src/01-blocking-echo.md",
        "What the kernel says",
        "cargo course hint 01",
    ] {
        assert!(screen.contains(part), "{part} is missing:\n{screen}");
    }
    assert!(screen.lines().count() <= 40, "{screen}");
    assert!(!screen.contains('\x1b'), "colours are for terminals: {screen:?}");
}

#[test]
fn the_list_tests_what_has_changed_since_it_was_tested() {
    let repository = Repository::fresh();
    repository.save(&solution());

    assert_eq!(repository.json(&["list"])["exercises"][0]["state"], "done");

    repository.save(&wrong("eintr-is-the-end.rs"));
    let list = repository.json(&["list"]);
    assert_eq!(list["exercises"][0]["state"], "in-progress");
    assert_eq!(list["exercises"][0]["verdict"], "WRONG: EINTR is taken for the end of the stream");
}

#[test]
fn the_solution_waits_for_success_and_is_kept_then() {
    let repository = Repository::fresh();
    let (status, said) = repository.run(&["solution", "1"]);
    assert_eq!(status, 1);
    assert!(said.contains("--peek") && !said.contains("pub fn"), "{said}");
    assert_eq!(repository.run(&["solution", "1", "--peek"]).1.trim(), solution().trim());

    repository.save(&solution());
    assert_eq!(repository.run(&["test", "1"]).0, 0);
    repository.save("fn spoiled(");

    assert_eq!(repository.run(&["solution", "1"]).1.trim(), solution().trim());
}

#[test]
fn a_reset_keeps_every_answer() {
    let repository = Repository::fresh();
    let backup = |number: u32| repository.root.join(format!(".course/backups/01_echo.{number}.rs"));
    for (number, answer) in [(1, "// first"), (2, "// second")] {
        repository.save(answer);
        let (status, said) = repository.run(&["reset", "01_echo"]);
        assert_eq!(status, 0);
        assert!(said.contains(&format!(".course/backups/01_echo.{number}.rs")), "{said}");
        assert_eq!(repository.answer(), stub());
        assert_eq!(fs::read_to_string(backup(number)).unwrap(), answer);
    }

    assert_eq!(repository.run(&["reset", "1"]).0, 0);
    assert!(!backup(3).exists(), "there was nothing to keep");
}

#[test]
fn hints_come_one_after_the_other() {
    let repository = Repository::fresh();
    let hint = |args: &[&str]| repository.run(&[&["hint", "1"], args].concat());
    for number in [1, 2, 3, 3] {
        let said = hint(&[]).1;
        assert!(said.contains(&format!("hint {number} of 3")), "{said}");
    }
    assert!(hint(&["2"]).1.contains("hint 2 of 3"));
    let (status, said) = hint(&["4"]);
    assert_eq!(status, 1);
    assert!(said.contains("has 3 hints"), "{said}");
}

#[test]
fn an_unknown_exercise_is_named_with_the_nearest() {
    let repository = Repository::fresh();
    for command in ["test", "watch", "hint", "reset", "solution"] {
        let (status, said) = repository.run(&[command, "ecko"]);
        assert_eq!(status, 2, "{command}: {said}");
        assert!(said.contains("`ecko`") && said.contains("01_echo"), "{command}: {said}");
    }
}

#[test]
fn the_doctor_says_of_each_thing_how_it_is() {
    let repository = Repository::fresh();
    let findings = repository.json(&["doctor"]);
    let said: Vec<_> = findings.as_array().unwrap().iter().map(|finding| finding["what"].as_str().unwrap()).collect();
    let expected = ["kernel", "rustc", "open files", "/proc", "loopback", "epoll", "watching files", "exercises"];
    assert_eq!(said, expected);
    assert_eq!(repository.run(&["doctor"]).0, 0, "{findings:#}");

    fs::remove_file(repository.root.join("exercises/src/01_echo.rs")).unwrap();
    let (status, said) = repository.run(&["doctor"]);
    assert_eq!(status, 1);
    assert!(said.contains("cargo course reset 01_echo"), "{said}");
}

#[test]
fn one_answer_that_is_not_there_leaves_the_others_alone() {
    let repository = Repository::fresh();
    repository.save("fn spoiled(");
    assert_eq!(repository.json(&["test", "2"])["verdict"], "NOT STARTED");

    fs::remove_file(repository.root.join("exercises/src/01_echo.rs")).unwrap();
    let (status, said) = repository.run(&["test", "1"]);
    assert_eq!(status, 1);
    assert!(said.contains("cargo course reset 01"), "{said}");
    let (status, said) = repository.run(&["list"]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("02_epoll"), "{said}");

    assert_eq!(repository.run(&["reset", "1"]).0, 0);
    assert_eq!(repository.answer(), stub());
}

#[test]
fn without_a_terminal_the_watch_writes_each_verdict() {
    let repository = Repository::fresh();
    let mut course = Program::start(&mut repository.course(&["watch", "1"]));
    course.until("the first verdict", |course| course.said().contains("NOT STARTED"));

    repository.save(&wrong("writes-once.rs"));
    course.until("the second verdict", |course| course.said().contains("WRONG: a short write is ignored"));
    course.signal("TERM");

    assert_eq!(course.status(), Some(0));
    assert!(!course.said().contains('\x1b'), "colours are for terminals: {:?}", course.said());
}

#[test]
fn what_is_saved_is_tested_and_shown_until_a_key_is_pressed() {
    let repository = Repository::fresh();
    let mut terminal = Terminal::start(&mut repository.course(&["watch", "1"]));
    assert!(terminal.until("un again").contains("testing"));
    terminal.until("NOT STARTED");

    terminal.forget();
    repository.save(&wrong("writes-once.rs"));
    terminal.until("WRONG: a short write is ignored");
    terminal.press(b'h');
    terminal.until("hint 1 of 3");
    terminal.press(b's');
    terminal.until("--peek");

    terminal.forget();
    repository.save(&solution());
    terminal.until("PASSED");
    terminal.press(b'l');
    terminal.until("done");
    terminal.press(b's');
    terminal.until("solutions/01_echo.rs");
    assert!(!terminal.is_as_before(), "a key is to be told without Enter");

    terminal.widen(40);
    terminal.until("solutions/01_echo.rs");

    terminal.press(b'q');

    assert_eq!(terminal.program.status(), Some(0));
    assert!(terminal.is_as_before(), "the terminal is not given back as it was");
}

#[test]
fn the_pages_hear_the_verdict_on_what_is_saved() {
    let repository = Repository::fresh();
    let mut course = Program::start(&mut repository.course(&["--port", "0"]));
    course.until("the progress", |course| course.said().contains("\nthe exercises: 0 of "));
    let said = course.said();
    let address = said.lines().next().unwrap().trim_start_matches("the book: http://").trim_end_matches('/');
    let mut heard = ask(address, "/events");
    // Who has an answer is told of all that comes.
    heard.find(|line| line.starts_with("HTTP/1.1 200")).expect("a stream of events");

    repository.save(&wrong("writes-once.rs"));

    let data = heard.find(|line| line.starts_with("data:") && line.contains("WRONG: a short write is ignored"));
    let data = data.expect("a verdict, before the deadline");
    for part in ["01_echo", "in-progress"] {
        assert!(data.contains(part), "{part} is missing: {data}");
    }
    let known = ask(address, "/exercises").find(|line| line.starts_with('{')).unwrap();
    assert!(known.contains("WRONG: a short write is ignored"), "{known}");
    let box_is_there = ask(address, "/01-blocking-echo.html").any(|line| line.contains("data-exercise=\"01_echo\""));
    assert!(box_is_there);

    // Of what another terminal asks for, the pages hear too.
    repository.save(&solution());
    assert_eq!(repository.run(&["test", "1"]).0, 0);
    heard.find(|line| line.contains("PASSED")).expect("the verdict of the other terminal, before the deadline");

    course.signal("INT");
    assert_eq!(course.status(), Some(0));
    silence();
}

#[test]
fn two_programs_that_watch_test_once_what_is_saved() {
    let repository = Repository::fresh();
    let mut pages = Program::start(&mut repository.course(&["--port", "0"]));
    pages.until("the progress", |pages| pages.said().contains("\nthe exercises: 0 of "));
    let mut watch = Program::start(&mut repository.course(&["watch", "1", "--json"]));
    watch.until("the first verdict", |watch| watch.said().contains("NOT STARTED"));

    // Each test of it leaves a file, named by the test and by the process that runs it.
    let runs = repository.root.join(".course/runs");
    fs::create_dir(&runs).unwrap();
    let leave = format!(
        "let test = std::env::args().nth(1).unwrap(); \
         std::fs::write(format!(\"{}/{{test}} {{}}\", std::process::id()), \"\").unwrap(); todo!(",
        runs.display()
    );
    repository.save_at_once(&stub().replace("todo!(", &leave));
    watch.until("the second verdict", |watch| watch.said().matches("NOT STARTED").count() > 1);
    pages.until("the verdict", |pages| pages.said().contains("01_echo: NOT STARTED"));

    let names = fs::read_dir(&runs).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let tests: Vec<_> = names.map(|name| name.split(' ').next().unwrap().to_owned()).collect();
    let distinct: BTreeSet<_> = tests.iter().collect();
    assert!(!tests.is_empty());
    assert_eq!(tests.len(), distinct.len(), "{tests:?}");
}

/// The lines of the answer, as they come; none after the deadline.
fn ask(address: &str, path: &str) -> impl Iterator<Item = String> + use<> {
    let deadline = Instant::now() + DEADLINE;
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    BufReader::new(stream).lines().map_while(Result::ok).take_while(move |_| Instant::now() < deadline)
}
