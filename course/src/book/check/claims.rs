//! What the pages say of the kernel is what the lab has found, and the tests that they name are there.

use super::super::error::Fault;
use super::super::html::{Element, Part, parts};
use super::super::site::Site;
use super::pages::texts;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Where every sentence of the article has its verdict.
const APPENDIX: &str = "book/src/appendix-article.md";

/// Finds verdicts that are not the lab's.
///
/// A verdict is `<strong data-verdict="NAME">False.</strong>`, after the experiment of that name, whose box must be on
/// the same page. If the experiment asks about a sentence of the article, the last `<q>` before it must hold that
/// sentence; and each sentence that an experiment asks about must have its verdict somewhere. In a box the verdict is
/// `<strong data-found="NAME">false</strong>`, and each box has one.
pub fn verdicts(site: &Site) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut answered = BTreeSet::new();
    for (path, text) in texts(site, ".html") {
        let parts = parts(text);
        let boxes: BTreeSet<&str> =
            opened(&parts).filter(|(_, e)| e.name == "figure").filter_map(|(_, e)| e.get("data-lab")).collect();
        let mut unanswered = boxes.clone();
        let mut quoted = String::new();
        for (at, element) in opened(&parts) {
            if element.name == "q" {
                quoted = inside(&parts, at);
            }
            if let Some(name) = element.get("data-found") {
                unanswered.remove(name);
                let what = other_verdict(name, &inside(&parts, at));
                faults.extend(what.map(|what| Fault::new(path, element.line, what)));
            }
            let Some(name) = element.get("data-verdict") else { continue };
            answered.extend(lab::find(name).and_then(|experiment| experiment.row));
            for what in flaws(name, &inside(&parts, at), &quoted, &boxes) {
                faults.push(Fault::new(path, element.line, what));
            }
        }
        faults.extend(unanswered.iter().map(|name| Fault::new(path, 0, format!("the box of `{name}` has no verdict"))));
    }
    for experiment in lab::all() {
        if let (Some(row), Some(sentence)) = (experiment.row, experiment.article)
            && answered.insert(row)
        {
            faults.push(Fault::new(APPENDIX, 0, format!("sentence {row} has no verdict: {sentence}")));
        }
    }
    faults
}

/// What is wrong with a verdict that is not the lab's.
fn other_verdict(name: &str, said: &str) -> Option<String> {
    let Some(experiment) = lab::find(name) else { return Some(format!("there is no experiment `{name}`")) };
    let verdict = experiment.verdict.to_string();
    let same = said.trim_end_matches('.').to_lowercase() == verdict;
    (!same).then(|| format!("the page says \"{said}\" where `{name}` says \"{verdict}\""))
}

fn flaws(name: &str, said: &str, quoted: &str, boxes: &BTreeSet<&str>) -> Vec<String> {
    let mut flaws: Vec<String> = other_verdict(name, said).into_iter().collect();
    let Some(experiment) = lab::find(name) else { return flaws };
    if !boxes.contains(name) {
        flaws.push(format!("this page has no box of `{name}` to show for its verdict"));
    }
    if experiment.article.is_some_and(|sentence| !quoted.contains(sentence)) {
        flaws.push(format!("`{name}` is about another sentence than \"{quoted}\""));
    }
    flaws
}

/// Finds tests that a page names, as in `tests/engine.rs::an_empty_message_is_a_message`, and that are not there.
/// The path is that of a file below `root`.
pub fn tests(site: &Site, root: &Path) -> Vec<Fault> {
    let mut sources = BTreeMap::new();
    let mut faults = Vec::new();
    for (path, text) in texts(site, ".html") {
        let parts = parts(text);
        for (at, element) in opened(&parts).filter(|(_, element)| element.name == "code") {
            let named = inside(&parts, at);
            let Some((file, test)) = named.split_once(".rs::") else { continue };
            let file = format!("{file}.rs");
            let source: &mut String =
                sources.entry(file).or_insert_with_key(|file| fs::read_to_string(root.join(file)).unwrap_or_default());
            if !has_test(source, test) {
                faults.push(Fault::new(path, element.line, format!("there is no test {named}")));
            }
        }
    }
    faults
}

/// Whether `source` has a function of that name which is marked as a test, or which stands in a `quickcheck!`.
fn has_test(source: &str, name: &str) -> bool {
    let mut marked = false;
    for line in source.lines().map(str::trim_start) {
        if line.strip_prefix("fn ").and_then(|rest| rest.strip_prefix(name)).is_some_and(|rest| rest.starts_with('(')) {
            return marked || source.contains("quickcheck! {");
        }
        marked = line == "#[test]" || marked && line.starts_with(['#', '/']);
    }
    false
}

