//! What a learner sees: verdicts, hints, what the doctor says. One clear screenful each.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::aids::Hint;
use super::catalogue::{Chapter, Exercise};
use super::doctor::{Finding, Health};
use super::error::Trouble;
use super::judgement::{Judgement, Move, Report, State};

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const FAINT: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default();
pub(super) const BEGUN: Style = AnsiColor::Yellow.on_default();
pub(super) const CODE: Style = AnsiColor::Cyan.on_default();

/// How long a line of prose may be, and still be read with ease.
const MEASURE: usize = 100;

/// The size of the screen that is drawn on.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// How long a line of prose may be, in letters.
    pub width: usize,
    /// How many letters there is room for.
    pub columns: usize,
    /// In lines.
    pub height: usize,
    /// Whether code can be told from prose by its colour.
    pub has_colours: bool,
}

impl Size {
    /// The size of the terminal on stdout; if there is none, a line is not broken for it.
    pub fn of_stdout() -> Self {
        let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok().filter(|size| size.ws_col > 20);
        let has_colours = anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never;
        size.map_or(Self { width: MEASURE, columns: usize::MAX, height: usize::MAX, has_colours }, |size| Self {
            width: usize::from(size.ws_col).min(MEASURE),
            columns: usize::from(size.ws_col),
            height: usize::from(size.ws_row).max(10),
            has_colours,
        })
    }
}

/// `text` in this style.
pub(super) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

fn of_verdict(judgement: &Judgement) -> Style {
    match judgement.state() {
        State::Done => GOOD,
        State::InProgress => BAD,
        State::NotStarted => BEGUN,
    }
}

/// Broken into lines that are indented by `indent` letters. A line end in the text stays one.
pub(super) fn wrapped(text: &str, indent: usize, size: Size) -> String {
    let margin = " ".repeat(indent);
    let options = textwrap::Options::new(size.width).initial_indent(&margin).subsequent_indent(&margin);
    textwrap::fill(text.trim_end(), options)
}

/// The verdict: its name, what was seen, the evidence, what to read, and what to do next.
pub fn verdict(exercise: &Exercise, judgement: &Judgement, size: Size) -> String {
    let tests = match judgement.total {
        0 => String::new(),
        total => format!("{} of {total} tests pass", judgement.passed),
    };
    let name = format!("{}, {}", exercise.name, exercise.title);
    let gap = size.width.saturating_sub(name.chars().count() + tests.len() + 4).max(2);
    let mut text = format!("\n  {}{}{tests}\n", styled(BOLD, &name), " ".repeat(gap));
    let style = of_verdict(judgement).bold();
    text.push('\n');
    for line in wrapped(&judgement.verdict, 2, size).lines() {
        let _ = writeln!(text, "  {}", styled(style, line.trim_start()));
    }
    text.push('\n');
    match judgement.first_failure() {
        _ if !judgement.errors.is_empty() => text += &compiler(&judgement.errors, size),
        Some(test) => text += &failure(exercise, test, size),
        None => {
            let _ = writeln!(text, "{}\n", wrapped(&judgement.sentence, 2, size));
        }
    }
    text + &next(exercise, judgement, size)
}

/// As much of rustc's own words as the screen has room for: the first error, and those that fit behind it.
fn compiler(errors: &[String], size: Size) -> String {
    let room = size.height.saturating_sub(12).max(8);
    let first: Vec<_> = errors[0].lines().take(room).collect();
    let cut = errors[0].lines().count() - first.len();
    let mut text = first.join("\n");
    let mut shown = 1;
    let fits = |text: &str, error: &str| text.lines().count() + 1 + error.lines().count() <= room;
    while shown < errors.len() && fits(&text, &errors[shown]) {
        text = text + "\n\n" + &errors[shown];
        shown += 1;
    }
    let mut text: String = text.lines().map(|line| format!("  {line}\n")).collect();
    let more = match (cut, errors.len() - shown) {
        (0, 0) => String::new(),
        (cut, 0) => more_lines(cut) + "\n",
        (_, 1) => "  ... and another error\n".to_owned(),
        (_, more) => format!("  ... and {more} more errors\n"),
    };
    text += &styled(FAINT, &more);
    text + "\n"
}

