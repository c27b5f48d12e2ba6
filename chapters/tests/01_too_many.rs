//! What chapter 1 shows of `CLIENTS=17000 cargo test -p chapters --test 01_thread_cost`: where the threads end, and the
//! server with them. With `RECORD=1` this writes it down, and else it compares. It has a file of its own because the
//! memory of a thousand threads cannot be measured while there are sixteen thousand others.

mod common;
#[path = "common/threaded.rs"]
mod threaded;

use std::fs;
use std::io::{self, Write};

/// How the lines that the chapter shows begin.
const SHOWN: &[&str] = &["Error: client ", "failed to set up", threaded::NO_MAPPING];

#[test]
fn the_book_shows_where_the_threads_end() {
    if let Some(why) = cannot_be_tried() {
        return skipped(&why);
    }
    let mut server = threaded::server(17_000);

    let Err(failure) = threaded::connect(&mut server, 17_000) else { panic!("17,000 threads were no trouble") };

    // As libtest prints it.
    let said = format!("Error: {failure:?}");
    if server.log().contains(threaded::NO_THREAD) {
        return skipped("others have taken so many that the kernel refused a thread before a mapping");
    }
    let shown = said.lines().filter(|line| SHOWN.iter().any(|of| line.starts_with(of)));
    let shown: String = shown.map(|line| format!("{line}\n")).collect();
    let text = format!("$ CLIENTS=17000 cargo test -p chapters --test 01_thread_cost\n{shown}");
    common::transcript("01-too-many.txt", &text);
}

fn skipped(why: &str) {
    // Not eprintln!, which the test harness would keep to itself.
    let _ = writeln!(io::stderr(), "SKIPPED: 17,000 clients are not tried: {why}");
}

/// What this machine, or whoever runs this, lacks for it.
fn cannot_be_tried() -> Option<String> {
    let number = |file: &str| fs::read_to_string(file).ok()?.split_whitespace().find_map(|word| word.parse().ok());
    let limits = fs::read_to_string("/proc/self/limits").expect("readable for the process");
    let limit = |name: &str, column: usize| {
        let row = limits.lines().find_map(|line| line.strip_prefix(name)).expect("proc(5) lists it");
        row.split_whitespace().nth(column).and_then(|word| word.parse().ok()).unwrap_or(u64::MAX)
    };
    let least = [
        ("descriptors", limit("Max open files", 1), 18_000),
        ("processes", limit("Max processes", 0), 40_000),
        ("threads", number("/proc/sys/kernel/threads-max").unwrap_or(0), 40_000),
        ("thread numbers", number("/proc/sys/kernel/pid_max").unwrap_or(0).saturating_sub(threads()), 18_000),
        ("threads of this container", number("/sys/fs/cgroup/pids.max").unwrap_or(u64::MAX), 40_000),
        ("kB of free memory", available_memory(), 3_000_000),
    ];
    let mappings: Option<u64> = number("/proc/sys/vm/max_map_count");
    let lacking = least.iter().find(|(_, has, needs)| has < needs);
    let lacking = lacking.map(|(what, has, needs)| format!("that takes {needs} {what}, and there are {has}"));
    lacking.or_else(|| (mappings != Some(65_530)).then(|| format!("vm.max_map_count is {mappings:?}, not 65530")))
}

/// How many there are on this machine.
fn threads() -> u64 {
    let load = fs::read_to_string("/proc/loadavg").expect("readable for all");
    load.split('/').nth(1).and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn available_memory() -> u64 {
    let table = fs::read_to_string("/proc/meminfo").expect("readable for all");
    let row = table.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    row.and_then(|row| row.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
