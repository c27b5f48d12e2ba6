//! To prove: everybody in the room hears what the others say, each line once and whole, and knows who is here.
//!
//! The tests go from easy to nasty. Each starts an engine with your room, and people who talk to it over TCP.

#[cfg_attr(feature = "solutions", path = "../../solutions/10_chat.rs")]
#[cfg_attr(not(feature = "solutions"), path = "../src/10_chat.rs")]
#[allow(clippy::todo, missing_docs, unreachable_pub, unused, reason = "it may be a beginning")]
mod answer;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;

use answer::Room;
use quickcheck::{Gen, QuickCheck};
use reactor::{ClientId, Clients, Disconnect, Engine, Handle, Handler};
use testkit::{Chapter, Evidence, Mistake, Task, Way, check, fail, panics, step};

const NOT_ASKED: Mistake = Mistake::new("who connects is not asked for a name", Chapter::Engine);
const NOT_LISTED: Mistake = Mistake::new("who comes is not told who is here", Chapter::Engine);
const ARRIVAL_UNTOLD: Mistake = Mistake::new("the others are not told who comes", Chapter::Engine);
const NO_ARRIVAL: Mistake = Mistake::new("who comes is told what the others are told", Chapter::Engine);
const LEAVING_UNTOLD: Mistake = Mistake::new("on_disconnected does not tell the others", Chapter::Engine);
const GHOST: Mistake = Mistake::new("who has left is still listed", Chapter::Engine);
const NAME_KEPT: Mistake = Mistake::new("the name of who has left stays taken", Chapter::Engine);
const NAME_TWICE: Mistake = Mistake::new("two people have one name", Chapter::Engine);
const NAME_REFUSED: Mistake = Mistake::new("a name that was refused is used", Chapter::Engine);
const NAMELESS: Mistake = Mistake::new("who has no name is in the room", Chapter::Engine);
const NAMELESS_LEAVES: Mistake = Mistake::new("somebody leaves who was never here", Chapter::Engine);
const UNTOLD: Mistake = Mistake::new("the others do not hear what is said", Chapter::Engine);
const ECHO_ONLY: Mistake = Mistake::new("a line is told to its sender only", Chapter::Engine);
const ECHO: Mistake = Mistake::new("a line is told to its sender too", Chapter::Engine);
const TWICE: Mistake = Mistake::new("a line is told twice", Chapter::Engine);
const NAME_LOST: Mistake = Mistake::new("a line does not say whose it is", Chapter::Engine);
const WRONG_NAME: Mistake = Mistake::new("a line is told under another's name", Chapter::Engine);
const ORDER: Mistake = Mistake::new("the names are not in the order of arrival", Chapter::Engine);
const NO_LINE_END: Mistake = Mistake::new("a line has no end", Chapter::Framing);
const EMPTY_LINE: Mistake = Mistake::new("a line ends twice", Chapter::Framing);
const WHISPER_TOLD: Mistake = Mistake::new("a whisper is told to all", Chapter::Engine);
const WHISPER_LOST: Mistake = Mistake::new("a whisper does not arrive", Chapter::Engine);
const WHISPER_EMPTY: Mistake = Mistake::new("a whisper without a text is not answered", Chapter::Engine);
const STALE: Mistake = Mistake::new("a whisper goes to a stale id", Chapter::Engine);
const CLOSES: Mistake = Mistake::new("a client is disconnected that should stay", Chapter::Engine);
const NOT_UTF8: Mistake = Mistake::new("bytes that are not UTF-8 make it panic", Chapter::HostileClients);
const NO_TEXT: Mistake = Mistake::new("a whisper without a text makes it panic", Chapter::HostileClients);
const ASKED_AGAIN: Mistake = Mistake::new("who is here is asked for a name", Chapter::Engine);
const NAME_SPOKEN: Mistake = Mistake::new("a name is told as if it had been said", Chapter::Engine);
const NAMELESS_ASKED: Mistake = Mistake::new("who is refused a name is asked once more", Chapter::Engine);
const CRLF: Mistake = Mistake::new("a line ends in CR and LF", Chapter::Framing);
const SEPARATORS: Mistake = Mistake::new("the names are not separated by commas and blanks", Chapter::Engine);
const BLANKS: Mistake = Mistake::new("blanks of a line get lost", Chapter::Engine);
const AT_LOST: Mistake = Mistake::new("an @ within a text gets lost", Chapter::Engine);
const AT_ANYWHERE: Mistake = Mistake::new("an @ within a line is taken for a whisper", Chapter::Engine);
const NAME_BEGINS: Mistake = Mistake::new("a name is found by its beginning", Chapter::Engine);
const NAME_CASE: Mistake = Mistake::new("names that differ in case are taken for one", Chapter::Engine);
const NAMELESS_WHISPERS: Mistake = Mistake::new("who has no name yet can whisper", Chapter::Engine);
const WHISPER_ECHO: Mistake = Mistake::new("a whisper is told to its sender too", Chapter::Engine);
const EMPTY_UNTOLD: Mistake = Mistake::new("an empty line is not told", Chapter::Engine);
const NOT_UTF8_UNTOLD: Mistake = Mistake::new("a line that is not UTF-8 is not told", Chapter::Engine);
const CONNECTED_PANICS: Mistake = Mistake::new("who connects makes it panic", Chapter::Engine);
const NAME_PANICS: Mistake = Mistake::new("who says a name makes it panic", Chapter::Engine);
const LINE_PANICS: Mistake = Mistake::new("a line makes it panic", Chapter::Engine);
const SILENT_PANICS: Mistake = Mistake::new("who leaves without a name makes it panic", Chapter::Engine);
const LEAVING_PANICS: Mistake = Mistake::new("who leaves makes it panic", Chapter::Engine);
const OTHER: Mistake = Mistake::new("a line has other words", Chapter::Engine);

