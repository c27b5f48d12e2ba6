//! The real book holds what it promises, a sample book shows every block, and a broken one says what is broken.

use course::book::{Book, BookError, Experiment, Fault, Lab, Site, check};
use course::recorder::Recorder;
use pretty_assertions::assert_eq;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The code that the sample book quotes, compiled as it promises.
#[path = "fixture/code/sample.rs"]
#[expect(dead_code, reason = "compiled to be quoted, never run")]
mod sample;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture")
}

/// The real book, with its experiments.
static BOOK: LazyLock<Site> = LazyLock::new(|| {
    let recorder = Recorder::new(env!("CARGO_BIN_EXE_course")).record_all(&workspace());
    Book::at(workspace()).lab(&recorder).build().unwrap_or_else(|error| panic!("{error}"))
});

struct SampleLab;

impl Lab for SampleLab {
    fn experiment(&self, name: &str) -> Result<Experiment, String> {
        if name != "write-until-eagain" {
            return Err(format!("there is no experiment `{name}`"));
        }
        Ok(Experiment {
            claim: "How many bytes will it take from a writer whose reader never reads?".into(),
            verdict: "a slip of the pen".into(),
            transcript: "write(5, 65536) = 65536\nwrite(5, 65536) = 2304\nwrite(5, 65536) = EAGAIN\n".into(),
            origin: "Linux 6.1, when this page was built".into(),
        })
    }
}

fn sample() -> Site {
    // Tests run in the folder of their package.
    Book::at("tests/fixture").lab(&SampleLab).live(true).build().unwrap()
}

fn page<'a>(site: &'a Site, path: &str) -> &'a str {
    str::from_utf8(&site.get(path).unwrap().bytes).unwrap()
}

fn told(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn the_book_quotes_only_code_that_compiles() {
    assert_eq!(told(&check::sources(&workspace()).unwrap()), [""; 0]);
    assert_eq!(told(&check::sources(&fixture()).unwrap()), [""; 0]);
}

#[test]
fn every_link_and_figure_of_the_book_is_whole() {
    assert_eq!(told(&check::pages(&BOOK)), [""; 0]);
    assert!(BOOK.not_found().is_some());
}

#[test]
fn the_book_says_of_the_articles_sentences_what_the_lab_says() {
    assert_eq!(told(&check::verdicts(&BOOK)), [""; 0]);
}

#[test]
fn every_test_that_the_book_names_is_there() {
    assert_eq!(told(&check::tests(&BOOK, &workspace())), [""; 0]);
}

#[test]
fn the_sample_shows_every_block() {
    let site = sample();
    assert_eq!(told(&check::pages(&site)), [""; 0]);

    let blocks = page(&site, "/blocks.html");

    for part in [
        "<figure class=\"diagram seq\">",
        "<figure class=\"diagram chart\">",
        "<fieldset class=\"quiz\">",
        "<figure class=\"lab\" data-lab=\"write-until-eagain\">",
        "<div class=\"exercise\" data-exercise=\"03_wait\">",
        "<pre data-src=\"code/sample.rs\" data-lines=\"lines 6–18\">",
        "<span class=\"marked\" style=\"--from:7;--lines:2\">",
        "write(5, 65536) = EAGAIN",
        "let value = u32::from(*value);\nif value &gt; 9 {\n    sum += value;\n}</code>",
    ] {
        assert!(blocks.contains(part), "{part} is missing");
    }
}

#[test]
fn only_a_live_book_asks_for_a_server() {
    let asks = |live| {
        let site = Book::at(fixture()).lab(&SampleLab).live(live).build().unwrap();
        page(&site, "/blocks.html").contains("theme/live-")
    };
    assert!(asks(true));
    assert!(!asks(false));
}

#[test]
fn two_builds_of_the_same_book_are_equal() {
    assert_eq!(sample().id(), sample().id());
}

#[test]
fn nothing_is_left_of_the_folder_it_was_built_in() {
    let target = tempfile::tempdir().unwrap();
    Book::at(fixture()).lab(&SampleLab).target(target.path()).build().unwrap();
    assert_eq!(fs::read_dir(target.path()).unwrap().count(), 0);
}

/// Builds a copy of the sample after `damage`, and returns what is said of it.
fn said_of(damage: impl FnOnce(&Path)) -> String {
    let folder = tempfile::tempdir().unwrap();
    copy(&fixture(), folder.path());
    damage(folder.path());
    Book::at(folder.path()).lab(&SampleLab).target(folder.path().join("out")).build().unwrap_err().to_string()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        // Follows the link to the theme.
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn append(file: PathBuf, text: &str) {
    let old = fs::read_to_string(&file).unwrap();
    fs::write(file, old + text).unwrap();
}

#[test]
fn a_missing_include_anchor_or_chapter_is_named_with_its_line() {
    let said = said_of(|root| {
        let page = "# Start\n\n{{#include gone.md}}\n\n```rust\n{{#include ../../code/sample.rs:fil}}\n```\n";
        fs::write(root.join("book/src/start.md"), page).unwrap();
    });
    assert_eq!(said.lines().next(), Some("the book has 2 faults"));
    assert!(said.contains("book/src/start.md:3: cannot include book/src/gone.md: No such file"), "{said}");
    assert!(said.contains("book/src/start.md:5: code/sample.rs has no `ANCHOR: fil`"), "{said}");

    let said = said_of(|root| fs::remove_file(root.join("book/src/below.md")).unwrap());
    assert!(said.contains("book/src/SUMMARY.md:8: there is no book/src/below.md; write it, or take"), "{said}");
}

#[test]
fn a_slip_in_a_block_is_named_with_its_line() {
    let said = said_of(|root| {
        let page = "# Start\n\n> ```seq a b\n> caption: c\n> a -> d: x\n> ```\n\n```lab raeds\n```\n";
        fs::write(root.join("book/src/start.md"), page).unwrap();
    });
    assert!(said.contains("book/src/start.md:5: `d` is no actor of this figure; there is a, b"), "{said}");
    assert!(said.contains("book/src/start.md:8: there is no experiment `raeds`"), "{said}");
}

#[test]
fn a_bad_configuration_is_named() {
    let said = said_of(|root| append(root.join("book/book.toml"), "\n[book\n"));
    assert!(said.contains("book/book.toml: "), "{said}");

    let said = said_of(|root| fs::remove_file(root.join("book/book.toml")).unwrap());
    assert!(said.contains("book/book.toml: ") && said.contains("No such file"), "{said}");
}

#[test]
fn what_mdbook_only_warns_of_is_an_error() {
    let said = said_of(|root| append(root.join("book/src/start.md"), "\n<div>\n"));
    assert!(said.contains("unclosed HTML tag `<div>` found in `start.md`"), "{said}");
}

#[test]
fn a_target_that_cannot_be_written_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();

    let error = Book::at(fixture()).lab(&SampleLab).target(file.join("target")).build().unwrap_err();

    assert!(matches!(error, BookError::Output { .. }));
    let said = error.to_string();
    assert!(said.contains("Not a directory") && said.contains("CARGO_TARGET_DIR"), "{said}");
}