fn failure(exercise: &Exercise, test: &Report, size: Size) -> String {
    let mut text = String::new();
    for sentence in &test.seen {
        let _ = writeln!(text, "{}", wrapped(sentence, 2, size));
    }
    if let Some(step) = &test.step {
        let _ = writeln!(text, "{}", wrapped(&format!("The test was here: {step}."), 2, size));
    }
    text += &columns(test, size);
    text.push('\n');
    let mut fact = |name: &str, what: &str| {
        let _ = writeln!(text, "  {} {}", styled(FAINT, &format!("{name:<6}")), wrapped(what, 9, size).trim_start());
    };
    let place = if test.file.is_empty() { String::new() } else { format!(", {}:{}", test.file, test.line) };
    fact("Test", &format!("{}{place}", test.test));
    if let Some(chapter) = chapter_of(exercise, test) {
        fact("Read", &chapter);
    }
    text + &evidence(test, size) + "\n"
}

/// The end of what the threads of a model did, for that is where it goes wrong, in a column for each.
fn columns(test: &Report, size: Size) -> String {
    let step =
        |step: &Move| (step.thread.clone(), [format!("{}  {}", step.line, step.source), format!("     {}", step.what)]);
    let table = testkit::columns(&test.moves.iter().map(step).collect::<Vec<_>>(), size.width.saturating_sub(4));
    let Some((head, steps)) = table.split_at_checked(2) else { return String::new() };
    let room = size.height.saturating_sub(AROUND).max(6);
    let skipped = steps.len().saturating_sub(room);
    let mut text = format!("\n  {}\n", styled(FAINT, "What your threads did"));
    for line in head.iter().chain(&steps[skipped..]) {
        let _ = writeln!(text, "    {line}");
    }
    if skipped > 0 {
        let _ = writeln!(text, "    {}", styled(FAINT, "(the end of it; the tests themselves print all)"));
    }
    text
}

/// How many lines a verdict takes on the screen beside what the threads of a model did.
const AROUND: usize = 18;

fn evidence(test: &Report, size: Size) -> String {
    let mut text = String::new();
    let mut part = |name: &str, lines: &mut dyn Iterator<Item = &str>| {
        let _ = writeln!(text, "\n  {}", styled(FAINT, name));
        for line in lines {
            let _ = writeln!(text, "{}", wrapped(line, 4, size));
        }
    };
    if !test.evidence.is_empty() {
        part("What the kernel says", &mut test.evidence.iter().map(String::as_str));
    }
    let printed = test.printed.trim();
    if !printed.is_empty() {
        // Of much that was printed, the end is next to what went wrong.
        let skip = printed.lines().count().saturating_sub(PRINTED);
        part("What your code printed", &mut printed.lines().skip(skip));
    }
    text
}

/// How many lines of what the answer printed are shown.
const PRINTED: usize = 8;

/// The chapter that explains the mistake, which may not be the exercise's own.
fn chapter_of(exercise: &Exercise, test: &Report) -> Option<String> {
    let own = exercise.chapter.as_ref();
    match (test.chapter, &test.page) {
        (Some(number), _) if own.is_some_and(|own| own.number == number) => own.map(chapter),
        (Some(number), Some(page)) => Some(format!("chapter {number}, book/src/{page}.md")),
        _ => own.map(chapter),
    }
}

fn chapter(chapter: &Chapter) -> String {
    let title = chapter.title.as_ref().map(|title| format!(", {title}")).unwrap_or_default();
    let page = chapter.page.as_ref().map(|page| format!(": {}", page.display())).unwrap_or_default();
    format!("chapter {}{title}{page}", chapter.number)
}

fn next(exercise: &Exercise, judgement: &Judgement, size: Size) -> String {
    let digits = exercise.digits();
    let file = exercise.answer();
    let (what, command) = match judgement.state() {
        State::NotStarted => {
            (format!("write {}", exercise.short(&file).display()), format!("cargo course hint {digits}"))
        }
        State::InProgress => ("stuck?".to_owned(), format!("cargo course hint {digits}")),
        State::Done => ("how we wrote it:".to_owned(), format!("cargo course solution {digits}")),
    };
    let room = what.len() + 2 + command.len() + 9 <= size.width;
    let gap = if room { "  " } else { "\n         " };
    format!("  {} {what}{gap}{}\n", styled(FAINT, "Next  "), styled(CODE, &command))
}

