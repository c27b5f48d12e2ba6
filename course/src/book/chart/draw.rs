//! Scales, grids and what is drawn upon them.

use super::super::svg::{Fluid, SANS, Stretched, Svg, WIDTH};
use super::Chart;

const LEFT: f64 = 64.0;
const RIGHT: f64 = 124.0;
const TOP: f64 = 42.0;
const BOTTOM: f64 = 252.0;
const BAR: f64 = 20.0;

/// From values to places.
struct Scale {
    log: bool,
    from: f64,
    to: f64,
    ticks: Vec<f64>,
    places: (f64, f64),
}

impl Scale {
    /// A scale for `values` whose ends are ticks. A linear one begins at 0, for a cut scale exaggerates.
    fn new(values: impl Iterator<Item = f64>, log: bool, places: (f64, f64)) -> Self {
        let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
        let ticks: Vec<f64> = if log {
            let (from, to) = (low.log10().floor() as i32, high.log10().ceil() as i32);
            (from..=to.max(from + 1)).map(|power| 10f64.powi(power)).collect()
        } else {
            let step = step(high);
            (0..=(high / step).ceil().max(1.0) as usize).map(|n| n as f64 * step).collect()
        };
        Self { log, from: ticks[0], to: ticks[ticks.len() - 1], ticks, places }
    }

    fn place(&self, value: f64) -> f64 {
        let along = if self.log {
            (value / self.from).log10() / (self.to / self.from).log10()
        } else {
            (value - self.from) / (self.to - self.from)
        };
        self.places.0 + along * (self.places.1 - self.places.0)
    }
}

/// 1, 2 or 5 times a power of ten: about five steps up to `high`.
fn step(high: f64) -> f64 {
    let rough = (high / 5.0).max(f64::MIN_POSITIVE);
    let power = 10f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|factor| factor * power).find(|step| *step >= rough).unwrap_or(rough)
}

/// Lines over the numbers of the first column.
pub(super) fn lines(chart: &Chart) -> (Svg, f64) {
    let at = chart.numbers().unwrap_or_default();
    let across = Scale::new(at.iter().copied(), chart.logx, (LEFT, WIDTH - RIGHT));
    let values = chart.rows.iter().flat_map(|row| row.values.iter().copied());
    let up = Scale::new(values, chart.log, (BOTTOM, TOP));
    let mut svg = Svg::default();
    heading(&mut svg, chart);
    for &tick in &up.ticks {
        let y = up.place(tick);
        svg.line("ch-grid", (LEFT, y), (WIDTH - RIGHT, y));
        svg.text("ch-tick end", LEFT - 10.0, y + 4.0, &number(tick));
    }
    for &tick in &across.ticks {
        svg.text("ch-tick mid", across.place(tick), BOTTOM + 20.0, &number(tick));
    }
    svg.text("dg-s mid", (LEFT + WIDTH - RIGHT) / 2.0, BOTTOM + 42.0, &chart.varied);
    let mut names = Vec::new();
    let colours = colours(chart);
    for (series, name) in chart.series.iter().enumerate() {
        let points: Vec<_> =
            at.iter().zip(&chart.rows).map(|(x, row)| (across.place(*x), up.place(row.values[series]))).collect();
        let class = colours[series];
        svg.curve(&format!("ch-line {class}"), &points);
        points.iter().for_each(|&point| svg.dot(&format!("ch-dot {class}"), point, 3.5));
        names.push((points[points.len() - 1], class, name));
    }
    name_lines(&mut svg, names);
    (svg, BOTTOM + 48.0)
}

/// Each line's name stands at its end; names that would touch move apart.
fn name_lines(svg: &mut Svg, mut names: Vec<((f64, f64), &str, &String)>) {
    names.sort_by(|a, b| a.0.1.total_cmp(&b.0.1));
    let mut free = f64::MIN;
    for ((x, y), class, name) in names {
        let y = y.max(free);
        svg.text(&format!("ch-name {class}"), x + 12.0, y + 4.5, name);
        free = y + 17.0;
    }
}

