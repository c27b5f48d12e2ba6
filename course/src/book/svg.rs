//! Drawing: figures whose colours come from the page's style sheet, through classes only.

use super::text::escape;
use std::fmt::Write;

/// As wide as the text of a page.
pub(crate) const WIDTH: f64 = 720.0;
/// The advance of a character of the code font at the size of a figure.
pub(crate) const MONO: f64 = 7.8;
/// The same, on average, of the font for words.
pub(crate) const SANS: f64 = 6.9;

/// A figure in the making.
#[derive(Debug, Default)]
pub(crate) struct Svg(String);

impl Svg {
    pub(crate) fn rect(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64) {
        let _ =
            write!(self.0, r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" "#);
        self.0.push_str(r#"rx="6"/>"#);
    }

    pub(crate) fn text(&mut self, class: &str, x: f64, y: f64, text: &str) {
        let _ = write!(self.0, r#"<text class="{class}" x="{x:.1}" y="{y:.1}">{}</text>"#, escape(text));
    }

    /// A title at the left, with something less important after it.
    pub(crate) fn heading(&mut self, y: f64, title: &str, more: &str) {
        let (title, more) = (escape(title), escape(more));
        let _ = write!(
            self.0,
            r#"<text class="dg-h" x="0" y="{y:.1}">{title}<tspan class="ch-unit" dx="10">{more}</tspan>"#
        );
        self.0.push_str("</text>");
    }

    /// Text that runs upwards, with its middle at the point.
    pub(crate) fn upright(&mut self, class: &str, x: f64, y: f64, text: &str) {
        let place = format!(r#"x="{x:.1}" y="{y:.1}" transform="rotate(-90 {x:.1} {y:.1})""#);
        let _ = write!(self.0, r#"<text class="{class}" {place}>{}</text>"#, escape(text));
    }

    pub(crate) fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let ((x1, y1), (x2, y2)) = (from, to);
        let _ = write!(self.0, r#"<path class="{class}" d="M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}"/>"#);
    }

    /// A line through all points.
    pub(crate) fn curve(&mut self, class: &str, points: &[(f64, f64)]) {
        let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
        let _ = write!(self.0, r#"<path class="{class}" d="M{}"/>"#, path.join("L"));
    }

    pub(crate) fn dot(&mut self, class: &str, (x, y): (f64, f64), radius: f64) {
        let _ = write!(self.0, r#"<circle class="{class}" cx="{x:.1}" cy="{y:.1}" r="{radius}"/>"#);
    }

    /// A line with a head at its end. Without markers there is no id that two figures of a page could share.
    pub(crate) fn arrow(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.hypot(dy).max(1.0);
        let (ux, uy) = (dx / length, dy / length);
        let at = |along: f64, aside: f64| (to.0 - ux * along - uy * aside, to.1 - uy * along + ux * aside);
        self.line(&format!("dg-line {class}"), from, at(5.0, 0.0));
        let (left, notch, right) = (at(8.5, 4.5), at(6.0, 0.0), at(8.5, -4.5));
        let points: Vec<String> = [to, left, notch, right].iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
        let _ = write!(self.0, r#"<path class="dg-head {class}" d="M{}Z"/>"#, points.join("L"));
    }

    /// Puts a drawing on top of this one.
    pub(crate) fn add(&mut self, other: Self) {
        self.0.push_str(&other.0);
    }

    /// The figure with its caption, in one line of HTML. `says` is read to those who do not see it.
    pub(crate) fn figure(self, class: &str, height: f64, says: &str, caption: &str) -> String {
        let size = format!("class=\"dg\" viewBox=\"0 0 {WIDTH} {height:.0}\"");
        self.shown(class, &size, says, caption)
    }

    fn shown(self, class: &str, size: &str, says: &str, caption: &str) -> String {
        format!(
            "<figure class=\"diagram {class}\"><svg {size} role=\"img\" aria-label=\"{}\">{}</svg>\
             <figcaption>{caption}</figcaption></figure>",
            escape(says),
            self.0
        )
    }
}

/// A figure that is as wide as its place, be it narrow, and whose letters do not shrink.
#[derive(Debug)]
pub(crate) struct Fluid {
    /// What is drawn from the left edge.
    pub(crate) beside: Svg,
    /// What is drawn between two margins.
    pub(crate) between: Stretched,
    pub(crate) margins: (f64, f64),
}

impl Fluid {
    pub(crate) fn figure(self, class: &str, height: f64, says: &str, caption: &str) -> String {
        let (left, right) = self.margins;
        let size = format!("class=\"dg fluid\" style=\"height:{height:.0}px;padding-inline:{left:.0}px {right:.0}px\"");
        let drawn = format!("<g transform=\"translate(-{left:.0} 0)\">{}</g>{}", self.beside.0, self.between.0);
        Svg(drawn).shown(class, &size, says, caption)
    }
}

/// A drawing whose places across are shares of a width that only the page knows, from 0 to 1.
#[derive(Debug, Default)]
pub(crate) struct Stretched(String);

impl Stretched {
    /// A bar from the left edge.
    pub(crate) fn bar(&mut self, class: &str, to: f64, y: f64, height: f64) {
        let to = to * 100.0;
        let _ = write!(self.0, r#"<rect class="{class}" y="{y:.1}" width="{to:.2}%" height="{height:.1}"/>"#);
    }

    /// Text that begins `aside` of a place.
    pub(crate) fn text(&mut self, class: &str, (at, aside): (f64, f64), y: f64, text: &str) {
        let at = at * 100.0;
        let _ = write!(self.0, r#"<text class="{class}" x="{at:.2}%" dx="{aside}" y="{y:.1}">{}</text>"#, escape(text));
    }

    /// A line from top to bottom.
    pub(crate) fn line(&mut self, class: &str, at: f64, (from, to): (f64, f64)) {
        let at = at * 100.0;
        let _ = write!(self.0, r#"<line class="{class}" x1="{at:.2}%" y1="{from:.1}" x2="{at:.2}%" y2="{to:.1}"/>"#);
    }
}

/// Breaks `text` at spaces into lines of at most `width` characters, or gives back the word that is too long.
pub(crate) fn wrap(text: &str, width: usize) -> Result<Vec<String>, &str> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let length = word.chars().count();
        match lines.last_mut() {
            _ if length > width => return Err(word),
            Some(line) if line.chars().count() + 1 + length <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn text_is_broken_at_spaces() {
        assert_eq!(wrap("read until EAGAIN", 10).unwrap(), ["read until", "EAGAIN"]);
        assert_eq!(wrap("EPOLLEXCLUSIVE", 10), Err("EPOLLEXCLUSIVE"));
        assert!(wrap("", 10).unwrap().is_empty());
    }

    #[test]
    fn what_a_figure_says_is_escaped() {
        let mut svg = Svg::default();
        svg.text("dg-m", 1.0, 2.0, "<a & b>");
        let html = svg.figure("x", 10.0, "\"<\"", "c");
        assert!(html.contains(">&lt;a &amp; b&gt;</text>"), "{html}");
        assert!(html.contains("aria-label=\"&quot;&lt;&quot;\""), "{html}");
    }
}
