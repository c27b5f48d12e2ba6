//! Bodies that end in every way, each in a child, and what the watch-dog says of them.
//!
//! A test of this file is run twice: by `cargo test`, and by the watch-dog in the child. `verdict` tells the two apart.

use std::env;
use std::fs;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// Set where a body of this file is to be run, rather than judged.
const BODY: &str = "WATCHDOG_BODY";

/// Runs the test of this name with this environment, in a process of its own, and returns what it prints.
fn run(name: &str, environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([name, "--exact", "--nocapture"]).env(BODY, "1").envs(environment.iter().copied());
    let Output { stdout, stderr, .. } = command.output().unwrap();
    String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr)
}

/// Whether this process is there to run the body of a test.
fn is_body() -> bool {
    env::var_os(BODY).is_some()
}

#[track_caller]
fn assert_verdict(printed: &str, verdict: &str) {
    let line = printed.lines().find_map(|line| line.split_once("VERDICT: ")).map(|(_, verdict)| verdict);
    assert_eq!(line, Some(verdict), "{printed}");
}

#[test]
fn a_good_end_is_passed() {
    if is_body() {
        return testkit::run(|| {});
    }
    assert_verdict(&run("a_good_end_is_passed", &[]), "PASSED");
}

#[test]
fn a_todo_is_not_started_and_says_what_is_to_be_done() {
    if is_body() {
        #[expect(clippy::todo, reason = "this is what the test is about")]
        return testkit::run(|| todo!("sing"));
    }
    let printed = run("a_todo_is_not_started_and_says_what_is_to_be_done", &[]);
    assert_verdict(&printed, "NOT STARTED");
    assert!(printed.contains("sing"), "{printed}");
}

#[test]
fn a_todo_on_another_thread_counts_too() {
    if is_body() {
        return testkit::run(|| {
            let (mut client, socket) = testkit::connection();
            #[expect(clippy::todo, reason = "this is what the test is about")]
            testkit::yours(move || {
                let _socket = socket;
                todo!("dance")
            });
            client.receive(1);
        });
    }
    assert_verdict(&run("a_todo_on_another_thread_counts_too", &[]), "NOT STARTED");
}