/// Bars beside the names of the first column, each with its value. They are as long as the page has room for.
pub(super) fn bars(chart: &Chart) -> (Fluid, f64) {
    let longest = chart.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    let left = longest as f64 * SANS + 14.0;
    let many = chart.series.len() > 1;
    let values = chart.rows.iter().flat_map(|row| row.values.iter().copied());
    let along = Scale::new(values, chart.log, (0.0, 1.0));
    let (mut svg, mut drawn) = (Svg::default(), Stretched::default());
    heading(&mut svg, chart);
    let bottom = TOP + chart.rows.iter().map(|row| BAR * row.values.len() as f64 + 10.0).sum::<f64>();
    for &tick in &along.ticks {
        drawn.line("ch-grid", along.place(tick), (TOP - 6.0, bottom));
        drawn.text("ch-tick mid", (along.place(tick), 0.0), bottom + 18.0, &number(tick));
    }
    let colours = colours(chart);
    let mut y = TOP;
    for row in &chart.rows {
        let middle = y + BAR * row.values.len() as f64 / 2.0;
        svg.text("end", left - 12.0, middle + 4.5, &row.name);
        for (series, &value) in row.values.iter().enumerate() {
            let end = along.place(value).max(0.005);
            drawn.bar(&format!("ch-bar {}", colours[series]), end, y + 1.5, BAR - 3.0);
            let name = if many { format!("{}  {}", number(value), chart.series[series]) } else { number(value) };
            drawn.text("ch-tick halo", (end, 8.0), y + BAR / 2.0 + 4.5, &name);
            y += BAR;
        }
        y += 10.0;
    }
    let right = if many { 96.0 } else { 24.0 };
    (Fluid { beside: svg, between: drawn, margins: (left, right) }, bottom + 22.0)
}

fn heading(svg: &mut Svg, chart: &Chart) {
    let scale = if chart.log { ", logarithmic" } else { "" };
    svg.heading(14.0, &chart.title, &format!("{}{scale}", chart.unit));
}

/// The class of each series: what has a meaning has its colour, the rest take those that are left.
fn colours(chart: &Chart) -> Vec<&'static str> {
    let meant = |name: &String| match name.to_lowercase() {
        name if name.contains("kernel") => Some("s3"),
        name if name.contains("user") || name.contains("process") => Some("s1"),
        _ => None,
    };
    let meant: Vec<_> = chart.series.iter().map(meant).collect();
    let mut free = ["s0", "s1", "s2", "s3"].into_iter().filter(|class| !meant.contains(&Some(class)));
    meant.iter().map(|class| class.unwrap_or_else(|| free.next().unwrap_or("s0"))).collect()
}

/// Three significant digits or all of a whole number, in groups of three.
fn number(value: f64) -> String {
    let size = value.max(1e-6).log10().floor() as i32;
    let text = format!("{value:.*}", (2 - size).max(0) as usize);
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let decimals = decimals.trim_end_matches('0');
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if decimals.is_empty() { grouped } else { format!("{grouped}.{decimals}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(number(1234567.0), "1,234,567");
        assert_eq!(number(0.5), "0.5");
        assert_eq!(number(0.001234), "0.00123");
        assert_eq!(number(12.34), "12.3");
        assert_eq!(number(100.0), "100");
    }

    #[test]
    fn a_series_that_means_something_has_its_colour() {
        let series =
            |names: &[&str]| Chart { series: names.iter().map(|&name| name.into()).collect(), ..Chart::default() };
        assert_eq!(colours(&series(&["User space", "in the kernel"])), ["s1", "s3"]);
        assert_eq!(colours(&series(&["poll", "kernel", "epoll"])), ["s0", "s3", "s1"]);
    }

    #[test]
    fn a_scale_ends_in_ticks() {
        let scale = Scale::new([3.0, 47.0].into_iter(), false, (0.0, 1.0));
        assert_eq!(scale.ticks, [0.0, 10.0, 20.0, 30.0, 40.0, 50.0]);
        let scale = Scale::new([0.9, 4700.0].into_iter(), true, (0.0, 1.0));
        assert_eq!(scale.ticks.len(), 6);
        assert_eq!(scale.place(10.0), 0.4);
    }
}
