//! Where everything of a sequence stands, from top to bottom.

use super::super::svg::{MONO, SANS, Svg, WIDTH, wrap};
use super::{Kind, Sequence, Step};

/// The height of an actor's box.
const HEAD: f64 = 34.0;
/// The height of a line of text.
const LINE: f64 = 16.0;
/// How far a packet sinks on its way.
const SLOPE: f64 = 20.0;

/// From one actor to the next.
pub(super) fn gap(actors: usize) -> f64 {
    match actors {
        2 => 380.0,
        n => (WIDTH - 140.0) / (n - 1) as f64,
    }
}

fn column(actor: usize, actors: usize) -> f64 {
    let width = gap(actors) * (actors - 1) as f64;
    (WIDTH - width) / 2.0 + gap(actors) * actor as f64
}

/// What stands above an arrow that crosses `span` gaps.
pub(super) fn label_lines(text: &str, span: usize, actors: usize) -> Result<Vec<String>, String> {
    let room = ((gap(actors) * span as f64 - 28.0) / MONO) as usize;
    wrap(text, room).map_err(|word| too_long(word, room))
}

pub(super) fn note_lines(text: &str, actors: usize) -> Result<Vec<String>, String> {
    let room = ((gap(actors) - 36.0).min(230.0) / SANS) as usize;
    wrap(text, room).map_err(|word| too_long(word, room))
}

fn too_long(word: &str, room: usize) -> String {
    format!("`{word}` is too long for its place, which has room for {room} characters")
}

/// The figure and its height.
pub(super) fn draw(sequence: &Sequence) -> (Svg, f64) {
    let actors = sequence.actors.len();
    let mut drawing = Drawing {
        columns: (0..actors).map(|actor| column(actor, actors)).collect(),
        classes: sequence.actors.iter().map(|actor| actor.class).collect(),
        asleep: vec![None; actors],
        below: Svg::default(),
        above: Svg::default(),
        y: HEAD + 8.0,
    };
    sequence.steps.iter().for_each(|step| drawing.step(step));
    drawing.y += 20.0;
    (0..actors).for_each(|actor| drawing.wake(actor));
    let height = drawing.y;
    let mut svg = Svg::default();
    for (actor, &x) in sequence.actors.iter().zip(&drawing.columns) {
        let width = (actor.name.chars().count() as f64 * (SANS + 0.6) + 32.0).max(96.0);
        svg.line("dg-life", (x, HEAD), (x, height));
        svg.rect(&format!("dg-box {}", actor.class), x - width / 2.0, 0.5, width, HEAD - 1.0);
        svg.text("dg-h mid", x, HEAD / 2.0 + 4.5, &actor.name);
    }
    svg.add(drawing.below);
    svg.add(drawing.above);
    (svg, height)
}

/// A figure that grows downwards.
struct Drawing {
    columns: Vec<f64>,
    /// The class that colours each actor.
    classes: Vec<&'static str>,
    /// Since when each actor sleeps.
    asleep: Vec<Option<f64>>,
    below: Svg,
    above: Svg,
    y: f64,
}

impl Drawing {
    fn step(&mut self, step: &Step) {
        match step {
            Step::Message { from, to, kind, lines } => self.message(*from, *to, *kind, lines),
            Step::Note { at, lines } => self.note(*at, lines),
            Step::Sleep(who) => {
                self.asleep[*who].get_or_insert(self.y + 5.0);
            }
            Step::Wake(who) => self.wake(*who),
            Step::Pause(text) => self.pause(text),
        }
    }

    fn message(&mut self, from: usize, to: usize, kind: Kind, lines: &[String]) {
        let toward = if to > from { 1.0 } else { -1.0 };
        let edge = |actor: usize| if self.asleep[actor].is_some() { 9.0 } else { 3.0 };
        let (x1, x2) = (self.columns[from] + toward * edge(from), self.columns[to] - toward * edge(to));
        let class = match kind {
            Kind::Call => "",
            Kind::Return => "ret",
            Kind::Packet => "pkt",
        };
        self.y += 10.0;
        for line in lines {
            self.y += LINE;
            self.above.text("dg-m mid halo", (x1 + x2) / 2.0, self.y, line);
        }
        self.y += 9.0;
        let fall = if kind == Kind::Packet { SLOPE } else { 0.0 };
        self.above.arrow(class, (x1, self.y), (x2, self.y + fall));
        self.y += fall;
    }

    fn note(&mut self, at: usize, lines: &[String]) {
        let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
        let (width, height) = (longest as f64 * SANS + 26.0, lines.len() as f64 * LINE + 10.0);
        let x = self.columns[at].clamp(width / 2.0 + 0.5, WIDTH - width / 2.0 - 0.5);
        self.y += 12.0;
        let class = self.classes[at];
        self.above.rect(&format!("dg-note {class}"), x - width / 2.0, self.y, width, height);
        for (number, line) in lines.iter().enumerate() {
            self.above.text("dg-s mid", x, self.y + 17.0 + number as f64 * LINE, line);
        }
        self.y += height;
    }

    fn wake(&mut self, who: usize) {
        if let Some(since) = self.asleep[who].take() {
            let until = (self.y + 4.0).max(since + 12.0);
            let x = self.columns[who];
            self.below.rect("dg-asleep", x - 7.0, since, 14.0, until - since);
            if until - since > 52.0 {
                self.below.upright("dg-zz", x + 3.5, (since + until) / 2.0, "asleep");
            }
        }
    }

    /// Time that is not drawn to scale.
    fn pause(&mut self, text: &str) {
        self.y += 14.0;
        for (x, asleep) in self.columns.iter().zip(&self.asleep) {
            if asleep.is_none() {
                self.below.line("dg-pause", (*x, self.y), (*x, self.y + 24.0));
            }
        }
        self.above.text("dg-s mid halo", WIDTH / 2.0, self.y + 16.0, text);
        self.y += 24.0;
    }
}
