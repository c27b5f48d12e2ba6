//! The elements of a finished page.

use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use std::cell::RefCell;

/// A tag with its attributes, or the text between two tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Open(Element),
    Close(String),
    Text(String),
}

/// The opening of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    /// The line of the page, counted from 1.
    pub(crate) line: usize,
}

impl Element {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a page in the way of a browser.
pub(crate) fn parts(page: &str) -> Vec<Part> {
    let input = BufferQueue::default();
    input.push_back(page.into());
    let tokenizer = Tokenizer::new(Parts::default(), TokenizerOpts::default());
    // A script would interrupt the tokenizer; this sink never asks for that.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

#[derive(Default)]
struct Parts(RefCell<Vec<Part>>);

impl TokenSink for Parts {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) => return self.tag(tag, line as usize),
            Token::CharacterTokens(text) => self.0.borrow_mut().push(Part::Text(text.to_string())),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Parts {
    fn tag(&self, tag: Tag, line: usize) -> TokenSinkResult<()> {
        let name = tag.name.to_string();
        if tag.kind == TagKind::EndTag {
            self.0.borrow_mut().push(Part::Close(name));
            return TokenSinkResult::Continue;
        }
        let attributes = tag.attrs.into_iter().map(|a| (a.name.local.to_string(), a.value.to_string())).collect();
        let raw = match name.as_str() {
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" => TokenSinkResult::RawData(RawKind::Rawtext),
            _ => TokenSinkResult::Continue,
        };
        let mut parts = self.0.borrow_mut();
        parts.push(Part::Open(Element { name: name.clone(), attributes, line }));
        if tag.self_closing {
            parts.push(Part::Close(name));
        }
        raw
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn elements_have_names_attributes_and_lines() {
        let parts = parts("<p>\n<a href='x?a=1&amp;b=2'>y</a><script>'<b href=z>'</script><path d='M0'/>");
        let links: Vec<_> = parts
            .iter()
            .filter_map(|part| match part {
                Part::Open(element) => Some((element.name.as_str(), element.line, element.get("href"))),
                _ => None,
            })
            .collect();
        assert_eq!(links, [("p", 1, None), ("a", 2, Some("x?a=1&b=2")), ("script", 2, None), ("path", 2, None)]);
        assert_eq!(parts.last(), Some(&Part::Close("path".into())));
    }
}
