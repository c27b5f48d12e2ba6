//! Every link leads somewhere, nothing is loaded from elsewhere, and every figure can be read by those who do not see it.

use super::super::error::Fault;
use super::super::html::{Element, Part, parts};
use super::super::site::Site;
use std::collections::{BTreeMap, BTreeSet};

/// Finds what is broken in the finished pages: links and fragments that lead nowhere, anything loaded from another
/// host, an id used twice, and figures without caption or alternative text.
pub fn pages(site: &Site) -> Vec<Fault> {
    let pages: BTreeMap<&str, Vec<Part>> = texts(site, ".html").map(|(path, text)| (path, parts(text))).collect();
    let ids =
        pages.iter().map(|(path, parts)| (*path, elements(parts).filter_map(|e| e.get("id")).collect())).collect();
    let links = Links { site, ids };
    let mut faults = Vec::new();
    for (path, parts) in &pages {
        let mut report = |line, what| faults.push(Fault::new(path, line, what));
        links.check(path, parts, &mut report);
        unique(parts, &mut report);
        figures(parts, &mut report);
    }
    for (path, text) in texts(site, ".css") {
        for url in urls(text) {
            if let Err(what) = links.load(path, url) {
                faults.push(Fault::new(path, 0, what));
            }
        }
    }
    faults
}

pub(super) fn texts<'a>(site: &'a Site, ending: &'static str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let files = site.iter().filter(move |(path, _)| path.ends_with(ending));
    files.map(|(path, file)| (path, str::from_utf8(&file.bytes).unwrap_or_default()))
}

fn elements(parts: &[Part]) -> impl Iterator<Item = &Element> {
    parts.iter().filter_map(|part| match part {
        Part::Open(element) => Some(element),
        _ => None,
    })
}

/// What links can lead to.
struct Links<'a> {
    site: &'a Site,
    ids: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

/// The attributes that hold an address.
const ADDRESSES: [&str; 7] = ["href", "src", "poster", "data", "action", "srcset", "xlink:href"];

impl Links<'_> {
    fn check(&self, page: &str, parts: &[Part], report: &mut impl FnMut(usize, String)) {
        let base = elements(parts).find(|element| element.name == "base").and_then(|base| base.get("href"));
        let base = base.unwrap_or(page);
        for element in elements(parts).filter(|element| element.name != "base") {
            for (name, value) in element.attributes.iter().filter(|(name, _)| ADDRESSES.contains(&name.as_str())) {
                // A reader who follows a link decides to leave; whatever else is fetched, is fetched unasked.
                let checked = match element.name.as_str() {
                    "a" if name == "href" && elsewhere(value) => Ok(()),
                    _ => self.load_from(base, page, value),
                };
                if let Err(what) = checked {
                    report(element.line, format!("<{} {name}={value:?}>: {what}", element.name));
                }
            }
        }
    }

    fn load(&self, file: &str, address: &str) -> Result<(), String> {
        self.load_from(file, file, address)
    }

    /// Checks an address that is relative to `base`; a bare fragment is always the page's own.
    fn load_from(&self, base: &str, page: &str, address: &str) -> Result<(), String> {
        if address.starts_with("data:") {
            return Ok(());
        }
        if elsewhere(address) {
            return Err(format!("{address} is on another host"));
        }
        let (path, fragment) = address.split_once('#').unwrap_or((address, ""));
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        let path = if path.is_empty() { page.to_owned() } else { resolve(base, &decoded(path)) };
        if self.site.get(&path).is_none() {
            return Err(format!("there is no {path}"));
        }
        let path = if path.ends_with('/') { format!("{path}index.html") } else { path };
        match self.ids.get(path.as_str()) {
            Some(ids) if !fragment.is_empty() && !ids.contains(decoded(fragment).as_str()) => {
                Err(format!("{path} has nothing with the id `{fragment}`"))
            }
            _ => Ok(()),
        }
    }
}

/// Whether an address names a host or a scheme of its own.
fn elsewhere(address: &str) -> bool {
    let scheme = address.split_once(':').is_some_and(|(scheme, _)| scheme.chars().all(|c| c.is_ascii_alphanumeric()));
    scheme || address.starts_with("//")
}

