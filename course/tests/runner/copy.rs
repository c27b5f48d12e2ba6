//! A copy of what the exercises need, with one target folder for all tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The tests share the copy, so that all is built once. Each has it for itself.
static ALONE: Mutex<()> = Mutex::new(());

/// Exercises that loom models. It takes longer to build than all the rest, and the copy does without.
const MODELLED: [&str; 2] = ["05_find_the_bug.rs", "06_queue.rs"];

/// The answer that the tests change.
const ANSWER: &str = "exercises/src/01_echo.rs";
const STUB: &str = "exercises/stubs/01_echo.rs";

const PAGE: &str = "# One client at a time\n\n```exercise 1 minutes=20\nEcho every byte.\n```\n";

/// A repository with the first exercise's file as it was at first, and nothing remembered.
pub(crate) struct Repository {
    pub(crate) root: PathBuf,
    _alone: MutexGuard<'static, ()>,
}

impl Repository {
    pub(crate) fn fresh() -> Self {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("repository");
        for folder in ["src", "exercises/tests", "exercises/stubs", "exercises/hints", "solutions", "testkit"] {
            update(&workspace().join(folder), &root.join(folder));
        }
        update(&workspace().join("exercises/stubs"), &root.join("exercises/src"));
        for exercise in MODELLED {
            let _ = fs::remove_file(root.join("exercises/tests").join(exercise));
        }
        for file in ["Cargo.lock", "exercises/src/lib.rs"] {
            update(&workspace().join(file), &root.join(file));
        }
        write(&root.join("Cargo.toml"), manifest().as_bytes());
        write(&root.join("exercises/Cargo.toml"), package().as_bytes());
        write(&root.join("book/book.toml"), b"[book]\ntitle = \"Small\"\n");
        write(&root.join("book/src/SUMMARY.md"), b"# Summary\n\n- [One](01-blocking-echo.md)\n");
        write(&root.join("book/src/01-blocking-echo.md"), PAGE.as_bytes());
        update(&workspace().join("book/theme/live.js"), &root.join("book/theme/live.js"));
        // It is not there before the first test.
        let _ = fs::remove_dir_all(root.join(".course"));
        Self { root, _alone: alone }
    }

    /// `cargo course ARGS --root ...`
    pub(crate) fn course(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_course"));
        command.args(args).arg("--root").arg(&self.root).env("CARGO_TARGET_DIR", target());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Its status, and what it says.
    pub(crate) fn run(&self, args: &[&str]) -> (i32, String) {
        let Output { status, stdout, stderr } = self.course(args).output().unwrap();
        let said = String::from_utf8([stdout, stderr].concat()).unwrap();
        (status.code().unwrap_or_else(|| panic!("{args:?} ended by {status}: {said}")), said)
    }

    /// What it says, as JSON, whatever the status.
    pub(crate) fn json(&self, args: &[&str]) -> serde_json::Value {
        let output = self.course(args).arg("--json").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{args:?}: {error}\n{said}"))
    }

    pub(crate) fn answer(&self) -> String {
        fs::read_to_string(self.root.join(ANSWER)).unwrap()
    }

    /// As an editor does that writes another file first: there is one event, however slow the machine.
    pub(crate) fn save_at_once(&self, answer: &str) {
        let new = self.root.join("new.rs");
        fs::write(&new, answer).unwrap();
        fs::rename(new, self.root.join(ANSWER)).unwrap();
    }

    pub(crate) fn save(&self, answer: &str) {
        fs::write(self.root.join(ANSWER), answer).unwrap();
    }
}

pub(crate) fn stub() -> String {
    fs::read_to_string(workspace().join(STUB)).unwrap()
}

pub(crate) fn solution() -> String {
    fs::read_to_string(workspace().join("solutions/01_echo.rs")).unwrap()
}

/// One of the wrong answers that the tests are known to name.
pub(crate) fn wrong(name: &str) -> String {
    fs::read_to_string(workspace().join("exercises/wrong/01_echo").join(name)).unwrap()
}

/// Where the copy's tests are built. All their processes are from there.
pub(crate) fn target() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("repository-target")
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The exercises' own manifest, without what models need.
fn package() -> String {
    let mut manifest: toml::Table =
        fs::read_to_string(workspace().join("exercises/Cargo.toml")).unwrap().parse().unwrap();
    let dependencies = manifest["dev-dependencies"].as_table_mut().unwrap();
    dependencies.remove("modelkit").expect("the exercises use it");
    manifest.to_string()
}

/// The workspace's own manifest, with those members alone that the copy has.
fn manifest() -> String {
    let mut manifest: toml::Table = fs::read_to_string(workspace().join("Cargo.toml")).unwrap().parse().unwrap();
    for list in ["members", "default-members"] {
        manifest["workspace"][list] = vec![".", "exercises", "testkit"].into();
    }
    manifest.to_string()
}

fn update(from: &Path, to: &Path) {
    if from.is_dir() {
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            update(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        write(to, &fs::read(from).unwrap());
    }
}

/// A file that is as it should be keeps its time, and cargo what it made of it.
fn write(file: &Path, text: &[u8]) {
    if fs::read(file).is_ok_and(|old| old == text) {
        return;
    }
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}