/// Why there is no verdict, and what to do.
pub fn trouble(trouble: &Trouble, size: Size) -> String {
    let lines: Vec<_> = trouble.to_string().lines().map(|line| wrapped(line, 2, size)).collect();
    format!("\n{}\n", lines.join("\n"))
}

/// As much of `text` as the screen has room for, on which a line that is too long takes several.
pub fn cut(text: &str, size: Size) -> String {
    let lines: Vec<_> = text.trim_end().lines().collect();
    let rows = |line: &&str| textwrap::core::display_width(line).div_ceil(size.columns.max(1)).max(1);
    if lines.iter().map(rows).sum::<usize>() <= size.height {
        return lines.join("\n") + "\n";
    }
    let mut left = size.height.saturating_sub(1);
    let fits = |line: &&&str| {
        let rows = rows(line);
        let fits = rows <= left;
        left = if fits { left - rows } else { 0 };
        fits
    };
    let shown: Vec<_> = lines.iter().take_while(fits).copied().collect();
    let more = styled(FAINT, &more_lines(lines.len() - shown.len()));
    [shown.join("\n"), more].join("\n") + "\n"
}

fn more_lines(count: usize) -> String {
    format!("  ... and {count} more line{}", if count == 1 { "" } else { "s" })
}

/// A hint, and how to get the next one.
pub fn hint(exercise: &Exercise, hint: &Hint, size: Size) -> String {
    let title = format!("{}, hint {} of {}: {}", exercise.name, hint.number, hint.of, hint.title);
    let mut text = format!("\n  {}\n\n", styled(BOLD, &title));
    let mut is_code = false;
    for block in hint.text.split("\n\n") {
        let opens = block.starts_with("```");
        is_code |= opens;
        if is_code {
            for line in block.lines().filter(|line| !line.starts_with("```")) {
                let _ = writeln!(text, "    {}", styled(CODE, line));
            }
        } else {
            text += &prose(block, size);
        }
        is_code &= !block.trim_end().ends_with("```");
        text.push('\n');
    }
    if hint.number < hint.of {
        let command = format!("cargo course hint {}", exercise.digits());
        let _ = writeln!(text, "  {} {}", styled(FAINT, "More  "), styled(CODE, &command));
    }
    text
}

/// A paragraph or a list. What stands between backticks has the colour of code, if there are colours.
fn prose(markdown: &str, size: Size) -> String {
    let mut items: Vec<String> = Vec::new();
    for line in markdown.lines() {
        match items.last_mut() {
            Some(item) if !line.starts_with("- ") => {
                item.push(' ');
                item.push_str(line.trim());
            }
            _ => items.push(line.to_owned()),
        }
    }
    let fill = |item: &String| {
        let hanging = if item.starts_with("- ") { "    " } else { "  " };
        textwrap::fill(item, textwrap::Options::new(size.width).initial_indent("  ").subsequent_indent(hanging))
    };
    let text = items.iter().map(fill).collect::<Vec<_>>().join("\n") + "\n";
    if !size.has_colours {
        return text;
    }
    let part = |(index, part): (usize, &str)| if index % 2 == 1 { styled(CODE, part) } else { part.to_owned() };
    text.split('`').enumerate().map(part).collect()
}

/// What the doctor found.
pub fn findings(findings: &[Finding]) -> String {
    let mut text = String::from("\n");
    for finding in findings {
        let (mark, style) = match finding.health {
            Health::Good => ('✓', GOOD),
            Health::Poor => ('!', BEGUN),
            Health::Bad => ('✗', BAD),
        };
        let _ = writeln!(text, "  {} {:<15} {}", styled(style, &mark.to_string()), finding.what, finding.seen);
        if let Some(advice) = &finding.advice {
            let _ = writeln!(text, "  {:17} {}", "", styled(style, advice));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_line_that_is_too_long_takes_the_room_of_several() {
        let size = |height| Size { width: 10, columns: 10, height, has_colours: true };
        let text = format!("one\n{}\nthree\n", styled(GOOD, &"x".repeat(25)));
        assert_eq!(cut(&text, size(5)), text);
        assert_eq!(cut(&text, size(4)), format!("one\n{}\n", styled(FAINT, "  ... and 2 more lines")));
    }
}