fn opened(parts: &[Part]) -> impl Iterator<Item = (usize, &Element)> {
    parts.iter().enumerate().filter_map(|(at, part)| match part {
        Part::Open(element) => Some((at, element)),
        _ => None,
    })
}

/// The text of the element that is opened at `at`, with the quotation marks that it was written with.
fn inside(parts: &[Part], at: usize) -> String {
    let Part::Open(element) = &parts[at] else { return String::new() };
    let inside = parts[at + 1..].iter().take_while(|part| **part != Part::Close(element.name.clone()));
    let text: String =
        inside.filter_map(|part| if let Part::Text(text) = part { Some(text.as_str()) } else { None }).collect();
    text.trim().replace(['‘', '’'], "'").replace(['“', '”'], "\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn site(page: &str) -> Site {
        Site::new([("/page.html".to_owned(), page.as_bytes().to_vec())])
    }

    fn of(name: &str) -> String {
        lab::find(name).unwrap().verdict.to_string()
    }

    fn verdicts(page: &str) -> Vec<String> {
        let boxed = |name: &str| format!("<figure data-lab={name}><b data-found={name}>{}</b></figure>", of(name));
        let page =
            page.replace("[not_pollable]", &boxed("not_pollable")).replace("[ready_order]", &boxed("ready_order"));
        let faults = super::verdicts(&site(&page));
        faults
            .iter()
            .filter(|fault| fault.line > 0 || fault.to_string().contains("the box"))
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn a_verdict_of_the_lab_with_its_box_and_its_sentence_passes() {
        let page = "<q>It does (or any <em>file</em> descriptors), one’s own</q> <strong data-verdict=not_pollable>\
                    False.</strong>[not_pollable]<q>another</q>\
                    <b data-verdict=ready_order>false</b>[ready_order]";
        assert_eq!(verdicts(page), [""; 0]);
    }

    #[test]
    fn a_verdict_that_the_lab_does_not_give_is_found() {
        let of = |verdict: &str| verdicts(&format!("<q>(or any file descriptors)</q>{verdict}[not_pollable]"));
        assert_eq!(
            of("<b data-verdict=not_pollable>True, with exceptions.</b>"),
            ["/page.html:1: the page says \"True, with exceptions.\" where `not_pollable` says \"false\""]
        );
        assert_eq!(of("<b data-verdict=no>False</b>"), ["/page.html:1: there is no experiment `no`"]);
        assert!(of("<b data-verdict=ready_order>False</b>")[0].contains("has no box of `ready_order`"));
        assert!(of("<q>other</q><b data-verdict=not_pollable>False</b>")[0].contains("about another sentence"));
    }

    #[test]
    fn a_box_with_another_verdict_or_without_one_is_found() {
        let of = |found: &str| verdicts(&format!("<figure data-lab=not_pollable>{found}</figure>"));
        assert_eq!(of("<b data-found=not_pollable>false</b>"), [""; 0]);
        assert!(
            of("<b data-found=not_pollable>true</b>")[0].contains("says \"true\" where `not_pollable` says \"false\"")
        );
        assert!(of("")[0].contains("the box of `not_pollable` has no verdict"));
    }

    #[test]
    fn a_sentence_without_a_verdict_is_found() {
        let rows: BTreeSet<u8> = lab::all().iter().filter_map(|experiment| experiment.row).collect();

        let faults = super::verdicts(&site("<q>(or any file descriptors)</q><b data-verdict=not_pollable>False</b>"));

        assert_eq!(faults.iter().filter(|fault| fault.line == 0).count(), rows.len() - 1);
    }

    #[test]
    fn a_test_that_is_not_there_is_found() {
        let root = tempfile::tempdir().unwrap();
        let source = "#[test]\n#[ignore]\nfn holds() {\n}\n\nfn helper() {}\n";
        fs::write(root.path().join("a.rs"), source).unwrap();
        fs::write(root.path().join("q.rs"), "quickcheck! {\n    fn holds(n: u8) -> bool {}\n}\n").unwrap();
        let found = |name: &str| tests(&site(&format!("<p>\n<code>{name}</code>")), root.path()).len();

        assert_eq!(["a.rs::holds", "q.rs::holds", "a.rs", "src/a.rs"].map(found), [0; 4]);
        assert_eq!(["a.rs::hold", "a.rs::helper", "b.rs::holds", "a.rs::"].map(found), [1; 4]);
    }
}
