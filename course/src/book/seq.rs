//! Who calls whom, and who sleeps meanwhile: a figure of time that runs downwards.

mod draw;

use super::markdown::Flaw;
use super::text::{Info, inline};

/// A figure, as it is written:
/// ````text
/// ```seq client kernel server
/// caption: What to see in it.
/// server -> kernel: epoll_wait(ep)
/// sleep server
/// ... 40 ms
/// client ~> kernel: 1 segment
/// note kernel: ready list: 9
/// wake server
/// kernel --> server: [9: EPOLLIN]
/// ```
/// ````
/// `->` calls, `-->` returns, `~>` is a packet on its way, `...` lets time pass. Whoever sleeps and is not woken sleeps
/// to the end. `kernel` has the kernel's colour, all others the process's; `name:kernel` and `name:other` choose.
#[derive(Debug, Default)]
struct Sequence {
    actors: Vec<Actor>,
    caption: String,
    steps: Vec<Step>,
}

#[derive(Debug)]
struct Actor {
    name: String,
    /// The class that colours it.
    class: &'static str,
}

#[derive(Debug)]
enum Step {
    Message { from: usize, to: usize, kind: Kind, lines: Vec<String> },
    Note { at: usize, lines: Vec<String> },
    Sleep(usize),
    Wake(usize),
    Pause(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Call,
    Return,
    Packet,
}

/// The longest first: `-->` holds a `->`.
const ARROWS: [(&str, Kind); 3] = [(" --> ", Kind::Return), (" ~> ", Kind::Packet), (" -> ", Kind::Call)];

pub(crate) fn render(info: &Info, body: &str) -> Result<String, Flaw> {
    info.allow(&[])?;
    let mut sequence = Sequence { actors: actors(&info.words[1..])?, ..Sequence::default() };
    for (number, line) in body.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        sequence.line(line.trim()).map_err(|what| Flaw(number + 1, what))?;
    }
    if sequence.caption.is_empty() {
        return Err("the figure needs a line `caption: what to see`".to_owned().into());
    }
    let (svg, height) = draw::draw(&sequence);
    Ok(svg.figure("seq", height, &sequence.told(), &inline(&sequence.caption)))
}

fn actors(words: &[String]) -> Result<Vec<Actor>, String> {
    if !(2..=5).contains(&words.len()) {
        return Err("a figure has two to five actors: ```seq client kernel server".into());
    }
    let actor = |word: &String| {
        let (name, class) = match word.rsplit_once(':') {
            Some((name, "kernel")) => (name, "k"),
            Some((name, "other")) => (name, "o"),
            _ if word == "kernel" => ("kernel", "k"),
            _ => (word.as_str(), "u"),
        };
        let room = (draw::gap(words.len()) - 28.0) / super::svg::SANS;
        if name.chars().count() as f64 > room {
            return Err(format!("the name `{name}` is too long beside {} others", words.len() - 1));
        }
        Ok(Actor { name: name.into(), class })
    };
    words.iter().map(actor).collect()
}

impl Sequence {
    fn line(&mut self, line: &str) -> Result<(), String> {
        if let Some(caption) = line.strip_prefix("caption:") {
            self.caption = caption.trim().into();
        } else if let Some(text) = line.strip_prefix("...") {
            self.steps.push(Step::Pause(text.trim().into()));
        } else if let Some(who) = line.strip_prefix("sleep ") {
            self.steps.push(Step::Sleep(self.actor(who)?));
        } else if let Some(who) = line.strip_prefix("wake ") {
            self.steps.push(Step::Wake(self.actor(who)?));
        } else if let Some(note) = line.strip_prefix("note ") {
            let (who, text) = note.split_once(": ").ok_or("a note is written `note actor: text`")?;
            let lines = draw::note_lines(text, self.actors.len())?;
            self.steps.push(Step::Note { at: self.actor(who)?, lines });
        } else {
            let message = self.message(line)?;
            self.steps.push(message);
        }
        Ok(())
    }

