//! Makes one module of each stub, solution and wrong answer, together with the exercise's own tests.
//!
//! The tests are those of `../tests/`, word for word, but for two things: they name another file as the answer, and they
//! are no libtest tests, for most of them are to fail. `testkit::sheet` runs them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What replaces `#[test]`, and where the answer is named.
const TEST: &str = "#[test]";
const SOLUTION: &str = "#[cfg_attr(feature = \"solutions\", path = ";
const STUB: &str = "#[cfg_attr(not(feature = \"solutions\"), path = ";

/// What the first line of a wrong answer begins with.
const EXPECT: &str = "//! Expect: ";

fn main() {
    let exercises =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where the package is")).join("..");
    let exercises = exercises.canonicalize().expect("checks is a folder of exercises");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where to write"));
    println!("cargo::rerun-if-changed=build.rs");
    // Not ../src: that is the learner's, and may be anything.
    for folder in ["tests", "stubs", "wrong", "../solutions"] {
        println!("cargo::rerun-if-changed={}", exercises.join(folder).display());
    }
    for sheet in files(&exercises.join("tests")) {
        check(&exercises, &out, &sheet);
    }
}

/// Writes `OUT_DIR/01_echo.rs`, which `tests/01_echo.rs` includes.
fn check(exercises: &Path, out: &Path, sheet: &Path) {
    let exercise = name(sheet);
    let file = format!("{exercise}.rs");
    let text = read(sheet);
    let folder = out.join(&exercise);
    fs::create_dir_all(&folder).expect("the output folder takes a folder");

    let mut answers = vec![
        ("stub".to_string(), exercises.join("stubs").join(&file), "NOT STARTED".to_string()),
        ("solution".to_string(), exercises.join("../solutions").join(&file), "PASSED".to_string()),
    ];
    for wrong in files(&exercises.join("wrong").join(&exercise)) {
        let text = read(&wrong);
        let expected = text.lines().next().and_then(|line| line.strip_prefix(EXPECT));
        let expected = expected.unwrap_or_else(|| panic!("{}: begins with \"{EXPECT}\"", wrong.display()));
        answers.push((name(&wrong).replace('-', "_"), wrong.clone(), expected.to_string()));
    }

    let mut root = String::new();
    for (name, answer, expected) in answers {
        let module = folder.join(format!("{name}.rs"));
        write_if_changed(&module, &with_answer(&text, &answer, sheet));
        write!(
            root,
            "#[path = {module:?}]\nmod {name}_sheet;\n#[test]\nfn {name}() {{\n    \
             testkit::sheet::prove(\"{name}\", {expected:?}, {name}_sheet::TESTS);\n}}\n"
        )
        .expect("a string takes all");
    }
    write_if_changed(&out.join(&file), &root);
}

/// The task sheet with another answer, line for line, and a list of its tests at the end.
fn with_answer(sheet: &str, answer: &Path, path: &Path) -> String {
    let mut text = String::new();
    let mut tests = String::new();
    let mut lines = sheet.lines();
    let mut named = 0;
    while let Some(line) = lines.next() {
        if line.starts_with(SOLUTION) {
            named += 1;
            write!(text, "#[path = {answer:?}]").expect("a string takes all");
        } else if line == TEST {
            let next = lines.next().unwrap_or_default();
            let name = next.strip_prefix("fn ").and_then(|rest| rest.split_once("()")).map(|(name, _)| name);
            let name = name.unwrap_or_else(|| panic!("{}: {TEST} stands right above its fn", path.display()));
            write!(tests, "({name:?}, {name}), ").expect("a string takes all");
            write!(text, "\n{next}").expect("a string takes all");
        } else if !line.starts_with(STUB) {
            text.push_str(line);
        }
        text.push('\n');
    }
    assert!(named == 1, "{}: names the answer by {SOLUTION}", path.display());
    writeln!(text, "pub(super) const TESTS: &::testkit::sheet::Tests = &[{tests}];").expect("a string takes all");
    text
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    files.sort();
    files
}

fn name(path: &Path) -> String {
    path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A file that stays as it is keeps its time, and cargo what it made of it.
fn write_if_changed(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return;
    }
    fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
