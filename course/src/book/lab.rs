//! The lab box: a claim, and what the kernel answered when it was asked.

use super::markdown::Flaw;
use super::text::{Info, escape, inline};

/// What the book shows of an experiment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Experiment {
    /// What is asked or claimed, a line of Markdown.
    pub claim: String,
    /// The calls and the kernel's answers.
    pub transcript: String,
    /// Whose answers they are, such as `Linux 6.18, when this page was built`.
    pub origin: String,
}

/// Where the book has its experiments from.
pub trait Lab {
    /// Runs or looks up the experiment `name`.
    ///
    /// # Errors
    /// A sentence that says why there is no transcript: no such name, or the kernel refuted the claim.
    fn experiment(&self, name: &str) -> Result<Experiment, String>;
}

/// A lab without experiments.
#[derive(Debug, Clone, Copy)]
pub struct NoLab;

impl Lab for NoLab {
    fn experiment(&self, name: &str) -> Result<Experiment, String> {
        Err(format!("there is no experiment `{name}`"))
    }
}

/// ```` ```lab NAME ````. A body takes the place of the claim.
pub(crate) fn render(lab: &dyn Lab, info: &Info, body: &str) -> Result<String, Flaw> {
    info.allow(&[])?;
    let [_, name] = info.words.as_slice() else {
        return Err("a lab block is opened by ```lab NAME".to_owned().into());
    };
    let Experiment { claim, transcript, origin } = lab.experiment(name)?;
    let claim = if body.trim().is_empty() { claim } else { body.trim().to_owned() };
    Ok(format!(
        "<figure class=\"lab\" data-lab=\"{name}\"><figcaption><strong>Ask the kernel</strong>\
         <span class=\"lab-q\">{}</span><button type=\"button\" hidden>Run again</button></figcaption>\
         <pre class=\"lab-out\" tabindex=\"0\">{}</pre><p class=\"lab-from\" aria-live=\"polite\">{}</p></figure>",
        inline(&claim),
        escape(transcript.trim_matches('\n')),
        escape(&origin),
        name = escape(name),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    struct One;

    impl Lab for One {
        fn experiment(&self, name: &str) -> Result<Experiment, String> {
            match name {
                "reads" => Ok(Experiment {
                    claim: "What does `read` say?".into(),
                    transcript: "read(5) = <EAGAIN>\n\nread(5) = 0\n".into(),
                    origin: "Linux & me".into(),
                }),
                name => NoLab.experiment(name),
            }
        }
    }

    fn render(info: &str, body: &str) -> Result<String, Flaw> {
        super::render(&One, &Info::parse(info).unwrap(), body)
    }

    #[test]
    fn a_box_shows_claim_transcript_and_origin_and_hides_its_button() {
        let html = render("lab reads", "").unwrap();
        assert!(html.contains("What does <code>read</code> say?"), "{html}");
        assert!(html.contains("read(5) = &lt;EAGAIN&gt;&#10;&#10;read(5) = 0</pre>"), "{html}");
        assert!(html.contains("Linux &amp; me"), "{html}");
        assert!(html.contains("<button type=\"button\" hidden>"), "{html}");
        assert_eq!(html.lines().count(), 1);
    }

    #[test]
    fn a_body_replaces_the_claim() {
        let html = render("lab reads", "And now?\n").unwrap();
        assert!(html.contains(">And now?</span>"), "{html}");
    }

    #[test]
    fn an_unknown_name_is_an_error() {
        assert_eq!(render("lab raeds", ""), Err(Flaw(0, "there is no experiment `raeds`".into())));
        assert_eq!(render("lab", ""), Err(Flaw(0, "a lab block is opened by ```lab NAME".into())));
    }
}
