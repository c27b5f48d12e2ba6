//! What the threads of a model did, as a person reads it: a column for each, and time goes down.

use std::env;
use std::fs;

use crate::child;

/// One thing that a thread of a model did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The name of the thread.
    pub thread: String,
    /// The file, and the line in it.
    pub at: (String, u32),
    /// What it did there, or saw.
    pub what: String,
}

/// The width of all columns together, fit for a terminal of a hundred.
const WIDTH: usize = 92;
const BETWEEN: &str = " | ";

impl Move {
    /// The line, as it stands in the file; nothing, if it cannot be read.
    pub fn source(&self) -> String {
        let here = env::current_dir().unwrap_or_default();
        // The compiler names a file as seen from the top of the workspace, and tests run in their package.
        let text = here.ancestors().find_map(|folder| fs::read_to_string(folder.join(&self.at.0)).ok());
        let line = (self.at.1 as usize).checked_sub(1);
        let line = line.and_then(|line| text.as_deref()?.lines().nth(line));
        line.unwrap_or_default().trim().to_string()
    }

    /// The file as the learner knows it.
    pub fn file(&self) -> String {
        child::tidy(&self.at.0)
    }
}

/// The lines of the table, as wide as a terminal is; none, if nothing was done.
pub(crate) fn table(moves: &[Move]) -> Vec<String> {
    let Some(first) = moves.first() else { return Vec::new() };
    let step = |step: &Move| {
        let elsewhere = if step.at.0 == first.at.0 { String::new() } else { format!("{}:", step.file()) };
        (step.thread.clone(), [format!("{elsewhere}{}  {}", step.at.1, step.source()), format!("     {}", step.what)])
    };
    columns(&moves.iter().map(step).collect::<Vec<_>>(), WIDTH)
}

/// A table of so many letters: the names of the threads, a rule, and below it what each thread did, two texts a step.
pub fn columns(steps: &[(String, [String; 2])], width: usize) -> Vec<String> {
    let mut threads: Vec<&str> = Vec::new();
    for (name, _) in steps {
        if !threads.contains(&name.as_str()) {
            threads.push(name);
        }
    }
    let Some(width) = (width + BETWEEN.len()).checked_div(threads.len()) else { return Vec::new() };
    // A column that holds a few letters at least is legible, if too wide for the terminal.
    let width = width.saturating_sub(BETWEEN.len()).max(16);
    let row = |column: usize, text: &str| {
        let cells = (0..threads.len()).map(|at| format!("{:width$}", if at == column { text } else { "" }));
        cells.collect::<Vec<_>>().join(BETWEEN).trim_end().to_string()
    };

    let names: Vec<_> = threads.iter().map(|name| format!("{name:width$}")).collect();
    let rule = threads.iter().map(|_| "-".repeat(width)).collect::<Vec<_>>().join("-+-");
    let mut lines = vec![names.join(BETWEEN).trim_end().to_string(), rule];
    for (thread, texts) in steps {
        let column = threads.iter().position(|name| name == thread).unwrap_or_default();
        lines.extend(texts.iter().flat_map(|text| wrap(text, width)).map(|line| row(column, &line)));
    }
    lines
}

/// The text on lines of so many columns, two at most.
fn wrap(text: &str, width: usize) -> Vec<String> {
    if text.chars().count() <= width {
        return vec![text.to_string()];
    }
    let letters: Vec<char> = text.chars().collect();
    // Behind a word or a sign, if one ends in the second half of the line.
    let end = letters[width / 2..width].iter().rposition(|letter| !letter.is_alphanumeric() && *letter != '_');
    let (first, rest) = letters.split_at(end.map_or(width, |end| width / 2 + end + 1));
    let mut second: String = rest.iter().take(width - 5).collect();
    if rest.len() > width - 5 {
        second = rest[..width - 8].iter().collect::<String>() + "...";
    }
    vec![first.iter().collect(), format!("     {second}")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thread_has_a_column() {
        let at = |thread: &str, line, what: &str| Move {
            thread: thread.into(),
            at: ("testkit/src/lanes.rs".into(), line),
            what: what.into(),
        };
        let table =
            table(&[at("producer", 1, "stores 1"), at("consumer", 3, "sees 1, and more than there is room for")]);

        let empty = " ".repeat(44);
        assert_eq!(table[0], format!("producer{}| consumer", &empty[..37]));
        assert!(table[2].starts_with("1  //! What the threads of a model did"), "{}", table[2]);
        assert!(table[3].starts_with("     a person reads it: a column for each"), "{}", table[3]);
        assert_eq!(table[4].trim_end_matches([' ', '|']), "     stores 1");
        assert_eq!(table[5], format!("{empty} | 3  use std::env;"));
        assert_eq!(table[6..], [format!("{empty} |      sees 1, and more than there is room for")]);
    }
}
