//! The builder of the book: Markdown and compiled code in, a [`Site`] out.
//!
//! mdBook renders. What it is given has been prepared here: includes are read strictly, and fences of our own become
//! HTML. Each stays readable where nobody renders it. The module of the same name says how it is written:
//!
//! - ```` ```rust mark="WouldBlock" ```` marks the lines that hold the text; code that is included from outside of the
//!   book is labelled with its file and lines, and loses the indentation that its lines share;
//! - ```` ```seq client kernel server ```` draws who calls whom and who sleeps;
//! - ```` ```chart title="..." y="µs" log ```` draws measurements;
//! - ```` ```quiz ```` asks a question;
//! - ```` ```lab NAME ```` shows an experiment of the [`Lab`];
//! - ```` ```exercise NN minutes=25 ```` says what to write, where, and how it is tested.
//!
//! The style sheets in `book/theme` also know `<p class="facts"><span>35 min</span>...</p>` under a title,
//! `<details class="predict">` for a prediction, `<details>` for a folded answer, and `<figure>` around a drawing.
//!
//! ```no_run
//! # use course::book::Book;
//! let site = Book::at("/home/me/using-epoll").live(true).build()?;
//! assert!(site.get("/").is_some());
//! # Ok::<(), course::book::BookError>(())
//! ```

mod error;
mod site;
mod include;
mod text;
mod svg;
mod code;
mod lab;
mod exercise;
mod quiz;
mod seq;
mod chart;
mod blocks;
mod markdown;
mod log;
mod whole;
mod html;
pub mod check;

pub use error::{BookError, Fault};
pub use lab::{Experiment, Lab, NoLab};
pub use site::{File, Site};

use markdown::Page;
use mdbook_driver::MDBook;
use mdbook_driver::book::Chapter;
use mdbook_driver::config::Config;
use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// Where the chapters are, as seen from the root of the workspace.
const SOURCE: &str = "book/src";

/// Where the book's sources are, and how it is to be built.
pub struct Book<'a> {
    root: PathBuf,
    target: PathBuf,
    lab: &'a dyn Lab,
    live: bool,
}

impl<'a> Book<'a> {
    /// The book in the folder `book` of the workspace at `root`.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        let root = absolute(root.into());
        Self { target: target(&root), root, lab: &NoLab, live: false }
    }

    /// Builds below `folder` instead of cargo's target folder.
    pub fn target(self, folder: impl Into<PathBuf>) -> Self {
        Self { target: absolute(folder.into()), ..self }
    }

    /// The folder below which it is built.
    pub fn target_folder(&self) -> &Path {
        &self.target
    }

    /// Takes the experiments from `lab`.
    pub fn lab(self, lab: &'a dyn Lab) -> Self {
        Self { lab, ..self }
    }

    /// Whether the pages look for a server that feeds them. A copy for a plain file server, or for none, asks for nothing.
    ///
    /// Such a server answers `GET /events` with server-sent events: `stats`, with its counters and [`Site::id`]; `lab`, with
    /// the answer to a `POST /lab/NAME`; and `exercise`, with a verdict. See [`server`](crate::server).
    pub fn live(self, live: bool) -> Self {
        Self { live, ..self }
    }

    /// Builds the book and reads it into memory. The folder it was built in is gone afterwards.
    ///
    /// # Errors
    /// [`BookError`]: a fault of the sources with its place, a complaint of mdBook, or a folder that cannot be written.
    pub fn build(&self) -> Result<Site, BookError> {
        // mdBook empties the folder it writes to: never give it one that anyone else uses.
        let output = |error| BookError::Output { folder: self.target.clone(), error };
        fs::create_dir_all(&self.target).map_err(output)?;
        let folder = tempfile::Builder::new().prefix("book-").tempdir_in(&self.target).map_err(output)?;
        log::strictly(|| self.render(folder.path()))?;
        let site = Site::load(folder.path()).map_err(output)?.map_pages(whole::mark);
        Ok(if self.live { site.name_itself() } else { site })
    }

    fn render(&self, to: &Path) -> Result<(), BookError> {
        let mut book = self.load(to)?;
        let mut faults = Vec::new();
        book.book.for_each_chapter_mut(|chapter| match self.expand(chapter) {
            Ok(expanded) => chapter.content = expanded,
            Err(found) => faults.extend(found),
        });
        if !faults.is_empty() {
            faults.sort();
            return Err(BookError::Faults(faults));
        }
        book.build().map_err(|error| BookError::MdBook(format!("{error:#}")))
    }

    fn load(&self, to: &Path) -> Result<MDBook, BookError> {
        let folder = self.root.join("book");
        let refused = |error: mdbook_driver::errors::Error| BookError::MdBook(format!("{error:#}"));
        let mut config = Config::from_disk(folder.join("book.toml"))
            .map_err(|error| BookError::Faults(vec![Fault::new("book/book.toml", 0, format!("{error:#}"))]))?;
        config.book.src = "src".into();
        let missing = self.missing_chapters();
        if !missing.is_empty() {
            return Err(BookError::Faults(missing));
        }
        config.build.build_dir = to.to_owned();
        config.build.create_missing = false;
        // `include` is ours: mdBook's shows nothing at all for an anchor that is not there.
        config.build.use_default_preprocessors = false;
        if self.live {
            config.set("output.html.additional-js", vec!["theme/live.js"]).map_err(refused)?;
        }
        MDBook::load_with_config(&folder, config).map_err(refused)
    }

    /// Chapters that SUMMARY.md names and that are not there.
    fn missing_chapters(&self) -> Vec<Fault> {
        let source = Path::new(SOURCE);
        let summary = source.join("SUMMARY.md");
        let text = fs::read_to_string(self.root.join(&summary)).unwrap_or_default();
        let missing = |(number, line): (usize, &str)| {
            let (_, rest) = line.split_once("](")?;
            let (chapter, _) = rest.split_once(')')?;
            let there = chapter.is_empty() || self.root.join(source).join(chapter).is_file();
            let what = format!("there is no {}; write it, or take this line out", source.join(chapter).display());
            (!there).then(|| Fault::new(&summary, number + 1, what))
        };
        text.lines().enumerate().filter_map(missing).collect()
    }

    fn expand(&self, chapter: &Chapter) -> Result<String, Vec<Fault>> {
        let Some(path) = &chapter.source_path else { return Ok(chapter.content.clone()) };
        let page = Page { root: &self.root, file: Path::new(SOURCE).join(path), lab: self.lab };
        markdown::expand(&page, &chapter.content)
    }
}

impl fmt::Debug for Book<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { root, target, lab: _, live } = self;
        f.debug_struct("Book").field("root", root).field("target", target).field("live", live).finish_non_exhaustive()
    }
}

/// mdBook takes a relative path for one below the book.
fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

/// Cargo's target folder, which it marks: the one that this program was started from, else the workspace's.
fn target(root: &Path) -> PathBuf {
    let program = env::current_exe().unwrap_or_default();
    let marked = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    marked.map_or_else(|| root.join("target"), Path::to_owned)
}