/// The path that a browser makes of a relative one.
fn resolve(base: &str, path: &str) -> String {
    let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{folder}/{path}") };
    let mut steps: Vec<&str> = Vec::new();
    for step in whole.split('/').skip(1) {
        match step {
            "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    format!("/{}", steps.join("/"))
}

/// `%20` and its like as what they stand for.
fn decoded(text: &str) -> String {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        match piece.get(..2).map(|hex| u8::from_str_radix(hex, 16)) {
            Some(Ok(byte)) => {
                bytes.push(byte);
                bytes.extend_from_slice(&piece.as_bytes()[2..]);
            }
            _ => bytes.extend([b"%", piece.as_bytes()].concat()),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What a style sheet loads.
fn urls(css: &str) -> impl Iterator<Item = &str> {
    let functions = css.split("url(").skip(1).filter_map(|rest| {
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        match quote {
            Some(quote) => rest[1..].split(quote).next(),
            None => rest.split(')').next(),
        }
    });
    let imports = css.split("@import ").skip(1).filter_map(|rest| rest.trim_start().split(['"', '\'']).nth(1));
    functions.chain(imports)
}

fn unique(parts: &[Part], report: &mut impl FnMut(usize, String)) {
    let mut seen = BTreeSet::new();
    for element in elements(parts) {
        if let Some(id) = element.get("id")
            && !seen.insert(id)
        {
            report(element.line, format!("the id `{id}` is used twice on this page"));
        }
    }
}

/// What has been read of a figure that is open.
#[derive(Default)]
struct Figure {
    line: usize,
    in_caption: bool,
    caption: String,
}

fn figures(parts: &[Part], report: &mut impl FnMut(usize, String)) {
    let mut figure: Option<Figure> = None;
    for (at, part) in parts.iter().enumerate() {
        match (part, &mut figure) {
            (Part::Open(element), None) if element.name == "figure" => {
                figure = Some(Figure { line: element.line, ..Figure::default() });
            }
            (Part::Open(element), Some(figure)) if element.name == "figcaption" => figure.in_caption = true,
            (Part::Open(element), open) => {
                let drawn = element.name == "svg" && (open.is_some() || element.get("class") == Some("dg"));
                if drawn && !titled(element, &parts[at + 1..]) {
                    report(element.line, "a figure without role=\"img\" and a <title> or aria-label".into());
                }
                if drawn && open.is_none() {
                    report(element.line, "a figure outside of <figure>, where it has no caption".into());
                }
                if element.name == "img" && element.get("alt").unwrap_or_default().trim().is_empty() {
                    report(element.line, "an image without alternative text".into());
                }
            }
            (Part::Text(text), Some(figure)) if figure.in_caption => figure.caption.push_str(text),
            (Part::Close(name), Some(open)) if name == "figcaption" => open.in_caption = false,
            (Part::Close(name), Some(open)) if name == "figure" => {
                if open.caption.trim().is_empty() {
                    report(open.line, "a figure without a caption".into());
                }
                figure = None;
            }
            _ => {}
        }
    }
}

/// Whether a drawing says what it shows: by an attribute, or by the title that it begins with.
fn titled(svg: &Element, inside: &[Part]) -> bool {
    let mut inside = inside.iter().filter(|part| !matches!(part, Part::Text(text) if text.trim().is_empty()));
    let title = matches!(inside.next(), Some(Part::Open(element)) if element.name == "title")
        && matches!(inside.next(), Some(Part::Text(_)));
    svg.get("role") == Some("img") && (title || svg.get("aria-label").is_some_and(|label| !label.trim().is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn faults(page: &str) -> Vec<String> {
        let files = [
            ("/a/page.html", page),
            ("/b.html", "<h1 id=top>B</h1><p id='ü'>"),
            ("/index.html", "<h1 id=home>"),
            ("/a/x.css", "a{background:url(../b.html)}"),
        ];
        let site = Site::new(files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())));
        pages(&site).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn links_that_lead_somewhere_pass() {
        let page = "<a id=x href=../b.html#top>1</a><a href=#x>2</a><a href='/'>3</a><a href='../#home'>4</a>\
                    <a href=https://example.com/>5</a><link href=x.css?v=1><a href='../b.html#%C3%BC'>6</a>";
        assert_eq!(faults(page), [""; 0]);
    }

    #[test]
    fn links_that_lead_nowhere_are_found() {
        assert_eq!(faults("\n<a href=c.html>1</a>"), ["/a/page.html:2: <a href=\"c.html\">: there is no /a/c.html"]);
        assert!(faults("<a href=../b.html#bottom>")[0].contains("/b.html has nothing with the id `bottom`"));
        assert!(faults("<a href=#y>")[0].contains("/a/page.html has nothing with the id `y`"));
        assert!(faults("<base href='/'><a href=c.html>")[0].contains("there is no /c.html"));
    }

    #[test]
    fn nothing_is_loaded_from_another_host() {
        for element in
            ["<script src=https://x.org/a.js>", "<link href=//x.org/a.css>", "<img alt=a src=http://x.org/a>"]
        {
            assert!(faults(element)[0].contains("is on another host"), "{element}");
        }
        assert_eq!(urls("@import 'a'; b{c:url(\"d\") url(e)}").collect::<Vec<_>>(), ["d", "e", "a"]);
    }

    #[test]
    fn figures_have_captions_and_alternative_text() {
        let good = "<figure><svg role=img><title>t</title></svg><figcaption>c</figcaption></figure>\
                    <figure><svg role=img aria-label=t></svg><figcaption><b>c</b></figcaption></figure><svg></svg>";
        assert_eq!(faults(good), [""; 0]);
        let one = |page| faults(page).pop().unwrap();
        assert!(one("<figure><svg role=img aria-label=t></svg></figure>").contains("without a caption"));
        assert!(one("<figure><svg></svg><figcaption>c</figcaption></figure>").contains("without role"));
        assert!(one("<svg class=dg role=img aria-label=t></svg>").contains("outside of <figure>"));
        assert!(one("<img src=x.css>").contains("without alternative text"));
    }

    #[test]
    fn an_id_is_used_once() {
        assert_eq!(faults("<p id=a><p id=a>"), ["/a/page.html:1: the id `a` is used twice on this page"]);
    }
}
