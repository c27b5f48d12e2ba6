//! `cargo run -- --yours`: the book on an engine in which the reader's building blocks take the places of ours.

use std::convert::Infallible;
use std::env;
use std::error::Error;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use yours::Block;

use crate::cli::Serve;
use crate::commands::{print, stopped_by_ctrl_c, test_one};
use crate::exercises::{Catalogue, Record, State, Stopper, Trouble};

/// Tells the program that is made of them which blocks are the reader's: their names, with commas between.
const YOURS: &str = "USING_EPOLL_YOURS";

/// Tests the building blocks, makes the engine of those that pass, and serves the book with it, in this program's place.
///
/// # Errors
/// [`Trouble`] says what, and what to do.
pub fn serve(options: &Serve) -> Result<Infallible, Box<dyn Error>> {
    let root = options.root.path().canonicalize()?;
    let stopper = stopped_by_ctrl_c()?;
    let solved = tested(&root, &stopper)?;
    let names = solved.iter().map(|block| block.name.as_str()).collect::<Vec<_>>().join(",");
    print(&match names.as_str() {
        "" => "no building block is yours yet, so this is our engine; cargo course list".to_owned(),
        names => format!("yours: {}", names.replace(',', ", ")),
    });
    if stopper.is_stopped() {
        return Err(Trouble::Stopped.into());
    }
    let instead: Vec<_> = solved.iter().map(|block| (block.module.clone(), block.answer())).collect();
    let folder = root.join("target/yours");
    yours::lay_out(&root, &folder, &instead)?;

    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(folder).args(["run", "-p", "course", "--", "--port", &options.port.to_string()]);
    cargo.arg("--root").arg(&root).args(options.open.then_some("--open"));
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| Ok(root.join("target")), std::path::absolute)?;
    cargo.env("CARGO_TARGET_DIR", target).env(YOURS, names);
    Err(cargo.exec().into())
}

/// The blocks whose exercises pass, once those are tested that have changed.
fn tested(root: &Path, stopper: &Stopper) -> Result<Vec<Block>, Box<dyn Error>> {
    let catalogue = Catalogue::read(root)?;
    for block in yours::blocks(root)? {
        let exercise = catalogue.find(&block.exercise)?;
        if Record::read(exercise).is_stale(exercise) {
            match test_one(exercise, stopper) {
                Err(Trouble::Stopped) => return Err(Trouble::Stopped.into()),
                Err(trouble) => eprintln!("{trouble}"),
                Ok(_) => {}
            }
        }
    }
    Ok(solved(root, &catalogue))
}

/// The blocks whose exercises pass, as far as is known.
fn solved(root: &Path, catalogue: &Catalogue) -> Vec<Block> {
    let is_done = |exercise| Record::read(exercise).state(exercise) == State::Done;
    // Without exercises there are none.
    let mut blocks = yours::blocks(root).unwrap_or_default();
    blocks.retain(|block| catalogue.find(&block.exercise).is_ok_and(is_done));
    blocks
}

/// What the list of exercises says of the engine that a reader could run; nothing before a block is solved.
pub fn note(root: &Path, catalogue: &Catalogue) -> Option<String> {
    let solved = solved(root, catalogue);
    let names: Vec<_> = solved.iter().map(|block| block.name.as_str()).collect();
    (!names.is_empty()).then(|| format!("your engine: {}; cargo run -- --yours", names.join(", ")))
}

/// Whether this program is made of them.
pub fn is_on() -> bool {
    env::var_os(YOURS).is_some()
}

/// The engine's building blocks, and which of them are the reader's in this very program.
pub fn blocks(root: &Path) -> Value {
    let named = env::var(YOURS).unwrap_or_default();
    let is_yours = |name: &str| named.split(',').any(|yours| yours == name);
    // Without exercises there are none.
    let blocks = yours::blocks(root).unwrap_or_default();
    blocks.iter().map(|block| json!({ "name": block.name, "yours": is_yours(&block.name) })).collect()
}
