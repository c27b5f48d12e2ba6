//! Whatever the order of the threads' steps, the ring hands over each value once, and each producer's in order.
//!
//! Beside each model stands what it must have seen: a model that never met a full ring says nothing of full rings.

use models::ring;

#[test]
fn one_value_is_handed_over() {
    crate::alone(|| {
        ring::one_value().concurrent_pop.expect("a pop find the value");
    });
}

#[test]
fn three_values_go_through_two_slots() {
    crate::alone(|| {
        let seen = ring::three_values();

        seen.concurrent_pop.expect("a pop find a value");
        seen.full.expect("a push be refused");
        seen.second_lap.expect("a slot be used again");
    });
}

#[test]
fn two_producers_claim_different_slots() {
    crate::alone(|| {
        ring::two_producers().concurrent_pop.expect("a pop find a value");
    });
}

#[test]
fn two_producers_go_round() {
    crate::alone(|| {
        let seen = ring::two_producers_two_values();

        seen.concurrent_pop.expect("a pop find a value");
        seen.full.expect("a push be refused");
        seen.second_lap.expect("a slot be used again");
    });
}

#[test]
fn a_ring_with_room_for_all_refuses_nobody() {
    crate::alone(|| {
        ring::two_producers_room_for_all().concurrent_pop.expect("a pop find a value");
    });
}

#[test]
fn values_left_in_the_ring_are_dropped_once() {
    crate::alone(|| {
        ring::values_left_in_the_ring().expect("a value be left in the ring");
    });
}
