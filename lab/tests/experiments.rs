//! The kernel that runs these tests does what the experiments expect of it.
//!
//! One test an experiment, so that a failure has its name. Each is run twice: what differs between the two transcripts
//! must be marked as such, because the book compares them.

use std::path::Path;
use std::thread;

use lab::{Experiment, Outcome, Report};
use pretty_assertions::assert_eq;

fn run(experiment: &'static Experiment) -> Report {
    lab::run_with(Path::new(env!("CARGO_BIN_EXE_lab")), experiment).expect("a process can be started")
}

fn shape(report: &Report) -> String {
    report.lines.iter().map(|line| format!("{:?} {}\n", line.kind, line.shape())).collect()
}

fn text(report: &Report) -> String {
    report.lines.iter().map(|line| format!("    {}\n", line.text)).collect()
}

fn does_what_is_expected(name: &str) {
    let experiment = lab::find(name).expect("the experiment is in the list");

    // At once: most of them wait for most of their time.
    let (first, second) = thread::scope(|scope| {
        let first = scope.spawn(|| run(experiment));
        let second = run(experiment);
        (first.join().expect("a run that fails has an outcome"), second)
    });

    for report in [&first, &second] {
        match &report.outcome {
            Outcome::AsExpected => {}
            Outcome::Unavailable(reason) => eprintln!("{name} cannot be asked here: {reason}"),
            other => panic!("{name}: {other:?}\nclaim: {}\n{}", experiment.claim, text(report)),
        }
    }
    assert_eq!(shape(&first), shape(&second), "{name}: what differs from run to run is marked with ~");
}

/// A test for each name, and the list of the names.
macro_rules! experiments {
    ($($name:ident)*) => {
        $(#[test] fn $name() { does_what_is_expected(stringify!($name)); })*
        const TESTED: &[&str] = &[$(stringify!($name)),*];
    };
}

experiments! {
    blocking_fd not_pollable replaces_poll create1_flags ctl_errors cost cost_ready thousands one_thread
    timeouts default_lt level_is_no_flag oneshot lt_partial_read lt_eof_forever lowat mask_zero lt_out_spins
    out_while_needed mod_wakes_waiter eagain_blocks short_write accept_inherits_nothing close_removes
    close_dup close_fork close_exec close_wakes_nobody del_after_close et_partial_read et_refire_newdata
    et_coalesces et_mod_rearms et_add_ready edge_is_not_message accept_et short_read_drained short_read_fin
    short_read_urgent short_read_datagram et_out et_out_nospace et_out_threshold starvation budget_stop_trap
    ready_order queue_is_no_event ev_before_during ev_et eventfd_counter eventfd_semaphore eventfd_blocks
    eventfd_out_edge drain_order timeout_vs_eventfd ev_vs_pipe interleave100 interleave_threads framing
    stale_batch del_recalls masks_peer masks_own half_close_reply shutdown_dup send_ok_not_delivered
    rst_with_data write_closed_fin write_closed_rst sigpipe accept_aborted emfile_lt emfile_et unconnected
    etimedout eintr eintr_stop two_threads_one_epoll herd_instances herd_shared exclusive_limits reuseport
}

#[test]
fn every_experiment_is_tested_and_its_name_is_its_own() {
    let names: Vec<&str> = lab::all().iter().map(|experiment| experiment.name).collect();

    assert_eq!(names, TESTED);
    let distinct: std::collections::BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(distinct.len(), names.len(), "two experiments have one name");
}

#[test]
fn every_experiment_is_a_file_of_its_name() {
    for experiment in lab::all() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/experiments/{}.rs", experiment.name));
        let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));

        assert!(source.contains(&format!("name: \"{}\"", experiment.name)), "{} is about another", path.display());
        assert!(source.lines().count() <= 80, "{} is too long to be read at a glance", path.display());
    }
}

#[test]
fn every_experiment_says_what_it_claims_and_what_it_expects() {
    for Experiment { name, claim, expected, .. } in lab::all() {
        assert!(claim.ends_with('.'), "the claim of {name} is a sentence");
        assert!(expected.ends_with(['.', ')']), "what {name} expects is a sentence");
        assert!(!claim.contains('\n') && !expected.contains('\n'), "{name} speaks in single lines");
    }
}

#[test]
fn every_sentence_of_the_article_is_quoted_to_the_letter() {
    let quotes = include_str!("../article-claims.txt");

    for Experiment { name, article, row, .. } in lab::all() {
        assert_eq!(article.is_some(), row.is_some(), "{name}: a sentence has a number, and a number a sentence");
        if let (Some(article), Some(row)) = (article, row) {
            let line = format!("{row:2} {article}");
            assert!(quotes.lines().any(|quote| quote == line), "article-claims.txt has no line `{line}`");
        }
    }
}

#[test]
fn every_sentence_that_is_quoted_has_an_experiment() {
    for line in include_str!("../article-claims.txt").lines() {
        let row = line[..2].trim().parse().expect("a line begins with its number");

        assert!(lab::all().iter().any(|experiment| experiment.row == Some(row)), "nothing asks about `{line}`");
    }
}

#[test]
fn an_experiment_that_does_not_exist_is_not_found() {
    assert!(lab::find("no_such_experiment").is_none());
}

#[test]
fn a_program_that_is_no_lab_gives_an_unfinished_experiment() {
    let report = lab::run_with(Path::new("false"), &lab::all()[0]).expect("a process can be started");

    assert!(matches!(report.outcome, Outcome::Unfinished(_)), "{:?}", report.outcome);
}
