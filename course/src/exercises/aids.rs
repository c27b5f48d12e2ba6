//! What helps with an exercise: its hints, a fresh start, and the solution.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::catalogue::Exercise;
use super::error::Trouble;
use super::progress::{Record, backups, is_stub};

/// One of an exercise's hints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// Which one, counted from 1.
    pub number: usize,
    /// Of how many.
    pub of: usize,
    /// What it gives away: the concept, the approach, nearly the code.
    pub title: String,
    /// Markdown.
    pub text: String,
}

/// The hint of that number; without one, the one after the last that was shown.
///
/// # Errors
/// [`Trouble::Refused`] if there is no such hint; [`Trouble::Io`].
pub fn hint(exercise: &Exercise, number: Option<usize>) -> Result<Hint, Trouble> {
    let file = exercise.hints();
    let all = hints(&fs::read_to_string(&file).map_err(Trouble::with(&file))?);
    let mut record = Record::read(exercise);
    // Whoever has seen them all sees the last one again.
    let number = number.unwrap_or((record.hints + 1).min(all.len()));
    let hint = number.checked_sub(1).and_then(|index| all.get(index)).cloned();
    let hint = hint.ok_or_else(|| {
        Trouble::Refused(format!("{} has {} hints; there is no hint {number}", exercise.name, all.len()))
    })?;
    if number > record.hints {
        record.hints = number;
        record.write(exercise)?;
    }
    Ok(hint)
}

/// Each heading of the second level begins a hint.
fn hints(markdown: &str) -> Vec<Hint> {
    let sections: Vec<_> = markdown.split("\n## ").skip(1).collect();
    let hint = |(index, section): (usize, &&str)| {
        let (title, text) = section.split_once('\n').unwrap_or((section, ""));
        Hint { number: index + 1, of: sections.len(), title: title.trim().to_owned(), text: text.trim().to_owned() }
    };
    sections.iter().enumerate().map(hint).collect()
}

/// Makes the learner's file what it was at first. Returns where its text is kept, or `None` if it was like this already.
///
/// # Errors
/// [`Trouble::Io`]; the learner's file is then as it was.
pub fn reset(exercise: &Exercise) -> Result<Option<PathBuf>, Trouble> {
    let (answer, stub) = (exercise.answer(), exercise.stub());
    if is_stub(exercise) {
        return Ok(None);
    }
    let fresh = fs::read(&stub).map_err(Trouble::with(&stub))?;
    let backup = if answer.exists() { Some(keep(exercise, &answer)?) } else { None };
    fs::write(&answer, fresh).map_err(Trouble::with(&answer))?;
    Ok(backup)
}

/// Copies the answer to a new file; no backup ever replaces another.
fn keep(exercise: &Exercise, answer: &Path) -> Result<PathBuf, Trouble> {
    let folder = backups(exercise);
    fs::create_dir_all(&folder).map_err(Trouble::with(&folder))?;
    let mut number = 1;
    loop {
        let backup = folder.join(format!("{}.{number}.rs", exercise.name));
        match fs::File::create_new(&backup) {
            Ok(mut file) => {
                let mut from = fs::File::open(answer).map_err(Trouble::with(answer))?;
                io::copy(&mut from, &mut file).map_err(Trouble::with(&backup))?;
                return Ok(backup);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(Trouble::Io(backup, error)),
        }
    }
}

/// The solution, for who has solved the exercise or wants to peek.
///
/// # Errors
/// [`Trouble::Refused`] before success; [`Trouble::Io`].
pub fn solution(exercise: &Exercise, peek: bool) -> Result<String, Trouble> {
    if !peek && !Record::read(exercise).solved {
        let digits = exercise.digits();
        return Err(Trouble::Refused(format!(
            "the solution of {} waits until yours has passed.\nA hint: cargo course hint {digits}\n\
             To see it all the same: cargo course solution {digits} --peek",
            exercise.name
        )));
    }
    let file = exercise.solution();
    let text = fs::read_to_string(&file).map_err(Trouble::with(&file))?;
    with_modules(&text, |path| {
        let path = file.with_file_name(path);
        fs::read_to_string(&path).map_err(Trouble::with(&path))
    })
}

/// The text with each module that it takes from another file written out, so that it is a whole answer.
fn with_modules(text: &str, read: impl Fn(&str) -> Result<String, Trouble>) -> Result<String, Trouble> {
    let mut whole = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let path = line.strip_prefix("#[path = \"").and_then(|rest| rest.strip_suffix("\"]"));
        let module = path.and_then(|path| Some((path, lines.next()?.strip_suffix(';')?)));
        match module {
            Some((path, module)) => whole += &format!("// {path}\n{module} {{\n{}}}\n", read(path)?),
            None => whole += &format!("{line}\n"),
        }
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_solution_that_is_a_module_of_the_engine_is_shown_whole() {
        let text = "//! Six.\n\n#[path = \"../src/queue.rs\"]\nmod queue;\n\npub use queue::ring;\n";

        let whole = with_modules(text, |path| Ok(format!("//! From {path}.\npub fn ring() {{}}\n"))).unwrap();

        assert_eq!(
            whole,
            "//! Six.\n\n// ../src/queue.rs\nmod queue {\n//! From ../src/queue.rs.\npub fn ring() {}\n}\n\npub use queue::ring;\n"
        );
    }

    #[test]
    fn each_heading_begins_a_hint() {
        let hints =
            hints("# 1: echo\n\n## The concept\n\nTwo queues.\n\n### Not a hint\n\n## The approach\n\n- `receive`\n");
        assert_eq!(hints.len(), 2);
        assert_eq!(hints[0].title, "The concept");
        assert_eq!(hints[0].text, "Two queues.\n\n### Not a hint");
        assert_eq!((hints[1].number, hints[1].of), (2, 2));
    }
}