#[test]
fn who_connects_is_asked_for_a_name() {
    Task::new().explain(explain).run(|| {
        let room = &open();
        room.connect("ann");
    });
}

#[test]
fn who_says_a_name_hears_who_is_here() {
    Task::new().explain(explain).run(|| {
        let room = &open();
        room.enter("ann", &mut []);
    });
}

#[test]
fn the_others_hear_who_comes() {
    Task::new().explain(explain).run(|| {
        let room = &open();
        let mut ann = room.enter("ann", &mut []);
        let mut bob = room.enter("bob", &mut [&mut ann]);
        let _cat = room.enter("cat", &mut [&mut ann, &mut bob]);
    });
}

#[test]
fn the_others_hear_what_is_said() {
    Task::new().explain(explain).run(|| {
        let room = &open();
        let mut ann = room.enter("ann", &mut []);
        let mut bob = room.enter("bob", &mut [&mut ann]);
        let mut cat = room.enter("cat", &mut [&mut ann, &mut bob]);

        ann.says("hello", &mut [&mut bob, &mut cat]);
        bob.says("hello yourself", &mut [&mut ann, &mut cat]);
        cat.says("", &mut [&mut ann, &mut bob]);
        cat.says("ann", &mut [&mut ann, &mut bob]);
        ann.says("who are you?", &mut [&mut bob, &mut cat]);
        ann.says("  two  blanks ", &mut [&mut bob, &mut cat]);
        testkit::fact("an @ within", 1);
        ann.says("mail cat@home", &mut [&mut bob, &mut cat]);
    });
}

#[test]
fn two_lines_in_one_packet_are_two_lines() {
    Task::new().explain(explain).run(|| {
        let room = &open();
        let mut ann = room.enter("ann", &mut []);
        let mut bob = room.enter("bob", &mut [&mut ann]);

        ann.sends(b"one\ntwo\nthr");
        bob.hears("ann: one");
        bob.hears("ann: two");
        ann.sends(b"ee\n");
        bob.hears("ann: three");
        bob.says("four", &mut [&mut ann]);
    });
}

#[test]
fn who_has_no_name_is_not_here() {
    Task::new().explain(explain).run(|| {
        let room = &open();
        let mut ann = room.enter("ann", &mut []);
        let mut bob = room.enter("bob", &mut [&mut ann]);
        let dan = room.connect("dan");

        ann.says("hello", &mut [&mut bob]);
        dan.leaves(room, &mut []);
        let dan = room.connect("dan");
        bob.says("hello", &mut [&mut ann]);
        let mut dan = dan.says_a_name("ann, bob, dan", &mut [&mut ann, &mut bob]);

        let mut other = room.connect("somebody");
        testkit::fact("a name with @", 1);
        other.name = "@bob hello".into();
        other.says_a_name("ann, bob, dan, @bob hello", &mut [&mut ann, &mut bob, &mut dan]);
    });
}

