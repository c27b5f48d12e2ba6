//! The models can fail: of each mistake in `mutants.rs`, made in the lines that ship, the model that is named beside it
//! says what goes wrong. And changes that are no mistakes pass.

use std::env;
use std::panic;
use std::process;

use models::{explore, sync, waker};
use pretty_assertions::assert_eq;

#[allow(warnings, unsafe_code, clippy::all, reason = "the lints are kept where these lines come from")]
mod mutants {
    include!(concat!(env!("OUT_DIR"), "/mutants.rs"));
}

/// Two threads use one slot at once.
const RACE: &str = "Causality violation: Concurrent write accesses to `UnsafeCell`";
/// The reactor sleeps, and nobody is left who could wake it.
const LOST_WAKE_UP: &str = "deadlock";

macro_rules! mistakes {
    ($($mutant:ident: $file:ident::$model:ident says $symptom:expr;)*) => {
        mod mistake {
            $(#[test]
            fn $mutant() {
                super::must_fail(stringify!($mutant), $symptom, || drop(super::mutants::$mutant::$file::$model()));
            })*
        }
        const MISTAKES: &[&str] = &[$(stringify!($mutant)),*];
    };
}

macro_rules! no_mistakes {
    ($($mutant:ident: $($file:ident::$model:ident),*;)*) => {
        mod no_mistake {
            $(#[test]
            fn $mutant() {
                $(super::mutants::$mutant::$file::$model();)*
            })*
        }
        const NO_MISTAKES: &[&str] = &[$(stringify!($mutant)),*];
    };
}

mistakes! {
    push_loads_the_sequence_relaxed: ring::three_values says super::RACE;
    push_stores_the_sequence_relaxed: ring::one_value says super::RACE;
    pop_loads_the_sequence_relaxed: ring::one_value says super::RACE;
    pop_stores_the_sequence_relaxed: ring::three_values says super::RACE;
    a_slot_is_claimed_without_compare_and_swap: ring::two_producers says super::RACE;
    full_is_tested_after_the_claim: ring::three_values says "an empty ring takes a value for each slot";
    the_sequence_is_stored_before_the_value: ring::one_value says super::RACE;
    the_slot_is_freed_before_the_value_is_taken: ring::three_values says super::RACE;
    the_slot_is_not_freed_for_the_next_lap: ring::one_value says "an empty ring takes a value for each slot";
    values_left_in_the_ring_are_forgotten: ring::values_left_in_the_ring says "each value is dropped once";
    a_ring_may_have_one_slot: ring::one_slot says "each value arrives once";

    send_loads_and_stores_the_flag: sleep::one_sender says super::LOST_WAKE_UP;
    send_swaps_the_flag_relaxed: sleep::one_sender says super::LOST_WAKE_UP;
    send_swaps_the_flag_without_release: sleep::one_sender says super::LOST_WAKE_UP;
    prepare_to_sleep_stores_the_flag: sleep::one_sender says super::LOST_WAKE_UP;
    prepare_to_sleep_swaps_the_flag_relaxed: sleep::one_sender says super::LOST_WAKE_UP;
    prepare_to_sleep_swaps_the_flag_without_acquire: sleep::one_sender says super::LOST_WAKE_UP;
    awake_stores_the_flag: sleep::one_sender says super::LOST_WAKE_UP;
    no_second_look_before_sleeping: sleep::one_sender says super::LOST_WAKE_UP;
    the_flag_is_cleared_after_the_second_look: sleep::one_sender says super::LOST_WAKE_UP;
    nobody_is_woken: sleep::one_sender says super::LOST_WAKE_UP;
    the_wake_up_comes_before_the_value: sleep::one_sender says super::LOST_WAKE_UP;
    every_send_wakes: sleep::awake_all_the_time says "a reactor that is awake needs no wake-up";
    awake_does_not_set_the_flag: sleep::awake_all_the_time says "a reactor that is awake needs no wake-up";
    send_loads_closed_relaxed: sleep::the_reactor_goes_away says "sees what the reactor did before";
    drop_stores_closed_relaxed: sleep::the_reactor_goes_away says "sees what the reactor did before";
    drop_does_not_close: sleep::the_reactor_goes_away says "nobody is there to read the value";
}

no_mistakes! {
    weaker_orderings_that_are_enough: sleep::one_sender_three_values, sleep::two_senders_in_short;
    is_empty_loads_the_sequence_relaxed: sleep::one_sender_three_values, sleep::two_senders_in_short;
    positions_about_to_overflow: ring::three_values, ring::two_producers_room_for_all, ring::values_left_in_the_ring;
}

#[test]
fn each_mutant_is_judged() {
    let mut judged = [MISTAKES, NO_MISTAKES].concat();
    judged.sort_unstable();

    let mut made = mutants::NAMES;
    made.sort_unstable();
    assert_eq!(judged, made);
}

/// Runs `model` in a process of its own, where it must fail and say `symptom`.
///
/// loom ends a deadlock by aborting the process, and a mutant may do as it likes with memory.
fn must_fail(mutant: &str, symptom: &str, model: fn()) {
    const MUTANT: &str = "MODELS_MUTANT";
    const FAILED: i32 = 64;

    if env::var_os(MUTANT).is_some_and(|name| name == mutant) {
        panic::set_hook(Box::new(|report| {
            eprintln!("{report}");
            process::exit(FAILED);
        }));
        return model();
    }

    let child = explore::again(&format!("mistake::{mutant}"), (MUTANT, mutant));

    let said = String::from_utf8_lossy(&child.stderr);
    assert_eq!(child.status.code(), Some(FAILED), "the model did not find the mistake:\n{said}");
    assert!(said.contains(symptom), "the model says something else than {symptom:?}:\n{said}");
}
