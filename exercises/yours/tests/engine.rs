//! The engine's own tests, on the engine with your blocks in place of ours.
//!
//! ```text
//! cargo test -p yours
//! ```
//!
//! A block is yours when its exercise passes. What follows `--` is for the engine's tests.

use std::env;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use yours::Block;

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let mut instead = Vec::new();
    for block in yours::blocks(&root)? {
        let solved = is_solved(&root, &block)?;
        println!("{}: {}", block.name, if solved { "yours" } else { "ours" });
        if solved {
            instead.push((block.module.clone(), block.answer()));
        }
    }
    let folder = root.join("target/yours");
    yours::lay_out(&root, &folder, &instead)?;
    // It takes this program's place: what it prints, and how it ends, is what there is to say.
    Err(cargo(&folder).args(["test", "-p", "reactor", "--"]).args(env::args().skip(1)).exec())
}

/// Whether the reader's answer passes the tests of its exercise.
fn is_solved(root: &Path, block: &Block) -> io::Result<bool> {
    let mut tests = cargo(root);
    tests.args(["test", "--quiet", "-p", "exercises", "--test", &block.exercise]);
    Ok(tests.stdout(Stdio::null()).stderr(Stdio::null()).status()?.success())
}

/// cargo in another workspace, which shares what it has built with this one.
fn cargo(workspace: &Path) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(workspace);
    // This test runs in the package's folder, and a relative name meant another.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or("target".into());
    cargo.env("CARGO_TARGET_DIR", root.join(target));
    cargo
}
