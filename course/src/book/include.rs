//! `{{#include path:anchor}}`: what the book quotes from the files that are compiled.
//!
//! The syntax is mdBook's, but not the leniency: a missing file or anchor is a fault, and so is a range of line
//! numbers, which would quote something else after the next edit. Lines lose the indentation that they share.

use std::fs;
use std::ops::RangeInclusive;
use std::path::{Component, Path, PathBuf};

/// What stands between two anchors, or a whole file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Quote {
    /// Where it is from, as seen from the root of the workspace.
    pub(crate) file: PathBuf,
    /// Its lines there, counted from 1.
    pub(crate) lines: RangeInclusive<usize>,
    /// Whether an anchor was named.
    pub(crate) part: bool,
    /// The text, without the lines that hold anchors.
    pub(crate) text: String,
}

/// A piece of Markdown: its own words, or what it includes.
pub(crate) enum Piece<'a> {
    Text(&'a str),
    /// What stands between `{{#include` and `}}`.
    Include(&'a str),
}

const OPEN: &str = "{{#include ";

/// Cuts Markdown into its own words and its includes, in order. `\{{#include` is no include.
pub(crate) fn pieces(mut markdown: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    while let Some(start) = markdown.find(OPEN) {
        let Some(length) = markdown[start..].find("}}") else { break };
        let (before, end) = (&markdown[..start], start + length + 2);
        if let Some(before) = before.strip_suffix('\\') {
            pieces.extend([Piece::Text(before), Piece::Text(&markdown[start..end])]);
        } else {
            let target = markdown[start + OPEN.len()..end - 2].trim();
            pieces.extend([Piece::Text(before), Piece::Include(target)]);
        }
        markdown = &markdown[end..];
    }
    pieces.push(Piece::Text(markdown));
    pieces
}

/// Reads `target`, a path with or without `:anchor`, as written in a file of `folder`. Both are below `root`.
pub(crate) fn read(root: &Path, folder: &Path, target: &str) -> Result<Quote, String> {
    let (path, anchor) = target.split_once(':').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let file = inside(&folder.join(path)).ok_or_else(|| format!("`{path}` lies outside of the workspace"))?;
    let text =
        fs::read_to_string(root.join(&file)).map_err(|error| format!("cannot include {}: {error}", file.display()))?;
    let lines: Vec<&str> = text.lines().collect();
    let (from, to) = match anchor {
        Some(anchor) => between(&lines, anchor).map_err(|what| format!("{} {what}", file.display()))?,
        None => (0, lines.len()),
    };
    let kept: Vec<&str> = lines[from..to].iter().copied().filter(|line| anchor_in(line).is_none()).collect();
    if kept.iter().all(|line| line.trim().is_empty()) {
        return Err(format!("`{target}` is empty"));
    }
    Ok(Quote { lines: from + 1..=to, part: anchor.is_some(), text: dedent(&kept), file })
}

/// `path` without `.` and `..`, or `None` if it leads out of the workspace.
fn inside(path: &Path) -> Option<PathBuf> {
    let mut inside = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => inside.push(name),
            Component::CurDir => {}
            Component::ParentDir if inside.pop() => {}
            _ => return None,
        }
    }
    Some(inside)
}

/// The lines after `ANCHOR: name` and before `ANCHOR_END: name`, counted from 0, the end not included.
fn between(lines: &[&str], name: &str) -> Result<(usize, usize), String> {
    if name.is_empty() || name.contains(':') || name.parse::<usize>().is_ok() {
        return Err(format!("is included by line number (`:{name}`); name an anchor instead"));
    }
    let find = |end| {
        let mut found = lines.iter().enumerate().filter(|(_, line)| anchor_in(line) == Some((end, name)));
        match (found.next(), found.next()) {
            (Some((line, _)), None) => Ok(line),
            (None, _) if end => Err(format!("has no `ANCHOR_END: {name}`")),
            (None, _) => Err(format!("has no `ANCHOR: {name}`")),
            (Some(_), Some(_)) => Err(format!("has the anchor `{name}` twice")),
        }
    };
    let (from, to) = (find(false)? + 1, find(true)?);
    if from > to { Err(format!("ends the anchor `{name}` before it begins")) } else { Ok((from, to)) }
}

/// Whether the line holds the end of an anchor, and the name of the anchor.
fn anchor_in(line: &str) -> Option<(bool, &str)> {
    let (end, rest) = match line.split_once("ANCHOR_END:") {
        Some((_, rest)) => (true, rest),
        None => (false, line.split_once("ANCHOR:")?.1),
    };
    let rest = rest.trim_start();
    let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').unwrap_or(rest.len());
    (length > 0).then(|| (end, &rest[..length]))
}

fn dedent(lines: &[&str]) -> String {
    let indentation = |line: &&str| line.len() - line.trim_start_matches(' ').len();
    let shared = lines.iter().filter(|line| !line.trim().is_empty()).map(indentation).min().unwrap_or(0);
    let cut = |line: &&str| line.get(shared..).unwrap_or("").to_owned();
    lines.iter().map(cut).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    const PROGRAM: &str = "\
fn main() {
    // ANCHOR: loop
    loop {
        // ANCHOR: inner
        turn();
        // ANCHOR_END: inner
    }
    // ANCHOR_END: loop
    // ANCHOR: open
}
";

    fn quote(target: &str) -> Result<Quote, String> {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("book/src")).unwrap();
        fs::create_dir_all(root.path().join("chapters")).unwrap();
        fs::write(root.path().join("chapters/main.rs"), PROGRAM).unwrap();
        read(root.path(), Path::new("book/src"), target)
    }

    #[test]
    fn an_anchor_gives_its_lines_without_their_indentation() {
        let quote = quote("../../chapters/main.rs:loop").unwrap();

        assert_eq!(quote.file, Path::new("chapters/main.rs"));
        assert_eq!(quote.lines, 3..=7);
        assert_eq!(quote.text, "loop {\n    turn();\n}");
    }

    #[test]
    fn a_whole_file_loses_only_its_anchors() {
        let quote = quote("../../chapters/main.rs").unwrap();
        assert_eq!(quote.text, "fn main() {\n    loop {\n        turn();\n    }\n}");
    }

    #[test]
    fn what_is_missing_is_named() {
        let wrong = |target| quote(target).unwrap_err();
        assert_eq!(wrong("../../chapters/main.rs:lop"), "chapters/main.rs has no `ANCHOR: lop`");
        assert_eq!(wrong("../../chapters/main.rs:open"), "chapters/main.rs has no `ANCHOR_END: open`");
        assert_eq!(wrong("../../../etc/passwd"), "`../../../etc/passwd` lies outside of the workspace");
        assert!(wrong("../../chapters/mian.rs").starts_with("cannot include chapters/mian.rs: No such file"));
    }

    #[test]
    fn line_numbers_are_refused() {
        for target in ["../../chapters/main.rs:3", "../../chapters/main.rs:3:5", "../../chapters/main.rs:"] {
            assert!(quote(target).unwrap_err().contains("name an anchor instead"), "{target}");
        }
    }

    #[test]
    fn an_escaped_include_is_text() {
        let text: String = pieces(r"a \{{#include b}} c {{#include d}} e")
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => (*text).to_owned(),
                Piece::Include(target) => format!("<{target}>"),
            })
            .collect();
        assert_eq!(text, "a {{#include b}} c <d> e");
    }
}
