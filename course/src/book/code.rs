//! Code with the name of the file it was included from, or of the terminal that shows it, and with marked lines.

use super::include::{self, Piece, Quote};
use super::markdown::{Flaw, Page};
use super::text::{Info, escape};
use super::whole::LONG;
use std::fmt::Write;
use std::path::Path;

/// As many as prose leaves room for. The style sheet gives more to code that needs more.
const COLUMNS: usize = 87;

/// Renders a fence that includes something or marks lines, and what a terminal shows; any other is mdBook's.
pub(crate) fn render(page: &Page<'_>, info: &Info, body: &str) -> Result<Option<String>, Flaw> {
    info.allow(&["mark", "at"])?;
    let (code, quotes) = expand(page, body)?;
    let language = info.words.first().map_or("text", String::as_str);
    if quotes.is_empty() && info.pairs.is_empty() && language != "console" {
        return Ok(None);
    }
    let at = info.get("at").map(|place| format!(r#" data-at="{}""#, escape(place))).unwrap_or_default();
    // The page breaks a long command.
    let wide = code.lines().any(|line| !line.starts_with("$ ") && line.chars().count() > COLUMNS);
    let mut html = format!("<pre{}{at}{}>", label(&quotes), if wide { r#" class="wide""# } else { "" });
    for (from, count) in marked(info, &code)? {
        let _ = write!(html, r#"<span class="marked" style="--from:{from};--lines:{count}"></span>"#);
    }
    let _ = if language == "console" {
        write!(html, r#"<code class="nohighlight console">{}</code></pre>"#, console(&code))
    } else {
        write!(html, r#"<code class="language-{}">{}</code></pre>"#, escape(language), escape(&code))
    };
    Ok(Some(html))
}

/// Commands and answers. A command may be broken, but not within a flag.
fn console(code: &str) -> String {
    let line = |line: &str| match line.strip_prefix("$ ") {
        Some(command) => {
            let words = command.split(' ').map(word).collect::<Vec<_>>().join(" ");
            format!(r#"<span class="hljs-meta">$ </span><span class="bash">{words}</span>"#)
        }
        None => escape(line),
    };
    code.split('\n').map(line).collect::<Vec<_>>().join("&#10;")
}

fn word(word: &str) -> String {
    let escaped = escape(word);
    if word.contains('-') && word.len() <= LONG { format!(r#"<span class="whole">{escaped}</span>"#) } else { escaped }
}

/// The body with its includes, and where they are from.
pub(crate) fn expand(page: &Page<'_>, body: &str) -> Result<(String, Vec<Quote>), String> {
    let (mut code, mut quotes) = (String::new(), Vec::new());
    for piece in include::pieces(body) {
        match piece {
            Piece::Text(text) => code.push_str(text),
            Piece::Include(target) => {
                let quote = include::read(page.root, page.folder(), target)?;
                code.push_str(&quote.text);
                quotes.push(quote);
            }
        }
    }
    let code = code.trim_matches('\n').to_owned();
    Ok((code, quotes))
}

/// The files outside of the book; what the book itself keeps, such as a transcript, is no place to go to.
fn label(quotes: &[Quote]) -> String {
    let mut files: Vec<&Path> = Vec::new();
    for quote in quotes.iter().filter(|quote| !quote.file.starts_with("book")) {
        if !files.contains(&quote.file.as_path()) {
            files.push(&quote.file);
        }
    }
    if files.is_empty() {
        return String::new();
    }
    let names = files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", ");
    let mut label = format!(r#" data-src="{}""#, escape(&names));
    if let [quote] = quotes
        && quote.part
    {
        let _ = match (quote.lines.start(), quote.lines.end()) {
            (from, to) if from == to => write!(label, r#" data-lines="line {from}""#),
            (from, to) => write!(label, r#" data-lines="lines {from}–{to}""#),
        };
    }
    label
}

/// Runs of lines that hold one of the marks: the first line, counted from 0, and how many.
fn marked(info: &Info, code: &str) -> Result<Vec<(usize, usize)>, String> {
    let marks: Vec<&str> = info.pairs.iter().filter(|(key, _)| key == "mark").map(|(_, mark)| mark.as_str()).collect();
    for mark in &marks {
        if mark.is_empty() || !code.contains(mark) {
            return Err(format!("no line holds mark=\"{mark}\""));
        }
    }
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (number, line) in code.lines().enumerate() {
        if !marks.iter().any(|mark| line.contains(mark)) {
            continue;
        }
        match runs.last_mut() {
            Some((from, count)) if *from + *count == number => *count += 1,
            _ => runs.push((number, 1)),
        }
    }
    Ok(runs)
}

#[cfg(test)]
mod tests {
    use super::super::NoLab;
    use super::*;
    use pretty_assertions::assert_eq;
    use std::fs;

    fn render(info: &str, body: &str) -> Result<Option<String>, Flaw> {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("book/src")).unwrap();
        fs::write(root.path().join("main.rs"), "// ANCHOR: a\nlet v: Vec<u8>;\n\nuse(v);\n// ANCHOR_END: a\n").unwrap();
        fs::write(root.path().join("book/src/run.txt"), "$ ls\n").unwrap();
        let page = Page { root: root.path(), file: "book/src/x.md".into(), lab: &NoLab };
        super::render(&page, &Info::parse(info).unwrap(), body)
    }

    #[test]
    fn included_code_names_its_file_and_lines() {
        assert_eq!(
            render("rust", "{{#include ../../main.rs:a}}\n").unwrap().unwrap(),
            "<pre data-src=\"main.rs\" data-lines=\"lines 2–4\">\
             <code class=\"language-rust\">let v: Vec&lt;u8&gt;;&#10;&#10;use(v);</code></pre>"
        );
    }

    #[test]
    fn what_the_book_keeps_needs_no_name() {
        let html = render("console", "{{#include run.txt}}\n").unwrap().unwrap();
        assert_eq!(
            html,
            "<pre><code class=\"nohighlight console\">\
             <span class=\"hljs-meta\">$ </span><span class=\"bash\">ls</span></code></pre>"
        );
    }

    #[test]
    fn a_terminal_has_a_name() {
        let html = render("console at=\"the server\"", "$ ls\n").unwrap().unwrap();
        assert_eq!(
            html,
            "<pre data-at=\"the server\"><code class=\"nohighlight console\">\
             <span class=\"hljs-meta\">$ </span><span class=\"bash\">ls</span></code></pre>"
        );
    }

    #[test]
    fn long_lines_make_wide_code_but_not_long_commands() {
        let line = "x".repeat(88);
        let class = |line: &str| {
            let html = render("console", &format!("{{{{#include run.txt}}}}\n{line}\n")).unwrap().unwrap();
            html.contains(r#"<pre class="wide">"#)
        };
        assert!(class(&line));
        assert!(!class(&line[1..]));
        assert!(!class(&format!("$ {line}")));
    }

    #[test]
    fn a_flag_of_a_command_stays_whole() {
        let html = render("console", "$ a -- --b <c | d\n--b: <e>\n").unwrap().unwrap();
        let command = "a <span class=\"whole\">--</span> <span class=\"whole\">--b</span> &lt;c | d";
        assert!(html.contains(&format!("<span class=\"bash\">{command}</span>&#10;--b: &lt;e&gt;</code>")), "{html}");
    }

    #[test]
    fn lines_are_marked_by_what_they_say() {
        let html = render("c mark=\"b\"", "a\nb1\nb2\na\nb3\n").unwrap().unwrap();
        assert!(html.contains("--from:1;--lines:2"), "{html}");
        assert!(html.contains("--from:4;--lines:1"), "{html}");
    }

    #[test]
    fn a_mark_that_marks_nothing_is_an_error() {
        assert_eq!(render("c mark=\"x\"", "a\n").unwrap_err().1, "no line holds mark=\"x\"");
        assert_eq!(render("c marc=\"a\"", "a\n").unwrap_err().1, "`marc=` has no meaning here; there is mark, at");
    }

    #[test]
    fn a_plain_fence_is_left_to_mdbook() {
        assert_eq!(render("text", "a\n"), Ok(None));
    }
}
