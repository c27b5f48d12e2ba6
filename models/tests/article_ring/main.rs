//! What loom finds in the article's ring, and in the ring that chapter 5 puts in its place.
//!
//! Both are the chapter's own lines, compiled over loom's atomics. The article's variables are plain ones in [`plain`],
//! where loom reports every race for them. In [`published`] each is stored with `Release` and loaded with `Acquire`:
//! then no access is a race, and what still fails is the algorithm.

#![allow(clippy::duplicate_mod, reason = "the same lines over different variables")]

use std::env;
use std::panic;
use std::process::{self, Command};

use models::{explore, sync};
use pretty_assertions::assert_eq;

mod chapter;
mod plain;
mod published;

#[test]
fn plain_variables_are_a_race() {
    must_fail("plain_variables_are_a_race", "Causality violation: Concurrent", || drop(plain::hand_over::one_value()));
}

#[test]
fn with_published_variables_and_room_for_all_two_values_arrive() {
    published::hand_over::room_for_all().concurrent_get.expect("a get find an item");
}

#[test]
fn an_overflow_loses_what_was_accepted() {
    must_fail("an_overflow_loses_what_was_accepted", LOST, || drop(published::hand_over::overflow()));
}

#[test]
fn testing_first_cures_that() {
    published::hand_over::overflow_testing_first().full.expect("a put be refused");
}

#[test]
fn but_tail_may_have_gone_round_between_the_test_and_the_claim() {
    let name = "but_tail_may_have_gone_round_between_the_test_and_the_claim";
    must_fail(name, LOST, || drop(published::hand_over::aba(3)));
}

#[test]
fn which_takes_more_than_one_preemption_to_see() {
    published::hand_over::aba(1).full.expect("a put be refused");
}

/// The ring with sequence numbers, as the chapter has it, in the models of the one that ships.
mod the_chapters_ring {
    use crate::chapter::ring;

    #[test]
    fn hands_over_three_values_through_two_slots() {
        let seen = ring::three_values();

        seen.concurrent_pop.expect("a pop find a value");
        seen.full.expect("a push be refused");
        seen.second_lap.expect("a slot be used again");
    }

    #[test]
    fn gives_two_producers_different_slots() {
        ring::two_producers().concurrent_pop.expect("a pop find a value");
    }

    #[test]
    fn drops_once_what_is_left_in_it() {
        ring::values_left_in_the_ring().expect("a value be left in the ring");
    }
}

/// What the models say when an accepted item does not come.
const LOST: &str = "what was accepted is received";

/// Runs `model` in a process of its own, where it must fail and say `symptom`: a model that fails in a thread of loom's
/// may end the process.
fn must_fail(test: &str, symptom: &str, model: fn()) {
    const CHILD: &str = "MODELS_MUST_FAIL";
    const FAILED: i32 = 64;

    if env::var_os(CHILD).is_some_and(|name| name == test) {
        panic::set_hook(Box::new(|report| {
            eprintln!("{report}");
            process::exit(FAILED);
        }));
        return model();
    }

    let this = env::current_exe().expect("a test knows where it is");
    let child = Command::new(this).args(["--exact", test, "--nocapture"]).env(CHILD, test).output();

    let child = child.expect("a test can be started once more");
    let said = String::from_utf8_lossy(&child.stderr);
    assert_eq!(child.status.code(), Some(FAILED), "the model finds nothing wrong:\n{said}");
    assert!(said.contains(symptom), "the model says something else than {symptom:?}:\n{said}");
}
