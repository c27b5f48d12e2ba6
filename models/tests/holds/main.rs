//! What holds whatever the order of the threads' steps. Each model is explored by a process of its own, so that two
//! cores explore two: `explore` says why threads would not.

use std::any::type_name;
use std::env;

use models::explore;

mod ring;
mod sleep;

/// Runs a test again, as the only one of a new process, which then runs `model`.
#[track_caller]
fn alone<F: FnOnce()>(model: F) {
    const ALONE: &str = "MODELS_ALONE";
    if env::var_os(ALONE).is_some() {
        return model();
    }

    // `holds::ring::one_value_is_handed_over::{{closure}}`, and libtest knows it as what stands between.
    let test = type_name::<F>().trim_start_matches("holds::").trim_end_matches("::{{closure}}");
    let child = explore::again(test, (ALONE, "1"));

    let said = String::from_utf8_lossy(&child.stdout) + String::from_utf8_lossy(&child.stderr);
    assert!(said.contains("1 passed"), "{said}");
}
