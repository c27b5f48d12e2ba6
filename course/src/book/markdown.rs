//! From a chapter as it is written to the Markdown that mdBook renders: includes are read, our own blocks become HTML.
//!
//! All of it happens on the chapter's own lines, so that each fault is reported where an editor can jump to.

use super::error::Fault;
use super::include::{self, Piece};
use super::text::Info;
use super::{Lab, blocks};
use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The chapter at hand, and what its blocks may ask for.
pub(crate) struct Page<'a> {
    /// The root of the workspace.
    pub(crate) root: &'a Path,
    /// The Markdown file, as seen from there.
    pub(crate) file: PathBuf,
    pub(crate) lab: &'a dyn Lab,
}

impl Page<'_> {
    /// The folder that includes are relative to.
    pub(crate) fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }

    /// A name that tells the parts of this page from those of all others, which print.html shows together.
    pub(crate) fn unique(&self, kind: &str, number: usize) -> String {
        let stem = self.file.file_stem().unwrap_or_default().to_string_lossy();
        format!("{kind}-{stem}-{number}")
    }
}

/// A fault inside of a block: how many lines below the opening of its fence, and what is wrong.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Flaw(pub(crate) usize, pub(crate) String);

impl From<String> for Flaw {
    fn from(what: String) -> Self {
        Self(0, what)
    }
}

/// A block of code in a chapter.
#[derive(Debug)]
pub(crate) struct Fence {
    /// What stands after the backticks; `None` if the block is made by indentation.
    pub(crate) info: Option<String>,
    /// The lines between, without the marks of a list or a quotation around them.
    pub(crate) body: String,
    /// The line of the opening, counted from 1.
    pub(crate) line: usize,
    range: Range<usize>,
}

/// All blocks of code of a chapter, as mdBook's own parser sees them.
pub(crate) fn fences(markdown: &str) -> Vec<Fence> {
    let mut fences: Vec<Fence> = Vec::new();
    let mut open = false;
    for (event, range) in new_cmark_parser(markdown, &MarkdownOptions::default()).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => Some(info.to_string()),
                    CodeBlockKind::Indented => None,
                };
                let line = line_of(markdown, range.start);
                fences.push(Fence { info, body: String::new(), line, range });
                open = true;
            }
            Event::End(TagEnd::CodeBlock) => open = false,
            Event::Text(text) if open => fences.last_mut().expect("a block is open").body.push_str(&text),
            _ => {}
        }
    }
    fences
}

/// The Markdown that mdBook is given for `source`.
pub(crate) fn expand(page: &Page<'_>, source: &str) -> Result<String, Vec<Fault>> {
    let mut expanded = String::with_capacity(source.len() * 2);
    let mut faults = Vec::new();
    let mut done = 0;
    for (number, fence) in fences(source).iter().enumerate() {
        include_all(page, source, done..fence.range.start, &mut expanded, &mut faults);
        match render(page, fence, number) {
            Ok(Some(html)) => {
                let blank = continuation(source, fence.range.start);
                expanded.push_str(&format!("{html}\n{}", blank.trim_end()));
            }
            Ok(None) => expanded.push_str(&source[fence.range.clone()]),
            Err(Flaw(below, what)) => faults.push(Fault::new(&page.file, fence.line + below, what)),
        }
        done = fence.range.end;
    }
    include_all(page, source, done..source.len(), &mut expanded, &mut faults);
    if faults.is_empty() { Ok(expanded) } else { Err(faults) }
}

/// `None`: mdBook may show the block as it stands.
fn render(page: &Page<'_>, fence: &Fence, number: usize) -> Result<Option<String>, Flaw> {
    let Some(info) = &fence.info else { return Ok(None) };
    blocks::render(page, &Info::parse(info)?, &fence.body, number)
}

/// Copies a part of the source, with what it includes.
fn include_all(page: &Page<'_>, source: &str, part: Range<usize>, to: &mut String, faults: &mut Vec<Fault>) {
    for piece in include::pieces(&source[part]) {
        match piece {
            Piece::Text(text) => to.push_str(text),
            Piece::Include(target) => match include::read(page.root, page.folder(), target) {
                Ok(quote) if quote.file.extension().is_some_and(|ending| ending == "svg") => {
                    to.push_str(&unbroken(&quote.text))
                }
                Ok(quote) => to.push_str(&quote.text),
                Err(what) => {
                    let at = target.as_ptr() as usize - source.as_ptr() as usize;
                    faults.push(Fault::new(&page.file, line_of(source, at), what));
                }
            },
        }
    }
}

/// A figure without its empty lines, at which Markdown would end the HTML.
fn unbroken(svg: &str) -> String {
    svg.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

/// What a line has to begin with to continue the list or quotation that is open at `offset`.
fn continuation(source: &str, offset: usize) -> String {
    let start = source[..offset].rfind('\n').map_or(0, |end| end + 1);
    source[start..offset].chars().map(|c| if c == '>' { '>' } else { ' ' }).collect()
}

fn line_of(source: &str, offset: usize) -> usize {
    source[..offset].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::super::NoLab;
    use super::*;
    use pretty_assertions::assert_eq;
    use std::fs;

    fn expanded(source: &str) -> Result<String, Vec<String>> {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("book/src")).unwrap();
        fs::write(root.path().join("main.rs"), "fn main() {\n\n}\n").unwrap();
        fs::write(root.path().join("book/src/f.svg"), "<svg>\n\n<path/>\n</svg>\n").unwrap();
        let page = Page { root: root.path(), file: "book/src/x.md".into(), lab: &NoLab };
        expand(&page, source).map_err(|faults| faults.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_block_stays_in_its_list_and_in_its_quotation() {
        let html = "<pre data-src=\"main.rs\"><code class=\"language-rust\">fn main() {&#10;&#10;}</code></pre>";
        let source = "- a\n\n  > ```rust\n  > {{#include ../../main.rs}}\n  > ```\n  > b\n\nc\n";
        assert_eq!(expanded(source).unwrap(), format!("- a\n\n  > {html}\n  >\n  > b\n\nc\n"));
    }

    #[test]
    fn a_drawing_is_not_broken_by_empty_lines() {
        let figure = expanded("<figure>\n{{#include f.svg}}\n</figure>\n").unwrap();
        assert_eq!(figure, "<figure>\n<svg>\n<path/>\n</svg>\n</figure>\n");
    }

    #[test]
    fn every_fault_of_a_page_is_reported_with_its_line() {
        let faults = expanded("a\n\n{{#include no.md}}\n\n```quiz\n- c\n```\n\n{{#include f.svg:x}}\n").unwrap_err();
        assert_eq!(faults.len(), 3);
        assert!(faults.iter().any(|fault| fault.starts_with("book/src/x.md:3: cannot include book/src/no.md")));
        assert!(faults.contains(&"book/src/x.md:6: an answer begins with `- [ ] ` or `- [x] `".to_owned()));
        assert!(faults.contains(&"book/src/x.md:9: book/src/f.svg has no `ANCHOR: x`".to_owned()));
    }
}
