//! The engine passes its own tests with the solutions in place of the modules that they rebuild; and with a wrong answer
//! in a module's place it does not, so it is the answers that are tested.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

/// The engine's tests, with these files in place of its modules.
fn test_with(name: &str, instead: &[(PathBuf, PathBuf)], tests: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    // Each workspace has a folder of its own; what cargo builds for it lies with all the rest.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    yours::lay_out(&root, &folder, instead).unwrap();
    let mut cargo = Command::new(env::var_os("CARGO").unwrap());
    cargo.current_dir(folder).env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join(".."));
    cargo.args(["test", "--offline", "--quiet", "-p", "reactor"]).args(tests).output().unwrap()
}

fn answers(folder: &str) -> Vec<(PathBuf, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let blocks = yours::blocks(&root).unwrap();
    blocks.into_iter().map(|block| (block.module, format!("{folder}/{}.rs", block.exercise).into())).collect()
}

#[test]
fn the_engine_runs_on_the_solutions() {
    // Not all of them, which take long to build: those that use the blocks most.
    let tests = ["engine", "handle", "hostile", "queue", "slab", "waker"].map(|test| ["--test", test]);
    let output = test_with("solutions", &answers("solutions"), tests.as_flattened());
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("test result: ok"), "{said}");
}

/// Nobody who solves an exercise looks at how it prints what is given, and the engine's tests do.
#[test]
fn what_is_given_prints_as_the_engine_does() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut printing = 0;
    for block in yours::blocks(&root).unwrap() {
        let stub = fs::read_to_string(root.join("exercises/stubs").join(&block.exercise).with_extension("rs")).unwrap();
        let module = fs::read_to_string(root.join(&block.module)).unwrap();
        let items = stub.split_inclusive("\n}\n").map(str::trim_start);
        for given in items.filter(|item| item.starts_with("impl") && item.lines().next().unwrap().contains(" fmt::")) {
            assert!(
                module.contains(given),
                "{} prints otherwise than {}:\n{given}",
                block.exercise,
                block.module.display()
            );
            printing += 1;
        }
    }
    assert!(printing > 3, "only {printing} are given");
}

#[test]
fn a_wrong_answer_fails_in_the_engine_too() {
    let wrong = PathBuf::from("exercises/wrong/07_framing/little-endian.rs");
    let output = test_with("wrong", &[("src/framing/length_prefix.rs".into(), wrong)], &["--test", "framing"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success() && said.contains("test result: FAILED"), "{said}");
}