    fn message(&self, line: &str) -> Result<Step, String> {
        let found = ARROWS.iter().filter_map(|&(arrow, kind)| line.find(arrow).map(|at| (at, arrow, kind)));
        let Some((at, arrow, kind)) = found.min_by_key(|&(at, ..)| at) else {
            return Err(format!(
                "`{line}` is no step: write `a -> b: text`, `a --> b: text`, `a ~> b: text`, \
                 `note a: text`, `sleep a`, `wake a`, `... text` or `caption: text`"
            ));
        };
        let rest = &line[at + arrow.len()..];
        let (to, text) = rest.split_once(':').unwrap_or((rest, ""));
        let (from, to) = (self.actor(&line[..at])?, self.actor(to)?);
        if from == to {
            return Err("an arrow needs two actors; write a note for what one does alone".into());
        }
        let lines = draw::label_lines(text, from.abs_diff(to), self.actors.len())?;
        Ok(Step::Message { from, to, kind, lines })
    }

    fn actor(&self, name: &str) -> Result<usize, String> {
        let names = || self.actors.iter().map(|actor| actor.name.as_str()).collect::<Vec<_>>().join(", ");
        let found = self.actors.iter().position(|actor| actor.name == name.trim());
        found.ok_or_else(|| format!("`{}` is no actor of this figure; there is {}", name.trim(), names()))
    }

    /// The figure in words.
    fn told(&self) -> String {
        let name = |actor: &usize| self.actors[*actor].name.as_str();
        let step = |step: &Step| match step {
            Step::Message { from, to, lines, .. } => format!("{} to {}: {}.", name(from), name(to), lines.join(" ")),
            Step::Note { at, lines } => format!("{}: {}.", name(at), lines.join(" ")),
            Step::Sleep(who) => format!("{} sleeps.", name(who)),
            Step::Wake(who) => format!("{} wakes.", name(who)),
            Step::Pause(text) => format!("Time passes: {text}."),
        };
        self.steps.iter().map(step).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    const STEPS: &str = "\
caption: Read `it` **downwards**.
server -> kernel: epoll_wait(ep)
sleep server
... 40 ms
client ~> kernel: 1 <segment>
note kernel: ready list: 9
wake server
kernel --> server: [9: EPOLLIN]
";

    fn render(info: &str, body: &str) -> Result<String, Flaw> {
        super::render(&Info::parse(info).unwrap(), body)
    }

    #[test]
    fn the_steps_are_drawn_and_told() {
        let html = render("seq client kernel server", STEPS).unwrap();
        assert_eq!(html.lines().count(), 1);
        assert!(html.contains("1 &lt;segment&gt;</text>"), "{html}");
        assert!(html.contains("Read <code>it</code> <strong>downwards</strong>.</figcaption>"), "{html}");
        assert!(html.contains("aria-label=\"server to kernel: epoll_wait(ep). server sleeps. Time passes: 40 ms."));
        assert_eq!(html.matches("class=\"dg-asleep\"").count(), 1);
        assert_eq!(html.matches("dg-head").count(), 3);
    }

    #[test]
    fn whoever_is_not_woken_sleeps_to_the_end() {
        let html = render("seq a b", "caption: c\na -> b: read\nsleep a\nb --> a: 1\n").unwrap();
        assert_eq!(html.matches("class=\"dg-asleep\"").count(), 1);
    }

    #[test]
    fn a_slip_is_reported_with_its_line() {
        let wrong = |body| render("seq a b", body).unwrap_err();
        assert_eq!(wrong("caption: x\n\na -> c: y\n"), Flaw(3, "`c` is no actor of this figure; there is a, b".into()));
        assert_eq!(wrong("caption: x\na -> a: y\n").0, 2);
        assert!(wrong("a => b\n").1.starts_with("`a => b` is no step"));
        assert_eq!(wrong("a -> b: y\n"), Flaw(0, "the figure needs a line `caption: what to see`".into()));
        assert!(wrong(&format!("a -> b: {}\n", "x".repeat(90))).1.contains("too long"));
        assert!(render("seq a", "").unwrap_err().1.starts_with("a figure has two to five actors"));
    }
}
