//! Whatever the order of the threads' steps, a reactor that sleeps is woken, and one that is awake is left alone.

use models::sleep::{self, Seen};

#[test]
fn one_sender_wakes_the_reactor() {
    crate::alone(|| {
        every_way_was_seen(&sleep::one_sender());
    });
}

#[test]
fn a_third_value_wakes_the_reactor_again() {
    crate::alone(|| {
        every_way_was_seen(&sleep::one_sender_three_values());
    });
}

#[test]
fn either_of_two_senders_wakes_the_reactor() {
    crate::alone(|| {
        every_way_was_seen(&sleep::two_senders());
    });
}

#[test]
fn a_reactor_that_is_awake_is_not_woken() {
    crate::alone(|| {
        sleep::awake_all_the_time().expect("a value come meanwhile");
    });
}

#[test]
fn a_flag_and_a_wake_stop_the_reactor() {
    crate::alone(|| {
        let seen = sleep::stop();

        seen.woken.expect("the reactor be woken");
        seen.kept_awake.expect("the second look find a value");
    });
}

#[test]
fn a_value_for_a_reactor_that_goes_away_has_one_fate() {
    crate::alone(|| {
        let fates = sleep::the_reactor_goes_away();

        fates.received.expect("a value be received");
        fates.given_back.expect("a value be given back");
        fates.dropped_unread.expect("a value be dropped unread");
    });
}

fn every_way_was_seen(seen: &Seen) {
    seen.woken.expect("the reactor be woken");
    seen.kept_awake.expect("the second look find a value");
    seen.coalesced.expect("a send without a write");
}
