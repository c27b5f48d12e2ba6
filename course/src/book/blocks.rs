//! Which block a fence opens.

use super::markdown::{Flaw, Page};
use super::text::Info;
use super::{chart, code, exercise, lab, quiz, seq};

/// The HTML of a block, in one line, or `None` if mdBook may show the fence as it stands.
pub(crate) fn render(page: &Page<'_>, info: &Info, body: &str, number: usize) -> Result<Option<String>, Flaw> {
    match info.words.first().map(String::as_str) {
        Some("seq") => seq::render(info, body).map(Some),
        Some("chart") => chart::render(page, info, body).map(Some),
        Some("quiz") => quiz::render(page, info, body, number).map(Some),
        Some("lab") => lab::render(page.lab, info, body).map(Some),
        Some("exercise") => exercise::render(page.root, info, body).map(Some),
        _ => code::render(page, info, body),
    }
}