#[test]
fn a_model_that_fails_shows_what_its_threads_did() {
    if is_body() {
        return testkit::run(|| {
            testkit::show_moves(|| {
                let steps = [("producer", 1, "stores 1"), ("consumer", 3, "sees 0, not yet 1")];
                let step = |(thread, line, what): (&str, u32, &str)| testkit::Move {
                    thread: thread.into(),
                    at: (file!().into(), line),
                    what: what.into(),
                };
                steps.map(step).into()
            });
            testkit::fail(testkit::Mistake::new("a value is lost", testkit::Chapter::MpscQueue), "one value is lost");
        });
    }
    let printed = run("a_model_that_fails_shows_what_its_threads_did", &[]);
    assert_verdict(&printed, "WRONG: a value is lost");
    let columns = [
        "producer   ",
        "| consumer",
        "1  //! Bodies that end in every way",
        "| 3  //! A test of this file",
        "| sees 0, not",
    ];
    let squeezed = printed.replace("|      sees", "| sees");
    assert!(columns.iter().all(|column| squeezed.contains(column)), "{printed}");

    let json = run("a_model_that_fails_shows_what_its_threads_did", &[("TESTKIT_JSON", "1")]);
    assert!(json.contains(r#""moves":[{"thread":"producer","file":"testkit/tests/watchdog.rs","line":1,"#), "{json}");
}

#[test]
fn a_signal_and_an_exit_are_crashes() {
    if is_body() {
        return testkit::run(|| {
            if env::var_os("EXIT").is_some() {
                std::process::exit(3);
            }
            std::process::abort();
        });
    }
    assert_verdict(&run("a_signal_and_an_exit_are_crashes", &[]), "CRASHED: by SIGABRT");
    assert_verdict(&run("a_signal_and_an_exit_are_crashes", &[("EXIT", "1")]), "CRASHED: by an exit");
}

#[test]
fn what_was_printed_is_shown() {
    if is_body() {
        return testkit::run(|| {
            println!("on the way");
            panic!("lost");
        });
    }
    let printed = run("what_was_printed_is_shown", &[]);
    assert_verdict(&printed, "CRASHED: by a panic");
    assert!(printed.contains("on the way") && printed.contains("lost"), "{printed}");
}

#[test]
fn computing_is_told_from_sleeping() {
    if is_body() {
        return testkit::run(|| {
            let mut turns = 0_u64;
            while env::var_os("SLEEP").is_none() {
                turns = std::hint::black_box(turns.wrapping_add(1));
            }
            std::thread::park();
        });
    }
    assert_verdict(&run("computing_is_told_from_sleeping", &[]), "HANGS: spinning");
    assert_verdict(&run("computing_is_told_from_sleeping", &[("SLEEP", "1")]), "HANGS: in futex");
}

#[test]
fn what_never_comes_to_rest_is_ended_when_its_time_is_over() {
    if is_body() {
        return testkit::run(|| {
            loop {
                // Not a wait for anything: this test is about one who never stops.
                std::thread::sleep(Duration::from_millis(1));
            }
        });
    }
    let name = "what_never_comes_to_rest_is_ended_when_its_time_is_over";
    assert_verdict(&run(name, &[("TESTKIT_SECONDS", "1")]), "HANGS: it does not finish");
}

#[test]
fn where_proc_is_masked_it_says_so_and_names_the_test() {
    if is_body() {
        return testkit::run(|| {
            std::thread::park();
        });
    }
    let name = "where_proc_is_masked_it_says_so_and_names_the_test";
    let printed = run(name, &[("TESTKIT_PROC", "/nowhere"), ("TESTKIT_SECONDS", "1")]);
    assert_verdict(&printed, "HANGS: it does not finish");
    for said in ["cannot see the threads", "cannot see the descriptors", "testkit/tests/watchdog.rs:"] {
        assert!(printed.contains(said), "\"{said}\" is missing: {printed}");
    }
}

#[test]
fn nobody_is_left_behind() {
    if is_body() {
        return testkit::run(|| {
            // A child of the child, with children itself.
            println!("group {}", std::process::id());
            let mut child = Command::new("sh").args(["-c", "sleep 1000 & sleep 1000 & wait"]).spawn().unwrap();
            child.wait().unwrap();
        });
    }
    let printed = run("nobody_is_left_behind", &[]);
    assert_verdict(&printed, "HANGS: in wait");
    let group = printed.lines().find_map(|line| line.trim().strip_prefix("group ")).unwrap();
    // Killed is not gone: who has lost its parent is reaped by another, in its own time.
    let deadline = Instant::now() + Duration::from_secs(10);
    while members(group) > 0 {
        assert!(Instant::now() < deadline, "of group {group}, {} processes are left", members(group));
        std::thread::yield_now();
    }
}

/// How many processes that are not dead yet are in this process group.
fn members(group: &str) -> usize {
    let stats =
        fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    stats
        .filter(|stat| {
            let fields: Vec<&str> = stat.rsplit_once(") ").map_or(vec![], |(_, fields)| fields.split(' ').collect());
            fields.first().is_some_and(|state| *state != "Z") && fields.get(2) == Some(&group)
        })
        .count()
}

#[test]
fn a_property_reports_the_smallest_input_that_fails() {
    const TOO_LONG: testkit::Mistake = testkit::Mistake::new("too long", testkit::Chapter::Framing);
    if is_body() {
        return testkit::run(|| {
            testkit::property(|| {
                // What quickcheck does: it tries a big input, then smaller ones, and reports the smallest that fails.
                let check = |length: usize| testkit::check!(length < 3, TOO_LONG, "{length} is too long");
                let fails = |length| std::panic::catch_unwind(|| check(length)).is_err();
                let smallest = (0..10).rev().take_while(|&length| fails(length)).last();
                panic!("[quickcheck] TEST FAILED. Arguments: ({})", smallest.unwrap());
            });
        });
    }
    let printed = run("a_property_reports_the_smallest_input_that_fails", &[]);
    assert_verdict(&printed, "WRONG: too long");
    assert!(printed.contains("3 is too long") && printed.contains("Arguments: (3)"), "{printed}");
}

#[test]
fn a_smaller_input_that_hangs_hides_no_mistake() {
    const TOO_LONG: testkit::Mistake = testkit::Mistake::new("too long", testkit::Chapter::Framing);
    if is_body() {
        return testkit::run(|| {
            testkit::property(|| {
                let failed = std::panic::catch_unwind(|| testkit::fail(TOO_LONG, "9 is too long"));
                assert!(failed.is_err());
                std::thread::park();
            });
        });
    }
    let printed = run("a_smaller_input_that_hangs_hides_no_mistake", &[]);
    assert_verdict(&printed, "WRONG: too long");
    assert!(printed.contains("9 is too long"), "{printed}");
}

#[test]
fn json_is_one_line() {
    if is_body() {
        return testkit::run(|| {
            std::thread::park();
        });
    }
    let printed = run("json_is_one_line", &[("TESTKIT_JSON", "1")]);
    let lines: Vec<_> = printed.lines().filter(|line| line.starts_with('{')).collect();
    assert_eq!(lines.len(), 1, "{printed}");
    assert!(lines[0].contains(r#""verdict":"HANGS: in futex""#) && lines[0].ends_with('}'), "{printed}");
}