#[test]
fn the_others_hear_who_leaves() {
    Task::new().explain(explain).run(|| {
        let room = &open();
        let mut ann = room.enter("ann", &mut []);
        let mut bob = room.enter("bob", &mut [&mut ann]);
        let mut cat = room.enter("cat", &mut [&mut ann, &mut bob]);

        bob.leaves(room, &mut [&mut ann, &mut cat]);
        let mut eve = room.connect("eve").says_a_name("ann, cat, eve", &mut [&mut ann, &mut cat]);
        eve.says("hello", &mut [&mut ann, &mut cat]);
        ann.leaves(room, &mut [&mut cat, &mut eve]);
        cat.says("hello", &mut [&mut eve]);
    });
}

#[test]
fn a_name_is_one_persons() {
    Task::new().explain(explain).run(|| {
        let room = &open();
        let mut ann = room.enter("ann", &mut []);
        let mut bob = room.enter("bob", &mut [&mut ann]);
        let mut other = room.connect("another ann");

        other.sends(b"ann\n");
        other.hears("ann is taken");
        bob.says("hello", &mut [&mut ann]);
        other.name = "eve".into();
        let mut eve = other.says_a_name("ann, bob, eve", &mut [&mut ann, &mut bob]);
        eve.says("hello", &mut [&mut ann, &mut bob]);

        ann.leaves(room, &mut [&mut bob, &mut eve]);
        let mut ann = room.connect("ann").says_a_name("bob, eve, ann", &mut [&mut bob, &mut eve]);
        let others = &mut [&mut bob, &mut eve, &mut ann];
        room.connect("Ann").says_a_name("bob, eve, ann, Ann", others);
    });
}

#[test]
fn a_whisper_is_heard_by_one() {
    Task::new().explain(explain).run(|| {
        let room = &open();
        let mut ann = room.enter("ann", &mut []);
        let mut bob = room.enter("bob", &mut [&mut ann]);
        let mut cat = room.enter("cat", &mut [&mut ann, &mut bob]);

        ann.sends(b"@bob not a word to cat\n");
        bob.hears("ann whispers: not a word to cat");
        ann.says("hello", &mut [&mut bob, &mut cat]);
        bob.says("hello", &mut [&mut ann, &mut cat]);
        ann.sends(b"@ann note to self\n");
        ann.hears("ann whispers: note to self");
        ann.sends(b"@bob mail  cat@home\n");
        bob.hears("ann whispers: mail  cat@home");
    });
}

#[test]
fn a_whisper_to_nobody_is_answered() {
    Task::new().explain(explain).run(|| {
        let room = &open();
        let mut ann = room.enter("ann", &mut []);
        let bob = room.enter("bob", &mut [&mut ann]);

        ann.sends(b"@dan hello\n");
        ann.hears("dan is not here");
        testkit::fact("a longer name", 1);
        ann.sends(b"@bobby hello\n");
        ann.hears("bobby is not here");
        testkit::fact("a longer name", 0);
        bob.leaves(room, &mut [&mut ann]);
        ann.sends(b"@bob hello\n");
        ann.hears("bob is not here");
    });
}

#[test]
fn a_line_may_hold_any_bytes() {
    Task::new().explain(explain).run(|| {
        let room = &open();
        let mut ann = room.enter("ann", &mut []);
        let mut bob = room.enter("bob", &mut [&mut ann]);

        ann.sends(b"caf\xe9\n");
        let heard = bob.next_line("the line of ann that is not UTF-8");
        check!(heard.starts_with("ann: caf"), OTHER, "ann said caf\\xe9, bob heard {heard:?}");
        testkit::fact("without a text", 1);
        ann.sends(b"@\n");
        ann.hears(" is not here");
        ann.sends(b"@dan\n");
        ann.hears("dan is not here");
        ann.sends(b"@bob\n");
        bob.hears("ann whispers: ");
    });
}

