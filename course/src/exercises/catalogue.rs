//! The exercises that there are: what lies in `exercises/tests`, each with its files and its chapter.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::Trouble;

/// Where what is known of the exercises is kept, from the root of the repository. It is ignored by git.
pub(crate) const REMEMBERED: &str = ".course";

/// An exercise, and where its files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exercise {
    /// Its place in the course, counted from 1.
    pub number: u32,
    /// The name of its files and of its test: `03_drain`.
    pub name: String,
    /// What it is called: `drain`, or more words.
    pub title: String,
    /// What its tests are to prove: a sentence.
    pub claim: String,
    /// The chapter to read before.
    pub chapter: Option<Chapter>,
    root: PathBuf,
}

/// A chapter of the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// Its number.
    pub number: u32,
    /// Its title, if it is written.
    pub title: Option<String>,
    /// Its page: `book/src/03-edge-triggered.md`.
    pub page: Option<PathBuf>,
}

impl Exercise {
    /// `03`, as commands take it.
    pub fn digits(&self) -> &str {
        self.name.split('_').next().unwrap_or_default()
    }

    fn goes_by(&self, asked: &str) -> bool {
        match asked.parse::<u32>() {
            Ok(number) => number == self.number,
            Err(_) => asked == self.name || asked == bare(&self.name),
        }
    }

    /// The learner's file.
    pub fn answer(&self) -> PathBuf {
        self.path("exercises/src", "rs")
    }

    /// What the learner's file was at first.
    pub fn stub(&self) -> PathBuf {
        self.path("exercises/stubs", "rs")
    }

    /// The tests, which say what is to be proved.
    pub fn sheet(&self) -> PathBuf {
        self.path("exercises/tests", "rs")
    }

    /// The hints, in three steps.
    pub fn hints(&self) -> PathBuf {
        self.path("exercises/hints", "md")
    }

    /// One way to write it.
    pub fn solution(&self) -> PathBuf {
        self.path("solutions", "rs")
    }

    /// The repository it is in.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A file of it as a learner calls it, from the root of the repository.
    pub fn short<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }

    /// What is remembered of it.
    pub(crate) fn record(&self) -> PathBuf {
        self.path(REMEMBERED, "json")
    }

    fn path(&self, folder: &str, ending: &str) -> PathBuf {
        self.root.join(folder).join(&self.name).with_extension(ending)
    }
}

/// All exercises, in their order.
///
/// There is one at least.
#[derive(Debug, Clone)]
pub struct Catalogue(Vec<Exercise>);

impl Catalogue {
    /// Looks what there is in the repository at `root`.
    ///
    /// # Errors
    /// [`Trouble::Io`] if `exercises/tests` cannot be read.
    pub fn read(root: &Path) -> Result<Self, Trouble> {
        let root = root.canonicalize().map_err(Trouble::with(root))?;
        let folder = root.join("exercises/tests");
        let mut exercises = Vec::new();
        for entry in fs::read_dir(&folder).map_err(Trouble::with(&folder))?.flatten() {
            exercises.extend(exercise(&root, &entry.path()));
        }
        exercises.sort_by(|a: &Exercise, b| a.name.cmp(&b.name));
        if exercises.is_empty() {
            return Err(Trouble::with(&folder)(io::Error::new(io::ErrorKind::NotFound, "there are no exercises here")));
        }
        Ok(Self(exercises))
    }

    /// All of them, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Exercise> {
        self.0.iter()
    }

    /// The exercise that goes by `3`, `03`, `03_drain` or `drain`.
    ///
    /// # Errors
    /// [`Trouble::Unknown`], with the exercise whose name is most like it.
    pub fn find(&self, asked: &str) -> Result<&Exercise, Trouble> {
        self.iter().find(|exercise| exercise.goes_by(asked)).ok_or_else(|| {
            let likeness = |exercise: &&Exercise| likeness(asked, exercise);
            let nearest = self.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
            let nearest = nearest.map(|exercise| exercise.name.clone()).unwrap_or_default();
            Trouble::Unknown { asked: asked.to_owned(), nearest }
        })
    }

    /// The exercise whose answer is this file.
    pub fn of_answer(&self, path: &Path) -> Option<&Exercise> {
        self.iter().find(|exercise| exercise.answer() == path)
    }

    /// The folder of all answers.
    pub fn answers(&self) -> PathBuf {
        self.0[0].root.join("exercises/src")
    }

    /// The exercise that this file remembers.
    pub(crate) fn of_record(&self, path: &Path) -> Option<&Exercise> {
        self.iter().find(|exercise| exercise.record() == path)
    }

    /// The folder where what is known of them is kept. It is there from now on.
    pub(crate) fn records(&self) -> io::Result<PathBuf> {
        let folder = self.0[0].root.join(REMEMBERED);
        fs::create_dir_all(&folder).map(|()| folder)
    }
}

/// How much a name that was asked for is like an exercise's. The last exercise is the one nearest to a number above.
fn likeness(asked: &str, exercise: &Exercise) -> f64 {
    match asked.parse::<u32>() {
        Ok(number) => -f64::from(number.abs_diff(exercise.number)),
        Err(_) => strsim::jaro_winkler(asked, bare(&exercise.name)).max(strsim::jaro_winkler(asked, &exercise.name)),
    }
}

/// `drain` of `03_drain`.
fn bare(name: &str) -> &str {
    name.split_once('_').map_or(name, |(_, bare)| bare)
}

