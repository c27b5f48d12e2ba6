//! The box of an exercise: what to write, where, how long it takes, and the command that tests it.

use std::fmt::Write;
use std::path::Path;

use crate::exercises::Catalogue;

use super::markdown::Flaw;
use super::text::{Info, escape, inline};

/// ```` ```exercise NN minutes=25 ````. The body says what to write, in paragraphs. A server that feeds the page shows the
/// verdict in it.
pub(crate) fn render(root: &Path, info: &Info, body: &str) -> Result<String, Flaw> {
    info.allow(&["minutes"])?;
    let ([_, name], Some(minutes)) = (info.words.as_slice(), info.get("minutes")) else {
        return Err("an exercise is opened by ```exercise NN minutes=M".to_owned().into());
    };
    if minutes.parse::<u32>().is_err() {
        return Err(format!("`minutes={minutes}` is not a number").into());
    }
    let catalogue = Catalogue::read(root).map_err(|trouble| trouble.to_string())?;
    let exercise = catalogue.find(name).map_err(|trouble| trouble.to_string())?;
    let mut html = format!(
        "<div class=\"exercise\" data-exercise=\"{name}\"><p class=\"head\"><strong>Exercise {}: {}</strong> \
         <span>{minutes} min</span></p>",
        exercise.number,
        escape(&exercise.title),
        name = escape(&exercise.name),
    );
    for paragraph in body.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
        // Writing to a String cannot fail.
        let _ = write!(html, "<p>{}</p>", inline(paragraph.trim()));
    }
    let _ = write!(
        html,
        "<dl><dt>Write</dt><dd><code>{}</code></dd><dt>Test</dt><dd><code>cargo course watch {}</code></dd></dl>\
         <p class=\"state\" aria-live=\"polite\" hidden></p><p class=\"why\" hidden></p><div class=\"moves\" hidden></div></div>",
        escape(&exercise.short(&exercise.answer()).to_string_lossy()),
        exercise.digits()
    );
    Ok(html)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;
    use std::fs;

    fn render(info: &str, body: &str) -> Result<String, Flaw> {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("exercises/tests")).unwrap();
        fs::write(root.path().join("exercises/tests/03_drain.rs"), "").unwrap();
        super::render(root.path(), &Info::parse(info).unwrap(), body)
    }

    #[test]
    fn a_box_says_what_where_how_long_and_how() {
        let html = render("exercise 3 minutes=25", "Read `until` EAGAIN.\n\nNot once.\n").unwrap();
        for part in [
            "data-exercise=\"03_drain\"",
            "<strong>Exercise 3: drain</strong>",
            "<span>25 min</span>",
            "<code>exercises/src/03_drain.rs</code>",
            "<p>Read <code>until</code> EAGAIN.</p><p>Not once.</p>",
            "<code>cargo course watch 03</code>",
        ] {
            assert!(html.contains(part), "{part} is missing: {html}");
        }
        assert_eq!(html.lines().count(), 1);
    }

    #[test]
    fn a_slip_is_an_error() {
        let said = |info: &str| render(info, "").unwrap_err().1;
        assert!(said("exercise darin minutes=9").contains("did you mean 03_drain?"));
        assert_eq!(said("exercise 3"), "an exercise is opened by ```exercise NN minutes=M");
        assert_eq!(said("exercise 3 minutes=long"), "`minutes=long` is not a number");
    }
}