#[test]
fn whatever_they_do_they_know_who_is_here() {
    fn property(doings: Vec<u8>) {
        let room = &open();
        let mut ann = room.enter("ann", &mut []);
        let mut people: Vec<Person> = Vec::new();
        for (turn, doing) in doings.iter().enumerate() {
            let who = usize::from(*doing) / 4 % people.len().max(1);
            match doing % 4 {
                0 if !people.is_empty() => {
                    let gone = people.remove(who);
                    gone.leaves(room, &mut with(&mut ann, &mut people));
                }
                1 if !people.is_empty() => {
                    let mut speaker = people.remove(who);
                    speaker.says(&format!("line {turn}"), &mut with(&mut ann, &mut people));
                    people.insert(who, speaker);
                }
                // With nobody to hear it, nobody would know when it has been said.
                2 if !people.is_empty() => {
                    ann.says(&format!("line {turn}"), &mut people.iter_mut().collect::<Vec<_>>())
                }
                _ => {
                    let name = format!("p{turn}");
                    let names: String = people.iter().map(|person| format!("{}, ", person.name)).collect();
                    let newcomer = room.connect(&name);
                    let listed = format!("ann, {names}{name}");
                    let newcomer = newcomer.says_a_name(&listed, &mut with(&mut ann, &mut people));
                    people.push(newcomer);
                }
            }
        }
    }
    let mut small = QuickCheck::new().rng(Gen::new(12)).tests(40);
    Task::new().explain(explain).run(|| testkit::property(|| small.quickcheck(property as fn(Vec<u8>))));
}

fn with<'a>(ann: &'a mut Person, people: &'a mut [Person]) -> Vec<&'a mut Person> {
    std::iter::once(ann).chain(people).collect()
}

/// An engine that runs your room, as those see it who connect.
struct Door {
    address: SocketAddr,
    handle: Handle,
    connected: Cell<u64>,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.handle.stop();
    }
}

fn open() -> Door {
    testkit::panic_means(|_| Some(DOING.get()));
    let watched = Watched { room: Room::default(), lines: BTreeMap::new() };
    let engine = Engine::bind("127.0.0.1:0", watched).expect("loopback has a free port");
    let address = engine.local_addr().expect("it listens");
    let door = Door { address, handle: engine.handle(), connected: Cell::new(0) };
    testkit::yours(move || engine.run().map(drop));
    door
}

/// Your room, watched when it is given what nobody expects.
struct Watched {
    room: Room,
    /// How many each client has sent.
    lines: BTreeMap<ClientId, usize>,
}

thread_local! {
    /// What a panic means now.
    static DOING: Cell<Mistake> = const { Cell::new(CONNECTED_PANICS) };
}

impl Handler for Watched {
    type Framing = <Room as Handler>::Framing;

    fn framing(&mut self) -> Self::Framing {
        self.room.framing()
    }

    fn on_connected(&mut self, clients: &mut Clients, id: ClientId) {
        DOING.set(CONNECTED_PANICS);
        self.lines.insert(id, 0);
        self.room.on_connected(clients, id);
    }

    fn on_message(&mut self, clients: &mut Clients, from: ClientId, line: &[u8]) {
        let lines = self.lines.entry(from).or_default();
        *lines += 1;
        DOING.set(if *lines == 1 { NAME_PANICS } else { LINE_PANICS });
        let mistake = match str::from_utf8(line) {
            Err(_) => NOT_UTF8,
            Ok(text) if text.starts_with('@') && !text.contains(' ') => NO_TEXT,
            Ok(_) => return self.room.on_message(clients, from, line),
        };
        let panicked = panics(|| self.room.on_message(clients, from, line));
        check!(!panicked, mistake, "on_message was given \"{}\", and panicked", line.escape_ascii());
    }

    fn on_half_closed(&mut self, clients: &mut Clients, id: ClientId) {
        self.room.on_half_closed(clients, id);
    }

    fn on_disconnected(&mut self, clients: &mut Clients, id: ClientId, why: Disconnect) {
        DOING.set(if self.lines.remove(&id) == Some(0) { SILENT_PANICS } else { LEAVING_PANICS });
        self.room.on_disconnected(clients, id, why);
    }
}

/// Somebody who has connected.
struct Person {
    name: String,
    socket: TcpStream,
    got: Vec<u8>,
    /// What they said last, and the last line that they heard.
    said: String,
    heard: String,
}

impl Door {
    /// Somebody connects, and is asked for a name.
    fn connect(&self, name: &str) -> Person {
        let socket = TcpStream::connect(self.address).expect("the engine listens");
        testkit::label(&socket, format!("{name}'s socket"));
        let mut person =
            Person { name: name.into(), socket, got: Vec::new(), said: String::new(), heard: String::new() };
        self.connected.update(|count| count + 1);
        person.hears("who are you?");
        person
    }

