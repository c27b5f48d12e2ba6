//! The engine with the reader's building blocks in place of its own.
//!
//! An exercise that rebuilds a module of the engine has that module's public interface, and says so in its first lines.
//! So the answer can take the module's place: [`lay_out`] makes a workspace beside this one in which everything is a link
//! to what is here, but for the line of `lib.rs` that names the module's file.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// What a stub says of the module that it rebuilds, before the module's path.
const REBUILDS: &str = "has the public interface of `";

/// A module of the engine that an exercise rebuilds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What it is called, as its exercise is: `epoll`.
    pub name: String,
    /// The exercise: `02_epoll`.
    pub exercise: String,
    /// The module, from the root of the repository: `src/epoll.rs`.
    pub module: PathBuf,
}

impl Block {
    /// The reader's file, from the root of the repository.
    pub fn answer(&self) -> PathBuf {
        Path::new("exercises/src").join(&self.exercise).with_extension("rs")
    }
}

/// All building blocks of the repository at `root`, in the order of the exercises.
///
/// # Errors
/// `ENOENT` if `exercises/stubs` is not there, and what else reading it answers.
pub fn blocks(root: &Path) -> io::Result<Vec<Block>> {
    let mut blocks = Vec::new();
    for entry in fs::read_dir(root.join("exercises/stubs"))? {
        let stub = entry?.path();
        blocks.extend(block(&stub, &fs::read_to_string(&stub)?));
    }
    blocks.sort_by(|a: &Block, b| a.exercise.cmp(&b.exercise));
    Ok(blocks)
}

fn block(stub: &Path, text: &str) -> Option<Block> {
    // The sentence may go on in the next line of the comment.
    let text = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect::<Vec<_>>().join(" ");
    let (module, _) = text.split_once(REBUILDS)?.1.split_once('`')?;
    let exercise = stub.file_stem()?.to_str()?;
    let (_number, name) = exercise.split_once('_')?;
    Some(Block { name: name.to_string(), exercise: exercise.to_string(), module: module.into() })
}

/// Makes, or brings up to date, a workspace at `folder` that is the one at `root` with these files in place of the
/// modules: pairs of a [`Block::module`] and the file of the answer.
///
/// # Errors
/// `EACCES`, `ENOSPC` and so on, if `folder` cannot be written.
pub fn lay_out(root: &Path, folder: &Path, instead: &[(PathBuf, PathBuf)]) -> io::Result<()> {
    let root = root.canonicalize()?;
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(&root)? {
        let name = entry?.file_name();
        match name.to_str() {
            Some("src") => {}
            // Made by cargo, each workspace its own.
            Some("target") => {}
            Some("Cargo.lock") => write(&folder.join(&name), &fs::read_to_string(root.join(&name))?)?,
            Some("Cargo.toml") => {
                write(&folder.join(&name), &manifest(&fs::read_to_string(root.join(&name))?, folder))?
            }
            Some(hidden) if hidden.starts_with('.') => {}
            _ => link(&folder.join(&name), &root.join(&name))?,
        }
    }
    sources(&root, folder, Path::new("src"), instead)
}

/// The workspace's manifest, with another version: cargo tells packages of one name apart by it, not by where they are,
/// and the two workspaces may share what it has built of other packages.
fn manifest(text: &str, folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let mut is_named = false;
    let lines =
        text.lines().map(|line| match line.strip_prefix("version = ").and_then(|rest| rest.strip_suffix('"')) {
            Some(version) if !is_named => {
                is_named = true;
                format!("version = {version}+{name}\"\n")
            }
            _ => format!("{line}\n"),
        });
    lines.collect()
}

/// A folder of sources: links, but for the files that name a module whose place another takes.
fn sources(root: &Path, folder: &Path, within: &Path, instead: &[(PathBuf, PathBuf)]) -> io::Result<()> {
    fs::create_dir_all(folder.join(within))?;
    for entry in fs::read_dir(root.join(within))? {
        let path = within.join(entry?.file_name());
        let source = root.join(&path);
        if source.is_dir() {
            sources(root, folder, &path, instead)?;
        } else if path.ends_with("lib.rs") || path.ends_with("mod.rs") {
            let text = with_paths(&fs::read_to_string(&source)?, root, within, instead)?;
            write(&folder.join(&path), &text)?;
        } else {
            link(&folder.join(&path), &source)?;
        }
    }
    Ok(())
}

/// The text of the `lib.rs` or `mod.rs` of a folder, with a `#[path]` on each module whose place another file takes.
fn with_paths(text: &str, root: &Path, within: &Path, instead: &[(PathBuf, PathBuf)]) -> io::Result<String> {
    let mut with_paths = String::new();
    for line in text.lines() {
        let declared = line.strip_prefix("pub ").unwrap_or(line).strip_prefix("mod ");
        let module =
            declared.and_then(|rest| rest.strip_suffix(';')).map(|name| within.join(name).with_extension("rs"));
        if let Some((_, answer)) = instead.iter().find(|(place, _)| Some(place) == module.as_ref()) {
            // From the root: the answer may name files beside it, and this one is elsewhere.
            with_paths += &format!("#[path = {:?}]\n", root.join(answer).canonicalize()?);
        }
        with_paths += line;
        with_paths.push('\n');
    }
    Ok(with_paths)
}

fn link(link: &Path, to: &Path) -> io::Result<()> {
    match fs::read_link(link) {
        Ok(before) if before == to => return Ok(()),
        Ok(_) => fs::remove_file(link)?,
        Err(_) => {}
    }
    symlink(to, link)
}

/// A file that stays as it is keeps its time, and cargo what it made of it.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_link(path).is_ok() {
        // To write through a link would change what it links to.
        fs::remove_file(path)?;
    } else if fs::read_to_string(path).is_ok_and(|before| before == text) {
        return Ok(());
    }
    fs::write(path, text)
}
