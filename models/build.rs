//! Makes the mutants of `mutants.rs` out of the text that ships, so that the one can never drift from the other.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

mod mutants;

use mutants::{MAILBOX, MUTANTS, Mutant, QUEUE};

fn main() {
    let models = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where the package is"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where to write"));
    let engine = models.join("../src");
    println!("cargo::rerun-if-changed=mutants.rs");

    let mut modules = String::new();
    for mutant in MUTANTS {
        let folder = out.join("mutants").join(mutant.name);
        fs::create_dir_all(&folder).expect("the output folder takes a folder");

        // Either file is made, so that a mutant of the ring has a mailbox upon it.
        for file in [QUEUE, MAILBOX] {
            let mut text = shipping_text(&engine.join(file));
            if file == mutant.file {
                for (ships, instead) in mutant.edits {
                    exchange(&mut text, ships, instead, mutant);
                }
            }
            if file == MAILBOX {
                exchange(&mut text, "use crate::queue::", "use super::queue::", mutant);
            }
            write_if_changed(&folder.join(file), &text);
        }

        writeln!(modules, "pub(crate) mod {} {{", mutant.name).expect("a string takes all");
        for path in [folder.join(QUEUE), folder.join(MAILBOX), models.join("src/ring.rs"), models.join("src/sleep.rs")]
        {
            let name = path.file_stem().expect("each is a file").display();
            writeln!(modules, "    #[path = {path:?}]\n    pub(crate) mod {name};").expect("a string takes all");
        }
        modules.push_str("}\n");
    }
    let names: Vec<_> = MUTANTS.iter().map(|mutant| mutant.name).collect();
    writeln!(modules, "/// All of them.\npub(crate) const NAMES: [&str; {}] = {names:?};", names.len())
        .expect("a string takes all");
    write_if_changed(&out.join("mutants.rs"), &modules);
}

fn shipping_text(path: &Path) -> String {
    println!("cargo::rerun-if-changed={}", path.display());
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn exchange(text: &mut String, ships: &str, instead: &str, mutant: &Mutant) {
    let found = text.matches(ships).count();
    assert!(
        found == 1,
        "models/mutants.rs: {}: this must stand once in src/{}, but stands there {found} times:\n{ships}",
        mutant.name,
        mutant.file,
    );
    *text = text.replace(ships, instead);
}

/// A file that stays as it is keeps its time, and cargo what it made of it.
fn write_if_changed(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return;
    }
    fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