    /// Somebody connects and says a name. The others, all who are here, hear of it.
    fn enter(&self, name: &str, others: &mut [&mut Person]) -> Person {
        let names: String = others.iter().map(|person| format!("{}, ", person.name)).collect();
        self.connect(name).says_a_name(&format!("{names}{name}"), others)
    }

    /// Waits until the engine has told the room of somebody who has left.
    fn misses_one(&self) {
        self.connected.update(|count| count - 1);
        step(format!("the test waits until {} clients are connected", self.connected.get()));
        while self.handle.stats().clients != self.connected.get() {
            thread::yield_now();
        }
    }
}

impl Person {
    fn says_a_name(mut self, listed: &str, others: &mut [&mut Person]) -> Person {
        self.sends(format!("{}\n", self.name).as_bytes());
        self.hears(&format!("here: {listed}"));
        for other in others {
            other.hears(&format!("{} is here", self.name));
        }
        self
    }

    fn says(&mut self, line: &str, others: &mut [&mut Person]) {
        self.sends(format!("{line}\n").as_bytes());
        self.said = format!("{}: {line}", self.name);
        for other in others {
            other.hears(&self.said);
        }
    }

    fn leaves(self, room: &Door, others: &mut [&mut Person]) {
        step(format!("{} disconnects", self.name));
        self.socket.shutdown(Shutdown::Both).expect("it is connected");
        for other in others {
            other.hears(&format!("{} has left", self.name));
        }
        room.misses_one();
    }

    fn sends(&mut self, bytes: &[u8]) {
        step(format!("{} sends \"{}\"", self.name, bytes.escape_ascii()));
        let sent = self.socket.write_all(bytes);
        check!(sent.is_ok(), CLOSES, "{} sends \"{}\", and is not connected any more", self.name, bytes.escape_ascii());
    }

    /// Waits for a line, without its end. If none comes, [`explain`] finds out why.
    fn next_line(&mut self, what: &str) -> String {
        loop {
            let got = self.got.escape_ascii();
            step(format!("{} waits for {what} and the end of that line, and has got \"{got}\"", self.name));
            if let Some(end) = self.got.iter().position(|byte| *byte == b'\n') {
                let line = self.got.drain(..=end).collect::<Vec<_>>();
                return String::from_utf8_lossy(&line[..end]).into_owned();
            }
            let mut buffer = [0; 1024];
            match self.socket.read(&mut buffer) {
                Ok(count @ 1..) => self.got.extend_from_slice(&buffer[..count]),
                ended => fail(CLOSES, format_args!("{} waits for {what}, and read says {ended:?}", self.name)),
            }
        }
    }

    #[track_caller]
    fn hears(&mut self, expected: &str) {
        let heard = self.next_line(&format!("\"{expected}\""));
        let seen = format!("{} was to hear {expected:?}, and heard {heard:?}", self.name);
        check!(heard == expected, self.mistake(expected, &heard), "{seen}");
        self.heard = heard;
    }

    /// What is wrong, if somebody hears this line in place of the one that is expected?
    fn mistake(&self, expected: &str, heard: &str) -> Mistake {
        let own = format!("{}: ", self.name);
        let asked = expected == "who are you?";
        let listed = expected.strip_prefix("here: ").zip(heard.strip_prefix("here: "));
        let close = |text: &str| text.replace([' ', ','], "");
        match heard {
            _ if heard.strip_suffix('\r') == Some(expected) => CRLF,
            _ if listed.is_some() && heard != expected && close(heard) == close(expected) => SEPARATORS,
            _ if heard.starts_with(expected) => NO_LINE_END,
            "" => EMPTY_LINE,
            _ if asked => OTHER,
            "who are you?" if self.heard.ends_with(" is taken") => NAMELESS_ASKED,
            "who are you?" => ASKED_AGAIN,
            _ if heard == self.heard && !heard.is_empty() => TWICE,
            _ if heard == self.said || heard.starts_with(&own) => ECHO,
            _ if heard == format!("{} is here", self.name) => NO_ARRIVAL,
            _ if heard.starts_with(&format!("{} whispers: ", self.name)) => WHISPER_ECHO,
            _ if heard.contains(" whispers: ") && !expected.contains(" whispers: ") => WHISPER_TOLD,
            _ if expected.ends_with(" is taken") => NAME_TWICE,
            _ if heard.ends_with(" is taken")
                && expected.to_lowercase().matches(&self.name.to_lowercase()).count() > 1 =>
            {
                NAME_CASE
            }
            _ if heard.ends_with(" is taken") => NAME_KEPT,
            _ if heard.ends_with(" has left") => NAMELESS_LEAVES,
            _ if listed.is_some_and(|(expected, heard)| sorted(expected) == sorted(heard)) => ORDER,
            _ if listed.is_some_and(|(expected, heard)| sorted(expected).len() < sorted(heard).len()) => GHOST,
            _ if listed.is_some() => NOT_LISTED,
            _ if self.heard.ends_with(" is taken") => NAME_REFUSED,
            _ if self.name.starts_with('@') && heard.ends_with(" is not here") => NAMELESS_WHISPERS,
            _ if expected.starts_with("here: ") && heard.contains(": ") => NAMELESS,
            _ if expected.starts_with("here: ") => NOT_LISTED,
            _ => self.mistake_in_words(expected, heard),
        }
    }

