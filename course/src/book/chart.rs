//! Measurements as a picture: lines over a number, or bars beside a name.

mod draw;

use super::code;
use super::markdown::{Flaw, Page};
use super::text::{Info, inline};

/// A chart, as it is written:
/// ````text
/// ```chart title="Cost of a wake-up" y="µs" log
/// caption: What to see in it.
/// descriptors,poll,epoll
/// 10,1.2,0.9
/// 1000,45,1.0
/// ```
/// ````
/// The first column is what was varied, each other column a series. The values may be included from a file.
/// `log` makes the scale of the values logarithmic, `logx` that of the first column. Where the first column holds names
/// instead of numbers, bars are drawn.
#[derive(Debug, Default)]
struct Chart {
    title: String,
    unit: String,
    log: bool,
    logx: bool,
    varied: String,
    series: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: String,
    values: Vec<f64>,
}

/// More colours would have no meaning.
const MOST_SERIES: usize = 4;

pub(crate) fn render(page: &Page<'_>, info: &Info, body: &str) -> Result<String, Flaw> {
    info.allow(&["title", "y"])?;
    let wrong = |word: &&String| !["log", "logx"].contains(&word.as_str());
    if let Some(word) = info.words[1..].iter().find(wrong) {
        return Err(format!("`{word}` has no meaning here; there is log, logx, title=, y=").into());
    }
    let has = |flag: &str| info.words.iter().any(|word| word == flag);
    let title = info.get("title").ok_or_else(|| "the chart needs a title=\"...\"".to_owned())?.into();
    let unit = info.get("y").ok_or_else(|| "the chart needs the unit of its values, y=\"...\"".to_owned())?.into();
    let mut chart = Chart { title, unit, log: has("log"), logx: has("logx"), ..Chart::default() };
    let (text, quotes) = code::expand(page, body)?;
    // The lines of an included file are not lines of the page.
    let caption = chart.read(&text).map_err(|Flaw(line, what)| Flaw(if quotes.is_empty() { line } else { 0 }, what))?;
    let (told, caption) = (chart.told(), inline(&caption));
    if chart.numbers().is_some() {
        let (svg, height) = draw::lines(&chart);
        return Ok(svg.figure("chart", height, &told, &caption));
    }
    let (fluid, height) = draw::bars(&chart);
    Ok(fluid.figure("chart", height, &told, &caption))
}

impl Chart {
    /// Takes the values and returns the caption.
    fn read(&mut self, text: &str) -> Result<String, Flaw> {
        let mut caption = String::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if let Some(text) = line.strip_prefix("caption:") {
                caption = text.trim().into();
            } else if !line.is_empty() && !line.starts_with('#') {
                self.line(line).map_err(|what| Flaw(number + 1, what))?;
            }
        }
        if caption.is_empty() {
            return Err("the chart needs a line `caption: what to see`".to_owned().into());
        }
        if self.rows.len() < 2 {
            return Err("a chart of fewer than two rows is a sentence".to_owned().into());
        }
        Ok(caption)
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        let mut cells = line.split(',').map(str::trim);
        let first = cells.next().unwrap_or_default().to_owned();
        if self.series.is_empty() {
            self.varied = first;
            self.series = cells.map(str::to_owned).collect();
            return match self.series.len() {
                0 => Err("the first line names what was varied, then each series: `descriptors,poll,epoll`".into()),
                1..=MOST_SERIES => Ok(()),
                _ => Err(format!("a chart has at most {MOST_SERIES} series")),
            };
        }
        let values = cells.map(|cell| self.value(cell)).collect::<Result<Vec<_>, _>>()?;
        if values.len() != self.series.len() {
            return Err(format!("{} values for {} series", values.len(), self.series.len()));
        }
        self.rows.push(Row { name: first, values });
        Ok(())
    }

    fn value(&self, cell: &str) -> Result<f64, String> {
        match cell.parse::<f64>() {
            Ok(value) if !value.is_finite() || value < 0.0 => Err(format!("`{cell}` cannot be drawn")),
            Ok(value) if self.log && value == 0.0 => Err("a logarithmic scale has no 0".into()),
            Ok(value) => Ok(value),
            Err(_) => Err(format!("`{cell}` is not a number")),
        }
    }

    /// The first column, if all of it is numbers.
    fn numbers(&self) -> Option<Vec<f64>> {
        self.rows.iter().map(|row| row.name.parse().ok()).collect()
    }

    /// The chart in words: each series from its first value to its last.
    fn told(&self) -> String {
        let (Some(first), Some(last)) = (self.rows.first(), self.rows.last()) else { return self.title.clone() };
        let mut told = format!("{} in {}, by {}.", self.title, self.unit, self.varied);
        for (series, name) in self.series.iter().enumerate() {
            let (from, to) = (first.values[series], last.values[series]);
            told.push_str(&format!(" {name}: {from} at {}, {to} at {}.", first.name, last.name));
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::super::NoLab;
    use super::*;
    use pretty_assertions::assert_eq;
    use std::path::Path;

    const INFO: &str = "chart title=\"Cost\" y=\"µs\" log logx";
    const ROWS: &str = "caption: Flat.\nn,poll <a>,epoll\n10,1.2,0.9\n1000,45,1.0\n";

    fn render(info: &str, body: &str) -> Result<String, Flaw> {
        let page = Page { root: Path::new("."), file: "book/src/x.md".into(), lab: &NoLab };
        super::render(&page, &Info::parse(info).unwrap(), body)
    }

    #[test]
    fn numbers_become_lines() {
        let html = render(INFO, ROWS).unwrap();
        assert_eq!(html.matches("class=\"ch-line s").count(), 2);
        assert_eq!(html.matches("class=\"ch-dot s").count(), 4);
        assert!(html.contains("poll &lt;a&gt;: 1.2 at 10, 45 at 1000."), "{html}");
        assert_eq!(html.lines().count(), 1);
    }

    #[test]
    fn names_become_bars() {
        let html = render("chart title=\"Memory\" y=\"KiB\"", "caption: c\nwhat,each\na thread,12.5\na client,0.2\n");
        let html = html.unwrap();
        assert_eq!(html.matches("class=\"ch-bar s").count(), 2);
        assert!(html.contains(">12.5<"), "{html}");
        // As wide as its place: the longest of 15 is five sixths of it, wherever that is.
        assert!(html.contains("width=\"83.33%\""), "{html}");
        assert!(html.contains("class=\"ch-tick mid\" x=\"100.00%\" dx=\"0\" y=\"120.0\">15</text>"), "{html}");
    }

    #[test]
    fn a_slip_is_reported_with_its_line() {
        let wrong = |body| render(INFO, body).unwrap_err();
        assert_eq!(wrong("caption: c\nn,a\n1,x\n"), Flaw(3, "`x` is not a number".into()));
        assert_eq!(wrong("caption: c\nn,a\n1,0\n"), Flaw(3, "a logarithmic scale has no 0".into()));
        assert_eq!(wrong("caption: c\nn,a\n1,2,3\n"), Flaw(3, "2 values for 1 series".into()));
        assert_eq!(wrong("n,a\n1,2\n2,3\n"), Flaw(0, "the chart needs a line `caption: what to see`".into()));
        assert_eq!(wrong("caption: c\nn,a\n1,2\n"), Flaw(0, "a chart of fewer than two rows is a sentence".into()));
        assert_eq!(render("chart y=\"s\"", ROWS), Err(Flaw(0, "the chart needs a title=\"...\"".into())));
        assert!(render("chart lgo", ROWS).unwrap_err().1.starts_with("`lgo` has no meaning here"));
    }
}
