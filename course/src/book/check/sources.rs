//! Code in the book is code that compiles.

use super::super::SOURCE;
use super::super::error::Fault;
use super::super::include::{self, Piece};
use super::super::markdown::{Fence, fences};
use super::super::text::Info;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Finds code that nobody compiles, and pages that nobody can reach, in `book/src` of the workspace at `root`.
///
/// A fence of `rust` holds nothing but includes of `.rs` files outside of the book, and no word such as `ignore`; every
/// block of code says what it is.
///
/// # Errors
/// Any error of reading a folder or a file.
pub fn sources(root: &Path) -> io::Result<Vec<Fault>> {
    let folder = Path::new(SOURCE);
    let summary = fs::read_to_string(root.join(folder).join("SUMMARY.md"))?;
    let mut faults = Vec::new();
    for file in markdown_files(root, folder)? {
        let name = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().into_owned();
        if name == "SUMMARY.md" {
            continue;
        }
        if !summary.contains(&format!("({name})")) {
            faults.push(Fault::new(&file, 0, "SUMMARY.md does not name this page, so nobody will find it"));
        }
        let text = fs::read_to_string(root.join(&file))?;
        for (number, line) in text.lines().enumerate() {
            if ["<<<<<<< ", "=======", ">>>>>>> "].iter().any(|mark| line.starts_with(mark)) {
                faults.push(Fault::new(&file, number + 1, "a mark of an unfinished merge"));
            }
        }
        for fence in fences(&text) {
            if let Err(what) = check(root, &file, &fence) {
                faults.push(Fault::new(&file, fence.line, what));
            }
        }
    }
    Ok(faults)
}

fn markdown_files(root: &Path, folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            files.extend(markdown_files(root, &path)?);
        } else if path.extension().is_some_and(|ending| ending == "md") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn check(root: &Path, file: &Path, fence: &Fence) -> Result<(), String> {
    let Some(info) = &fence.info else {
        return Err("code by indentation; put it between fences that say what it is".into());
    };
    let words = Info::parse(info)?.words;
    match words.first().map(String::as_str) {
        None => Err("a fence that does not say what it holds, such as `text` or `console`".into()),
        _ if words.iter().any(|word| word == "ignore") => Err("`ignore`: nobody compiles this".into()),
        Some("rust" | "rs") if words.len() > 1 => Err(format!("`{}` is for rustdoc; this is a book", words[1])),
        Some("rust" | "rs") => compiled(root, file, &fence.body),
        Some(_) => Ok(()),
    }
}

fn compiled(root: &Path, file: &Path, body: &str) -> Result<(), String> {
    let mut included = 0;
    for piece in include::pieces(body) {
        match piece {
            Piece::Text(text) if text.trim().is_empty() => {}
            Piece::Text(text) => {
                let line = text.trim().lines().next().unwrap_or_default();
                return Err(format!("`{line}` is not included from a file that is compiled"));
            }
            Piece::Include(target) => {
                let quote = include::read(root, file.parent().unwrap_or(root), target)?;
                let ending = quote.file.extension().is_some_and(|ending| ending == "rs");
                if !ending || quote.file.starts_with("book") {
                    return Err(format!("nobody compiles {}", quote.file.display()));
                }
                included += 1;
            }
        }
    }
    if included == 0 { Err("there is no code in this fence".into()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn faults(page: &str) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        let source = root.path().join("book/src");
        fs::create_dir_all(&source).unwrap();
        fs::write(root.path().join("main.rs"), "fn main() {}\n").unwrap();
        fs::write(source.join("inner.rs"), "fn main() {}\n").unwrap();
        fs::write(source.join("SUMMARY.md"), "- [Page](page.md)\n").unwrap();
        fs::write(source.join("page.md"), page).unwrap();
        sources(root.path()).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn included_code_and_other_languages_pass() {
        assert_eq!(faults("# A\n\n```rust\n{{#include ../../main.rs}}\n```\n\n```console\n$ ls\n```\n"), [""; 0]);
    }

    #[test]
    fn code_that_nobody_compiles_is_found() {
        let one = |fence: &str| faults(&format!("# A\n\n{fence}\n")).pop().unwrap();
        let at = "book/src/page.md:3: ";
        assert_eq!(one("```rust\nlet a;\n```"), format!("{at}`let a;` is not included from a file that is compiled"));
        assert_eq!(one("```rust,ignore\nlet a;\n```"), format!("{at}`ignore`: nobody compiles this"));
        assert_eq!(one("```rust no_run\nlet a;\n```"), format!("{at}`no_run` is for rustdoc; this is a book"));
        assert_eq!(one("```rust\n{{#include inner.rs}}\n```"), format!("{at}nobody compiles book/src/inner.rs"));
        assert_eq!(one("```rust\n```"), format!("{at}there is no code in this fence"));
        assert!(one("```\nlet a;\n```").contains("does not say what it holds"));
        assert!(one("    let a;").contains("code by indentation"));
        assert!(one("> - ```rust\n>   let a;\n>   ```").contains("is not included"));
    }

    #[test]
    fn an_unfinished_merge_is_found() {
        let found = faults("# A\n\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> main\n");
        assert_eq!(found, [3, 5, 7].map(|line| format!("book/src/page.md:{line}: a mark of an unfinished merge")));
    }

    #[test]
    fn a_page_that_nobody_can_reach_is_found() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("book/src/more")).unwrap();
        fs::write(root.path().join("book/src/SUMMARY.md"), "").unwrap();
        fs::write(root.path().join("book/src/more/lost.md"), "").unwrap();

        let faults = sources(root.path()).unwrap();

        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].file, Path::new("book/src/more/lost.md"));
    }
}
