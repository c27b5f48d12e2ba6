//! The lab box: a claim, what the kernel answered when it was asked, and so what is to be said of the claim.

use super::markdown::Flaw;
use super::text::{Info, escape, inline};

/// What the book shows of an experiment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Experiment {
    /// What is asked or claimed, a line of Markdown.
    pub claim: String,
    /// What is to be said of it, such as `true, with exceptions`.
    pub verdict: String,
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

/// ```` ```lab NAME ````. A body takes the place of the claim, which then stands beside its verdict.
pub(crate) fn render(lab: &dyn Lab, info: &Info, body: &str) -> Result<String, Flaw> {
    info.allow(&[])?;
    let [_, name] = info.words.as_slice() else {
        return Err("a lab block is opened by ```lab NAME".to_owned().into());
    };
    let Experiment { claim, verdict, transcript, origin } = lab.experiment(name)?;
    let (is_it, asked, beside) = match body.trim() {
        "" => (": is this true?", claim.as_str(), String::new()),
        asked => ("", asked, format!("<span>“{}”</span>", inline(claim.trim_end_matches('.')))),
    };
    // The style sheet colours it.
    let kind = verdict.replace(',', "").replace(' ', "-");
    Ok(format!(
        "<figure class=\"lab\" data-lab=\"{name}\"><figcaption><strong>Ask the kernel{}</strong>\
         <span class=\"lab-q\">{}</span><button type=\"button\" hidden>Run again</button></figcaption>\
         <pre class=\"lab-out\" tabindex=\"0\">{}</pre>\
         <p class=\"lab-verdict\" data-kind=\"{}\"><strong data-found=\"{name}\">{}</strong>{beside}</p>\
         <p class=\"lab-from\" aria-live=\"polite\">{}</p></figure>",
        is_it,
        inline(asked),
        escape(transcript.trim_matches('\n')),
        escape(&kind),
        escape(&verdict),
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
                    claim: "No `read` fails.".into(),
                    verdict: "true, with exceptions".into(),
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
    fn a_box_shows_claim_transcript_verdict_and_origin_and_hides_its_button() {
        let html = render("lab reads", "").unwrap();
        assert!(html.contains("<strong>Ask the kernel: is this true?</strong>"), "{html}");
        assert!(html.contains(">No <code>read</code> fails.</span>"), "{html}");
        let verdict =
            "data-kind=\"true-with-exceptions\"><strong data-found=\"reads\">true, with exceptions</strong></p>";
        assert!(html.contains(verdict), "{html}");
        assert!(html.contains("read(5) = &lt;EAGAIN&gt;&#10;&#10;read(5) = 0</pre>"), "{html}");
        assert!(html.contains("Linux &amp; me"), "{html}");
        assert!(html.contains("<button type=\"button\" hidden>"), "{html}");
        assert_eq!(html.lines().count(), 1);
    }

    #[test]
    fn a_body_replaces_the_claim_which_stands_beside_its_verdict() {
        let html = render("lab reads", "And now?\n").unwrap();
        assert!(html.contains("<strong>Ask the kernel</strong><span class=\"lab-q\">And now?</span>"), "{html}");
        assert!(html.contains("exceptions</strong><span>“No <code>read</code> fails”</span></p>"), "{html}");
    }

    #[test]
    fn an_unknown_name_is_an_error() {
        assert_eq!(render("lab raeds", ""), Err(Flaw(0, "there is no experiment `raeds`".into())));
        assert_eq!(render("lab", ""), Err(Flaw(0, "a lab block is opened by ```lab NAME".into())));
    }
}
