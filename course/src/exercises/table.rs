//! How far a learner is: the list of all exercises, the bar, and the keys below it.

use std::fmt::Write;

use anstyle::Style;

use super::catalogue::Exercise;
use super::judgement::State;
use super::progress::Record;
use super::screen::{BEGUN, CODE, FAINT, GOOD, Size, styled, wrapped};

/// Cells of a progress bar.
const BAR: usize = 30;

/// How much is done, and [`rows`].
pub fn list(exercises: &[(&Exercise, Record)], size: Size) -> String {
    let done = exercises.iter().filter(|(exercise, record)| record.state(exercise) == State::Done).count();
    format!("\n  {}\n{}", bar(done, exercises.len(), size), rows(exercises, size))
}

/// All exercises, where the learner stands with each, and the chapter.
pub fn rows(exercises: &[(&Exercise, Record)], size: Size) -> String {
    let mut text = "\n".to_owned();
    let longest = exercises.iter().map(|(exercise, _)| exercise.name.len()).max().unwrap_or(0);
    for (exercise, record) in exercises {
        let (mark, style, state) = standing(exercise, record);
        let chapter = exercise.chapter.as_ref().map(|chapter| match &chapter.title {
            Some(title) => format!("{}  {title}", chapter.number),
            None => chapter.number.to_string(),
        });
        // The margin, the mark, the gaps, and what is known of the longest.
        let room = size.width.saturating_sub(longest + STANDING + 8);
        let chapter = shortened(&chapter.unwrap_or_default(), room);
        let state = format!("{mark} {:longest$}  {state:<STANDING$}", exercise.name);
        let state = if chapter.is_empty() { state.trim_end().to_owned() } else { state };
        let _ = writeln!(text, "{}", format!("  {}  {}", styled(style, &state), styled(FAINT, &chapter)).trim_end());
        let verdict = record.judgement(exercise).filter(|it| it.state() == State::InProgress);
        if let Some(judgement) = verdict {
            let _ = writeln!(text, "{}", styled(FAINT, &wrapped(&judgement.verdict, 4, size)));
        }
    }
    text
}

/// Letters of what is said of an exercise in the list: `in progress, 12/14`.
const STANDING: usize = 18;

/// As much as there is room for, with a sign that there is more; nothing, if that is next to nothing.
fn shortened(text: &str, room: usize) -> String {
    match text.chars().count() {
        count if count <= room => text.to_owned(),
        _ if room < 6 => String::new(),
        _ => text.chars().take(room - 1).collect::<String>().trim_end().to_owned() + "…",
    }
}

fn standing(exercise: &Exercise, record: &Record) -> (char, Style, String) {
    match (record.state(exercise), record.judgement(exercise)) {
        (State::Done, _) => ('✓', GOOD, "done".to_owned()),
        (State::InProgress, Some(judgement)) if judgement.total > 0 => {
            ('●', BEGUN, format!("in progress, {}/{}", judgement.passed, judgement.total))
        }
        (State::InProgress, _) => ('●', BEGUN, "in progress".to_owned()),
        (State::NotStarted, _) => ('·', Style::new(), "not started".to_owned()),
    }
}

/// How much is done.
fn bar(done: usize, of: usize, size: Size) -> String {
    let said = format!(" {done} of {of} done");
    let cells = size.width.saturating_sub(said.len() + 2).min(BAR);
    let full = (done * cells).checked_div(of).unwrap_or(0);
    format!("{}{}{said}", styled(GOOD, &"█".repeat(full)), styled(FAINT, &"░".repeat(cells - full)))
}

/// How much is done, and below it the keys that may be pressed: the first letter of each word.
pub fn footer(done: usize, of: usize, words: &[&str], size: Size) -> String {
    let key = |word: &str| format!("{}{}", styled(CODE.bold().underline(), &word[..1]), &word[1..]);
    // Where all words have no room, they lose their tails rather than the line its end.
    let letters: usize = words.iter().map(|word| word.len() + 3).sum();
    let shorter =
        |word: &&str| if letters > size.width { key(word.split(' ').next().unwrap_or(word)) } else { key(word) };
    let gap = if letters > size.width { " " } else { "   " };
    format!("  {}\n  {}", bar(done, of, size), words.iter().map(shorter).collect::<Vec<_>>().join(gap))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn size(width: usize) -> Size {
        Size { width, columns: width, height: 24, has_colours: false }
    }

    fn longest(text: &str) -> usize {
        text.lines().map(textwrap::core::display_width).max().unwrap_or(0)
    }

    #[test]
    fn the_footer_has_two_lines_on_any_screen() {
        let keys = ["hint", "solution", "list", "next", "run again", "quit"];
        for width in [40, 80, 200] {
            let footer = footer(3, 10, &keys, size(width));
            assert_eq!(footer.lines().count(), 2);
            assert!(longest(&footer) <= width, "{width}: {footer}");
        }
    }

    #[test]
    fn what_has_no_room_is_cut_or_left_out() {
        assert_eq!(shortened("3  Edges", 8), "3  Edges");
        assert_eq!(shortened("3  Edges and levels", 9), "3  Edges…");
        assert_eq!(shortened("3  Edges and levels", 5), "");
    }
}
