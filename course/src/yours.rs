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
    let solved = solved(&root, &stopper)?;
    print(&sentence(&solved));
    let instead: Vec<_> = solved.iter().map(|block| (block.module.clone(), block.answer())).collect();
    let folder = root.join("target/yours");
    yours::lay_out(&root, &folder, &instead)?;

    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(folder).args(["run", "-p", "course", "--", "--port", &options.port.to_string()]);
    cargo.arg("--root").arg(&root).args(options.open.then_some("--open"));
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| Ok(root.join("target")), std::path::absolute)?;
    let names: Vec<_> = solved.into_iter().map(|block| block.name).collect();
    cargo.env("CARGO_TARGET_DIR", target).env(YOURS, names.join(","));
    Err(cargo.exec().into())
}

/// The blocks whose exercises pass.
fn solved(root: &Path, stopper: &Stopper) -> Result<Vec<Block>, Box<dyn Error>> {
    let catalogue = Catalogue::read(root)?;
    let mut solved = Vec::new();
    for block in yours::blocks(root)? {
        let exercise = catalogue.find(&block.exercise)?;
        if Record::read(exercise).is_stale(exercise) {
            match test_one(exercise, stopper) {
                Err(Trouble::Stopped) => return Err(Trouble::Stopped.into()),
                Err(trouble) => eprintln!("{trouble}"),
                Ok(_) => {}
            }
        }
        if Record::read(exercise).state(exercise) == State::Done {
            solved.push(block);
        }
    }
    Ok(solved)
}

fn sentence(solved: &[Block]) -> String {
    let names: Vec<_> = solved.iter().map(|block| block.name.as_str()).collect();
    match names.as_slice() {
        [] => "no building block is yours yet, so this is our engine; cargo course list".into(),
        names => format!("yours: {}", names.join(", ")),
    }
}

/// The engine's building blocks, and which of them are the reader's in this very program.
pub fn blocks(root: &Path) -> Value {
    let named = env::var(YOURS).unwrap_or_default();
    let is_yours = |name: &str| named.split(',').any(|yours| yours == name);
    // Without exercises there are none.
    let blocks = yours::blocks(root).unwrap_or_default();
    blocks.iter().map(|block| json!({ "name": block.name, "yours": is_yours(&block.name) })).collect()
}
