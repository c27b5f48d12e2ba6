//! A question with answers to choose from. Style sheets alone show whether the choice is right.

use super::markdown::{Flaw, Page};
use super::text::{Info, inline};
use std::fmt::Write;

/// One answer.
#[derive(Debug, Default)]
struct Answer {
    right: bool,
    text: String,
    /// What is said to those who choose it.
    why: String,
}

/// A question, as it is written:
/// ````text
/// ```quiz
/// Which errno means "not now"?
/// - [ ] `EPIPE`
///   > The peer has gone.
/// - [x] `EAGAIN`
/// > It may be asked again later.
/// ```
/// ````
/// A `>` that is indented answers the choice above it, one that is not answers the right choice.
#[derive(Debug, Default)]
struct Quiz {
    question: String,
    answers: Vec<Answer>,
}

pub(crate) fn render(page: &Page<'_>, info: &Info, body: &str, number: usize) -> Result<String, Flaw> {
    info.allow(&[])?;
    let quiz = Quiz::parse(body)?;
    let name = page.unique("quiz", number);
    let mut html = format!("<fieldset class=\"quiz\"><legend>{}</legend>", inline(&quiz.question));
    for answer in &quiz.answers {
        let right = if answer.right { " data-right" } else { "" };
        let _ = write!(
            html,
            "<label{right}><input type=\"radio\" name=\"{name}\"><span>{}</span></label>",
            inline(&answer.text)
        );
        if !answer.why.is_empty() {
            let _ = write!(html, "<p class=\"why\">{}</p>", inline(&answer.why));
        }
    }
    html.push_str("</fieldset>");
    Ok(html)
}

impl Quiz {
    fn parse(body: &str) -> Result<Self, Flaw> {
        let mut quiz = Self::default();
        for (number, line) in body.lines().enumerate() {
            quiz.line(line).map_err(|what| Flaw(number + 1, what))?;
        }
        quiz.check()?;
        Ok(quiz)
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        let text = line.trim();
        if let Some(text) = line.strip_prefix("- [ ] ") {
            self.answers.push(Answer { text: text.into(), ..Answer::default() });
        } else if let Some(text) = line.strip_prefix("- [x] ") {
            self.answers.push(Answer { right: true, text: text.into(), ..Answer::default() });
        } else if let Some(why) = text.strip_prefix('>') {
            self.reason(why.trim(), line.starts_with(' '))?;
        } else if line.starts_with('-') {
            return Err("an answer begins with `- [ ] ` or `- [x] `".into());
        } else if let Some(answer) = self.answers.last_mut() {
            join(&mut answer.text, text);
        } else {
            join(&mut self.question, text);
        }
        Ok(())
    }

    fn reason(&mut self, why: &str, indented: bool) -> Result<(), String> {
        let mut answers = self.answers.iter_mut();
        let answer = if indented { answers.next_back() } else { answers.find(|answer| answer.right) };
        let answer = answer.ok_or("a reason (`>`) stands before the answer it belongs to")?;
        join(&mut answer.why, why);
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        let right = self.answers.iter().filter(|answer| answer.right);
        match right.clone().count() {
            _ if self.question.is_empty() => Err("the quiz asks nothing".into()),
            _ if self.answers.len() < 2 => Err("a quiz needs two answers at least".into()),
            0 => Err("no answer is right (`- [x] `)".into()),
            1 if right.clone().all(|answer| answer.why.is_empty()) => Err("no reason is given (`> ...`)".into()),
            1 => Ok(()),
            _ => Err("more than one answer is right".into()),
        }
    }
}

fn join(to: &mut String, text: &str) {
    if !to.is_empty() {
        to.push(' ');
    }
    to.push_str(text);
}

#[cfg(test)]
mod tests {
    use super::super::NoLab;
    use super::*;
    use pretty_assertions::assert_eq;
    use std::path::Path;

    fn render(body: &str) -> Result<String, Flaw> {
        let page = Page { root: Path::new("."), file: "book/src/01-x.md".into(), lab: &NoLab };
        super::render(&page, &Info::default(), body, 3)
    }

    #[test]
    fn the_right_answer_and_the_reasons_are_there() {
        let html =
            render("Which `errno`,\nin <b>?\n- [ ] `EPIPE`\n  > Gone.\n- [x] `EAGAIN`\n> Ask\n> again.\n").unwrap();
        assert_eq!(
            html,
            "<fieldset class=\"quiz\"><legend>Which <code>errno</code>, in &lt;b&gt;?</legend>\
             <label><input type=\"radio\" name=\"quiz-01-x-3\"><span><code>EPIPE</code></span></label>\
             <p class=\"why\">Gone.</p>\
             <label data-right><input type=\"radio\" name=\"quiz-01-x-3\"><span><code>EAGAIN</code></span></label>\
             <p class=\"why\">Ask again.</p></fieldset>"
        );
    }

    #[test]
    fn a_slip_is_reported_with_its_line() {
        let wrong = |body| render(body).unwrap_err();
        assert_eq!(wrong("Q?\n- a\n"), Flaw(2, "an answer begins with `- [ ] ` or `- [x] `".into()));
        assert_eq!(wrong("> why\n"), Flaw(1, "a reason (`>`) stands before the answer it belongs to".into()));
        assert_eq!(wrong("- [x] a\n- [ ] b\n> c\n"), Flaw(0, "the quiz asks nothing".into()));
        assert_eq!(wrong("Q?\n- [x] a\n> c\n"), Flaw(0, "a quiz needs two answers at least".into()));
        assert_eq!(wrong("Q?\n- [ ] a\n- [ ] b\n"), Flaw(0, "no answer is right (`- [x] `)".into()));
        assert_eq!(wrong("Q?\n- [x] a\n- [x] b\n"), Flaw(0, "more than one answer is right".into()));
        assert_eq!(wrong("Q?\n- [x] a\n- [ ] b\n"), Flaw(0, "no reason is given (`> ...`)".into()));
    }
}
