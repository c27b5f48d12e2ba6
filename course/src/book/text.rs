//! Small things that every block needs: escaping, attributes, and the Markdown of a single line.

use mdbook_markdown::pulldown_cmark::{Event, Tag, TagEnd, html::push_html};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

/// `text` for an element or a quoted attribute. Line ends become `&#10;`, so that what is rendered stays one line:
/// Markdown then can neither end an HTML block at an empty line nor lose the `>` of a quotation.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// One line of Markdown as HTML without a paragraph around it; HTML in it is shown, not obeyed.
pub(crate) fn inline(markdown: &str) -> String {
    let events = new_cmark_parser(markdown, &MarkdownOptions::default()).filter_map(|event| match event {
        Event::Start(Tag::Paragraph | Tag::HtmlBlock) | Event::End(TagEnd::Paragraph | TagEnd::HtmlBlock) => None,
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::SoftBreak => Some(Event::Text(" ".into())),
        event => Some(event),
    });
    let mut html = String::new();
    push_html(&mut html, events);
    html.trim().replace('\n', " ")
}

/// What stands after the opening of a fence.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Info {
    /// Words, the language or the kind of block first.
    pub(crate) words: Vec<String>,
    /// `key="value"` and `key=value`.
    pub(crate) pairs: Vec<(String, String)>,
}

impl Info {
    /// Words are separated by spaces or commas; quotes hold both together.
    pub(crate) fn parse(info: &str) -> Result<Self, String> {
        let mut parsed = Self::default();
        let mut rest = info.trim_start_matches([' ', ',']);
        while !rest.is_empty() {
            let (word, after) = token(rest)?;
            let end = after.find([' ', ',']).unwrap_or(after.len());
            match after.strip_prefix('=') {
                Some(value) => {
                    let (value, after) = token(value)?;
                    parsed.pairs.push((word, value));
                    rest = after;
                }
                None if end == 0 => {
                    parsed.words.push(word);
                    rest = after;
                }
                None => return Err(format!("a space is missing before `{}`", &after[..end])),
            }
            rest = rest.trim_start_matches([' ', ',']);
        }
        Ok(parsed)
    }

    /// The value of the first pair with this key.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.pairs.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    }

    /// An error if a key is not among these: a misspelled one would else do nothing in silence.
    pub(crate) fn allow(&self, keys: &[&str]) -> Result<(), String> {
        match self.pairs.iter().find(|(key, _)| !keys.contains(&key.as_str())) {
            Some((key, _)) if keys.is_empty() => Err(format!("`{key}=` has no meaning here")),
            Some((key, _)) => Err(format!("`{key}=` has no meaning here; there is {}", keys.join(", "))),
            None => Ok(()),
        }
    }
}

/// A quoted or a bare word, and what follows.
fn token(text: &str) -> Result<(String, &str), String> {
    if let Some(quoted) = text.strip_prefix('"') {
        let (word, after) = quoted.split_once('"').ok_or_else(|| format!("the quote before `{quoted}` never ends"))?;
        return Ok((word.to_owned(), after));
    }
    let end = text.find([' ', ',', '=']).unwrap_or(text.len());
    Ok((text[..end].to_owned(), &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn what_html_would_obey_is_escaped() {
        assert_eq!(escape("a<b> & \"c\"\n\nd"), "a&lt;b&gt; &amp; &quot;c&quot;&#10;&#10;d");
    }

    #[test]
    fn a_line_keeps_its_markdown_and_shows_its_html() {
        assert_eq!(inline("`Vec<u8>` is *not* <b>bold</b>"), {
            "<code>Vec&lt;u8&gt;</code> is <em>not</em> &lt;b&gt;bold&lt;/b&gt;"
        });
        assert_eq!(inline("<script>x</script>"), "&lt;script&gt;x&lt;/script&gt;");
    }

    #[test]
    fn an_info_string_has_words_and_pairs() {
        let info = Info::parse(r#"seq client "your thread",server mark="a b, c" log=2"#).unwrap();
        assert_eq!(info.words, ["seq", "client", "your thread", "server"]);
        assert_eq!(info.get("mark"), Some("a b, c"));
        assert_eq!(info.get("log"), Some("2"));
        assert_eq!(info.get("title"), None);
    }

    #[test]
    fn a_slip_in_an_info_string_is_an_error() {
        assert_eq!(Info::parse(r#"rust mark="a"#).unwrap_err(), "the quote before `a` never ends");
        assert_eq!(Info::parse(r#"rust "a"b"#).unwrap_err(), "a space is missing before `b`");
        let info = Info::parse("rust marc=a").unwrap();
        assert_eq!(info.allow(&["mark"]).unwrap_err(), "`marc=` has no meaning here; there is mark");
    }
}