/// The exercise that this task sheet belongs to; `None` for any other file.
fn exercise(root: &Path, sheet: &Path) -> Option<Exercise> {
    let name = sheet.file_name()?.to_str()?.strip_suffix(".rs")?;
    let number = name.split_once('_')?.0.parse().ok()?;
    let mut exercise = Exercise {
        number,
        name: name.to_owned(),
        title: bare(name).replace('_', " "),
        claim: claim(&fs::read_to_string(sheet).unwrap_or_default()),
        chapter: None,
        root: root.into(),
    };
    let stub = fs::read_to_string(exercise.stub()).unwrap_or_default();
    // "//! Exercise 3: drain a socket."
    let title = stub.lines().next().and_then(|line| line.strip_prefix("//! ")?.split_once(": "));
    if let Some((_, title)) = title {
        title.trim_end_matches('.').clone_into(&mut exercise.title);
    }
    let number = chapter_that_sets(root, &exercise).or_else(|| chapter_named_in(&stub));
    exercise.chapter = number.map(|number| chapter(root, number));
    Some(exercise)
}

/// The first sentence of a task sheet, which begins with `To prove: `.
fn claim(sheet: &str) -> String {
    let lines: Vec<_> = sheet.lines().map_while(|line| line.strip_prefix("//! ")).collect();
    lines.join(" ").strip_prefix("To prove: ").unwrap_or_default().to_owned()
}

/// The chapter whose page has the exercise's box.
fn chapter_that_sets(root: &Path, exercise: &Exercise) -> Option<u32> {
    let sets = |line: &str| {
        let name = line.strip_prefix("```exercise ").and_then(|rest| rest.split_whitespace().next());
        name.is_some_and(|name| exercise.goes_by(name))
    };
    pages(root).find_map(|page| {
        let number = page.file_name()?.to_str()?.split_once('-')?.0.parse().ok()?;
        fs::read_to_string(&page).ok()?.lines().any(sets).then_some(number)
    })
}

fn pages(root: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(root.join("book/src")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|ending| ending == "md"))
}

/// The first chapter that a stub's introduction refers to.
fn chapter_named_in(stub: &str) -> Option<u32> {
    let introduction: Vec<_> = stub.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
    let introduction = introduction.join(" ").to_lowercase();
    let (_, rest) = introduction.split_once("chapter ")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn chapter(root: &Path, number: u32) -> Chapter {
    let begins = format!("{number:02}-");
    let begins_so = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&begins));
    let page = pages(root).find(begins_so);
    let text = page.as_ref().and_then(|page| fs::read_to_string(page).ok());
    let title = text.and_then(|text| text.lines().find_map(|line| line.strip_prefix("# ").map(str::to_owned)));
    let page = page.and_then(|page| page.strip_prefix(root).map(Path::to_owned).ok());
    Chapter { number, title, page }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn three() -> (tempfile::TempDir, Catalogue) {
        let root = tempfile::tempdir().unwrap();
        for folder in ["exercises/tests", "exercises/stubs", "book/src"] {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        for name in ["01_echo", "03_drain", "05_find_the_bug"] {
            fs::write(root.path().join(format!("exercises/tests/{name}.rs")), "").unwrap();
        }
        fs::write(root.path().join("exercises/tests/common.rs"), "").unwrap();
        let sheet = "//! To prove: every byte\n//! is read.\n//!\n//! More.\n";
        fs::write(root.path().join("exercises/tests/03_drain.rs"), sheet).unwrap();
        let stub = "//! Exercise 3: drain a socket.\n//!\n//! All that is needed is in chapter\n//! 2 and chapter 3.\n";
        fs::write(root.path().join("exercises/stubs/03_drain.rs"), stub).unwrap();
        fs::write(root.path().join("book/src/02-level-triggered.md"), "# Level-triggered\n").unwrap();
        fs::write(root.path().join("book/src/08-hostile-clients.md"), "# Harm\n\n```exercise echo minutes=9\n```\n")
            .unwrap();
        let catalogue = Catalogue::read(root.path()).unwrap();
        (root, catalogue)
    }

    #[test]
    fn an_exercise_goes_by_its_number_or_by_its_name() {
        let (_root, catalogue) = three();
        for asked in ["3", "03", "03_drain", "drain"] {
            assert_eq!(catalogue.find(asked).unwrap().name, "03_drain");
        }
        assert_eq!(catalogue.find("find_the_bug").unwrap().number, 5);
        assert_eq!(catalogue.iter().count(), 3);
    }

    #[test]
    fn an_unknown_one_is_named_with_the_nearest() {
        let (_root, catalogue) = three();
        for (asked, expected) in
            [("drian", "03_drain"), ("4", "05_find_the_bug"), ("99", "05_find_the_bug"), ("ecko", "01_echo")]
        {
            let Err(Trouble::Unknown { nearest, .. }) = catalogue.find(asked) else { panic!("{asked} is known") };
            assert_eq!(nearest, expected, "{asked}");
        }
    }

    #[test]
    fn the_files_name_the_exercise_its_claim_and_its_chapter() {
        let (root, catalogue) = three();
        let drain = catalogue.find("3").unwrap();
        assert_eq!(drain.title, "drain a socket");
        assert_eq!(drain.claim, "every byte is read.");
        let chapter = drain.chapter.clone().unwrap();
        assert_eq!((chapter.number, chapter.title.as_deref()), (2, Some("Level-triggered")));
        assert_eq!(chapter.page.as_deref(), Some(Path::new("book/src/02-level-triggered.md")));
        assert_eq!(drain.short(&drain.answer()), Path::new("exercises/src/03_drain.rs"));
        assert_eq!(drain.root(), root.path().canonicalize().unwrap());
        assert_eq!(catalogue.find("1").unwrap().chapter.clone().map(|chapter| chapter.number), Some(8));
        assert_eq!(catalogue.find("5").unwrap().chapter, None);
    }
}