    fn mistake_in_words(&self, expected: &str, heard: &str) -> Mistake {
        let Some((_, said)) = expected.split_once(": ") else {
            return if expected.ends_with(" is here") { ARRIVAL_UNTOLD } else { OTHER };
        };
        match heard.split_once(": ") {
            _ if heard.split_whitespace().eq(expected.split_whitespace()) => BLANKS,
            _ if *heard == expected.replace('@', "") => AT_LOST,
            Some((_, text)) if text == said && !expected.contains(" whispers: ") => WRONG_NAME,
            _ if heard == said => NAME_LOST,
            _ => OTHER,
        }
    }
}

fn sorted(names: &str) -> Vec<&str> {
    let mut names: Vec<_> = names.split(", ").collect();
    names.sort_unstable();
    names
}

/// Somebody waits for a line, and nothing can happen any more. What is it that was not told?
fn explain(evidence: &Evidence) -> Option<(Mistake, String)> {
    let step = evidence.step.as_deref().filter(|_| evidence.way != Way::Unfinished)?;
    let (who, rest) = step.split_once(" waits for ")?;
    let (expected, got) = rest.rsplit_once(" and the end of that line, and has got ")?;
    let expected = expected.trim_matches('"');
    if got != "\"\"" {
        return Some((NO_LINE_END, format!("{who} has got {got}, and waits for the \\n at its end.")));
    }
    let speaker = expected.split([':', ' ']).next().unwrap_or_default();
    let label = format!("{speaker}'s socket");
    let unread = |label: &str| {
        let fds = evidence.fds.iter().filter(|fd| fd.label.as_deref() == Some(label));
        fds.filter_map(|fd| fd.tcp()).map(|tcp| tcp.unread).sum::<u64>()
    };
    let mistake = match expected {
        "who are you?" => NOT_ASKED,
        _ if evidence.fact("an @ within") == Some(1) => AT_ANYWHERE,
        _ if evidence.fact("a longer name") == Some(1) => NAME_BEGINS,
        _ if evidence.fact("a name with @") == Some(1) => NAMELESS_WHISPERS,
        "the line of ann that is not UTF-8" => NOT_UTF8_UNTOLD,
        _ if expected.starts_with("here: ") => {
            let arrival = format!("{} is here\n", expected.rsplit(' ').next().unwrap_or_default()).len() as u64;
            let told = evidence.fds.iter().filter(|fd| fd.is_the_tests()).filter_map(|fd| fd.tcp());
            let spoken = told.map(|tcp| tcp.unread).any(|unread| unread > 0 && unread != arrival);
            if spoken { NAME_SPOKEN } else { NOT_LISTED }
        }
        _ if expected.ends_with(" is here") => ARRIVAL_UNTOLD,
        _ if expected.ends_with(" has left") => LEAVING_UNTOLD,
        _ if expected.ends_with(" is taken") => NAME_TWICE,
        _ if evidence.fact("without a text") == Some(1) => WHISPER_EMPTY,
        _ if expected.ends_with(" is not here") => STALE,
        _ if expected.contains(" whispers: ") => WHISPER_LOST,
        _ if unread(&label) > 0 => ECHO_ONLY,
        _ if expected.ends_with(": ") => EMPTY_UNTOLD,
        _ => UNTOLD,
    };
    let mut seen = format!("{who} waits for \"{expected}\", and nothing comes.");
    if mistake == ECHO_ONLY {
        seen += &format!(" {} bytes wait in {label}.", unread(&label));
    }
    Some((mistake, seen))
}
