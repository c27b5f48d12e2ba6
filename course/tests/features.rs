//! `cargo run` builds for all default members, `cargo course` for this package alone. Both build the same.

use std::collections::BTreeSet;
use std::env;
use std::path::Path;
use std::process::Command;

/// The packages that are built into the program, each with its features.
fn packages(selection: &[&str]) -> BTreeSet<String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let format = ["tree", "--locked", "-e", "normal,build", "--prefix", "none", "--format", "{p} {f}"];
    let output = Command::new(cargo).args(format).args(selection).current_dir(workspace).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| line.trim_end_matches(" (*)").trim_end().to_owned()).collect()
}

#[test]
fn cargo_course_builds_nothing_that_cargo_run_has_not_built() {
    let (alone, all) = (packages(&["-p", "course"]), packages(&[]));

    let anew: Vec<_> = alone.difference(&all).collect();

    assert!(!alone.is_empty());
    assert!(anew.is_empty(), "give course the features of these as cargo run has them: {anew:#?}");
}
