//! To prove: every byte of every client is read, in its order, though the kernel tells of each change once; and no client
//! is read from so long that another has to wait.
//!
//! The tests call `turn` one after the other and look at what happened. A turn that sleeps while there is something to do
//! sleeps for ever, and the watch-dog says why.

#[cfg_attr(feature = "solutions", path = "../../solutions/03_drain.rs")]
#[cfg_attr(not(feature = "solutions"), path = "../src/03_drain.rs")]
#[allow(clippy::ptr_arg, clippy::todo, missing_docs, unreachable_pub, unused, reason = "it may be a beginning")]
mod answer;

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use answer::{Happened, Server};
use quickcheck::QuickCheck;
use reactor::Token;
use testkit::diagnosis::{END_TAKEN_FOR_NOTHING, RESET_FATAL};
use testkit::{Chapter, Client, Evidence, Fd, Mistake, Task, Way, check, check_bytes, check_eq, fail};

const AGAIN_IS_END: Mistake = Mistake::new("EAGAIN is taken for the end of the stream", Chapter::EdgeTriggered);
const AGAIN_FATAL: Mistake = Mistake::new("EAGAIN is taken for a failure", Chapter::EdgeTriggered);
const EINTR: Mistake = Mistake::new("EINTR is taken for a failure", Chapter::LevelTriggered);
const FAILS: Mistake = Mistake::new("the server fails, and no descriptor of its own has", Chapter::EdgeTriggered);
const OTHER_BYTES: Mistake = Mistake::new("other bytes are received than were sent", Chapter::EdgeTriggered);
const UNTOLD: Mistake = Mistake::new("what is read is not what is told", Chapter::EdgeTriggered);
const END_UNTOLD: Mistake = Mistake::new("a client goes, and nobody is told", Chapter::EdgeTriggered);
const ACCEPT_UNTOLD: Mistake = Mistake::new("a client is accepted, and nobody is told", Chapter::EdgeTriggered);
const END_FIRST: Mistake = Mistake::new("the bytes before the end get lost", Chapter::EdgeTriggered);
const KEPT: Mistake = Mistake::new("the socket of a client that is gone stays open", Chapter::EdgeTriggered);
const IGNORED: Mistake = Mistake::new("an event is not followed by a read", Chapter::EdgeTriggered);
const NO_TURN: Mistake = Mistake::new("not everybody on the list has a turn", Chapter::EdgeTriggered);
const NAMESAKES: Mistake = Mistake::new("two clients have the same token", Chapter::EdgeTriggered);
const GONE_TWICE: Mistake = Mistake::new("something happens to a client that is not there", Chapter::EdgeTriggered);
const END_LOST: Mistake = Mistake::new("the end of a client is told as something else", Chapter::EdgeTriggered);
const LEVEL: Mistake = Mistake::new("a socket is watched level-triggered", Chapter::EdgeTriggered);
const NEVER_SLEEPS: Mistake = Mistake::new("a turn with nothing to do does not sleep", Chapter::EdgeTriggered);
const NO_BUDGET: Mistake = Mistake::new("a client is read beyond its budget", Chapter::EdgeTriggered);
const NOBODY_COMES_BACK: Mistake =
    Mistake::new("nobody comes back to a client left at its budget", Chapter::EdgeTriggered);
const NO_BYTES: Mistake = Mistake::new("bytes are told of where none came", Chapter::EdgeTriggered);
const NOT_YET: Mistake = Mistake::new("whom the kernel tells of has to wait for the next turn", Chapter::EdgeTriggered);
const SLEEPS_LISTED: Mistake = Mistake::new("a turn sleeps though somebody is on the list", Chapter::EdgeTriggered);
const BY_THE_CLOCK: Mistake = Mistake::new("a turn with nothing to do ends by the clock", Chapter::EdgeTriggered);
const ACCEPT_FAILS: Mistake = Mistake::new("a failure of accept is taken for nobody waiting", Chapter::EdgeTriggered);
const STARVES: Mistake = Mistake::new("one client's flood starves the others", Chapter::EdgeTriggered);

/// More than any test sends.
const PLENTY: usize = 1 << 20;

/// How many turns in a row with nothing to tell are too many. A signal makes one, and so does a client who was read empty
/// with the last byte of its budget.
const ENOUGH: usize = 20;
/// More than a turn takes that does not sleep, unless the machine is busy with something else.
const A_MOMENT: Duration = Duration::from_millis(1);

#[test]
fn a_client_is_accepted() {
    run(|| {
        let (mut server, addr) = start(PLENTY);
        let _client = Client::connect(addr);

        server.turns_until("the client is accepted", |server| server.connected() == 1);

        let level = testkit::watches().into_iter().find(|watch| !watch.has(libc::EPOLLET));
        check!(level.is_none(), LEVEL, "it is watched as {}, without ET", level.expect("there is one"));
    });
}

#[test]
fn all_who_wait_are_accepted() {
    run(|| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let addr = listener.local_addr().expect("a listener has an address");
        let _clients = [Client::connect(addr), Client::connect(addr), Client::connect(addr)];
        testkit::wait_for_connections(&listener, 3);

        let mut server = serve(listener, PLENTY);
        server.turns_until("three clients who waited before the first turn are accepted", |server| {
            server.connected() == 3
        });
    });
}

#[test]
fn what_a_client_sends_is_received() {
    run(|| {
        let (mut server, addr) = start(PLENTY);
        let mut client = Client::connect(addr);

        for message in [&b"ping"[..], b"pong", b"ping again"] {
            client.deliver(message);
            let (before, is_first) = (server.turns, server.connected() == 0);
            server.turns_until("the client's message is received", |server| server.received(0).ends_with(message));
            let took = server.turns - before;
            check!(
                is_first || took == 1,
                NOT_YET,
                "bytes were there before a turn, and it took {took} turns to read them"
            );
            // The next message finds the socket empty, and is an edge of its own.
            testkit::fact("all before was received", 1);
        }

        check_bytes!(server.received(0), b"pingpongping again", OTHER_BYTES, "the client sent three messages");
    });
}

#[test]
fn much_at_once_is_received_to_the_end() {
    run(|| {
        let (mut server, addr) = start(PLENTY);
        let mut client = Client::connect(addr);
        let message: Vec<u8> = (0..10_000_u32).flat_map(u32::to_be_bytes).collect();

        client.deliver(&message);
        server.turns_until("the client's 40000 bytes are received", |server| server.received(0).len() >= message.len());

        check_bytes!(server.received(0), message, OTHER_BYTES, "the client sent 40000 bytes");
    });
}

#[test]
fn a_client_that_finishes_later_is_gone() {
    run(|| {
        let (mut server, addr) = start(PLENTY);
        let mut client = Client::connect(addr);
        client.deliver(b"ping");
        server.turns_until("the client's message is received", |server| server.received(0) == b"ping");

        testkit::fact("the end comes alone", 1);
        server.may_end = true;
        client.finish();
        server.turns_until("the client, who has just finished, is gone", |server| !server.ended.is_empty());

        check_eq!(server.end(0), Some(None), END_LOST, "the client has finished, as clients do");
        let open = testkit::watches().len();
        check!(open < 2, KEPT, "the only client has finished, and {open} descriptors are still watched");
    });
}

#[test]
fn a_client_that_finishes_behind_its_bytes_is_gone() {
    run(|| {
        let (mut server, addr) = start(PLENTY);
        let mut client = Client::connect(addr);
        server.turns_until("the client is accepted", |server| server.connected() == 1);

        server.may_end = true;
        client.deliver(b"ping");
        client.finish();
        server
            .turns_until("the client, who finished right behind its bytes, is gone", |server| !server.ended.is_empty());

        check!(
            !server.received(0).is_empty(),
            END_FIRST,
            "the client sent 4 bytes and finished; none of them was received"
        );
        check_bytes!(server.received(0), b"ping", OTHER_BYTES, "the client sent 4 bytes, and finished");
        check_eq!(server.end(0), Some(None), END_LOST, "the client has finished, as clients do");
    });
}

#[test]
fn one_clients_failure_is_not_the_servers() {
    run(|| {
        let (mut server, addr) = start(PLENTY);
        let (failing, mut other) = (Client::connect(addr), Client::connect(addr));
        server.turns_until("two clients are accepted", |server| server.connected() == 2);

        server.may_end = true;
        failing.reset();
        server.turns_until("the client that reset its connection is gone", |server| !server.ended.is_empty());
        check_eq!(
            server.ended.values().next(),
            Some(&Some(ErrorKind::ConnectionReset)),
            END_LOST,
            "a client reset its connection"
        );

        other.deliver(b"ping");
        server.turns_until("the other client's message is received", |server| {
            server.bytes.values().any(|bytes| bytes == b"ping")
        });
    });
}

#[test]
fn each_client_has_a_token_of_its_own() {
    run(|| {
        let (mut server, addr) = start(PLENTY);
        let (mut first, _second) = (Client::connect(addr), Client::connect(addr));
        server.turns_until("two clients are accepted", |server| server.connected() == 2);
        server.may_end = true;
        first.finish();
        server.turns_until("the client, who has just finished, is gone", |server| !server.ended.is_empty());

        // Both its descriptors are free again.
        drop(first);
        let _third = Client::connect(addr);
        server.turns_until("a third client is accepted", |server| server.connected() == 3);
    });
}

#[test]
fn a_failure_of_accept_is_passed_on() {
    run(|| {
        let (mut server, addr) = start(PLENTY);
        let _client = Client::connect(addr);
        let mut files = Vec::new();
        testkit::few_descriptors(32);
        while let Ok(file) = std::fs::File::open("/dev/null") {
            files.push(file);
        }

        let said = server.server.turn();

        drop(files);
        let emfile = said.as_ref().is_err_and(|error| error.raw_os_error() == Some(libc::EMFILE));
        check!(emfile, ACCEPT_FAILS, "accept said EMFILE, the process is out of descriptors; turn said {said:?}");
    });
}

#[test]
fn a_budget_is_kept_and_the_rest_comes_later() {
    run(|| {
        let (mut server, addr) = start(1_000);
        let mut client = Client::connect(addr);
        let message: Vec<u8> = (0..5_000_u32).flat_map(u32::to_be_bytes).collect();
        server.turns_until("the client is accepted", |server| server.connected() == 1);

        client.deliver(&message[..10_000]);
        server.turns_until("the first of 20000 bytes are received", |server| server.total() > 0);
        client.deliver(&message[10_000..]);
        server.turns_until("the client's 20000 bytes are received, 1000 a turn", |server| {
            server.received(0).len() >= message.len()
        });

        check_bytes!(server.received(0), message, OTHER_BYTES, "the client sent 20000 bytes");
        server.hurried.sort_unstable();
        let usual = server.hurried.get(server.hurried.len() / 2).copied().unwrap_or_default();
        check!(
            usual < A_MOMENT,
            SLEEPS_LISTED,
            "half of the turns that began with somebody on the list took {usual:?}"
        );
    });
}

#[test]
fn a_turn_with_nothing_to_do_sleeps() {
    Task::new().explain(explain).run(|| {
        let (mut server, addr) = start(10);
        let mut client = Client::connect(addr);
        client.deliver(b"more than the budget allows");
        let yours = testkit::yours(move || {
            server.turns_until("a message after a pause is received", |server| server.received(0).ends_with(b"ping"));
        });

        testkit::wait_until_still();
        client.deliver(b"ping");
        yours.join();
    });
}

#[test]
fn a_signal_is_nothing_that_happened() {
    Task::new().explain(explain).run(|| {
        let (mut server, addr) = start(PLENTY);
        let mut client = Client::connect(addr);
        let yours = testkit::yours(move || {
            server.turns_until("a message after a signal is received", |server| server.received(0) == b"ping");
        });

        testkit::wait_until_still();
        yours.interrupt();
        // Bytes that came before the thread runs would hide the signal: epoll_wait would return them.
        testkit::wait_until_still();
        client.deliver(b"ping");
        testkit::step("turns are taken until a message after a signal is received");
        yours.join();
    });
}

#[test]
fn a_flood_starves_nobody() {
    run(|| {
        let (mut server, addr) = start(1_000);
        let (mut flood, mut other) = (Client::connect(addr), Client::connect(addr));
        server.turns_until("two clients are accepted", |server| server.connected() == 2);

        flood.deliver(&[b'f'; 40_000]);
        server.turns_until("the flood begins", |server| server.total() > 0);
        other.deliver(b"ping");
        let before = server.turns;
        server.turns_until("the other client's message is received", |server| {
            check!(server.turns < before + 5, STARVES, "5 turns on, the other client's 4 bytes have not been read");
            server.bytes.values().any(|bytes| bytes == b"ping")
        });

        let _new = Client::connect(addr);
        let before = server.turns;
        server.turns_until("a third client is accepted", |server| {
            check!(server.turns < before + 5, STARVES, "5 turns on, a new client has not been accepted");
            server.connected() == 3
        });
    });
}

#[test]
fn everybody_on_the_list_has_a_turn() {
    run(|| {
        let (mut server, addr) = start(1_000);
        let mut clients = [Client::connect(addr), Client::connect(addr), Client::connect(addr)];
        server.turns_until("three clients are accepted", |server| server.connected() == 3);

        for client in &mut clients {
            client.deliver(&[b'f'; 20_000]);
        }
        server.turns_until("something of each of three clients is received", |server| server.bytes.len() == 3);
        let (turns, before) = (server.turns, server.bytes.clone());
        server.turns_until("one turn more is over", |server| server.turns > turns);

        let served = before.iter().filter(|(name, bytes)| server.bytes[name].len() > bytes.len()).count();
        check!(
            served == 3,
            NO_TURN,
            "three clients had more than their budget; the next turn read from {served} of them"
        );

        let (mut leaves, mut others) = (Client::connect(addr), [Client::connect(addr), Client::connect(addr)]);
        server.turns_until("three more are accepted", |server| server.connected() == 6);
        server.may_end = true;
        leaves.deliver(b"bye");
        leaves.finish();
        for client in &mut others {
            client.deliver(b"ping");
        }
        let turns = server.turns;
        server.turns_until("one turn more is over", |server| server.turns > turns);
        let served = server.bytes.values().filter(|bytes| *bytes == b"ping").count();
        check!(served == 2, NO_TURN, "one client was gone, and two had sent 4 bytes; the next turn read from {served}");
    });
}

#[test]
fn any_number_of_bytes_from_any_client_is_received() {
    /// Each number is a message: from which of three clients, and how long it is.
    fn property(budget: u16, messages: Vec<(u8, u16)>) {
        let (mut server, addr) = start(usize::from(budget).max(100));
        let mut clients: Vec<_> = (0..3).map(|_| Client::connect(addr)).collect();
        let mut sent = [const { Vec::new() }; 3];
        server.may_end = true;
        for ((which, length), letter) in messages.into_iter().zip((b'a'..=b'z').cycle()) {
            let which = usize::from(which % 3);
            let message = vec![letter; usize::from(length % 5_000)];
            clients[which].send(&message);
            sent[which].extend(message);
        }
        drop(clients);

        server.turns_until("three clients have sent what they had to, and are gone", |server| server.ended.len() == 3);

        let mut received: Vec<_> = server.bytes.into_values().collect();
        received.resize(3, Vec::new());
        received.sort();
        sent.sort();
        for (received, sent) in received.iter().zip(&sent) {
            check_bytes!(received, sent, OTHER_BYTES, "a client sent {} bytes", sent.len());
        }
    }
    run(|| testkit::property(|| QuickCheck::new().tests(30).quickcheck(property as fn(u16, Vec<(u8, u16)>))));
}

/// The server, and what has happened to its clients.
struct Watched {
    server: Server,
    budget: usize,
    turns: usize,
    /// How many turns in a row nothing happened.
    idle: usize,
    names: BTreeSet<u64>,
    bytes: BTreeMap<u64, Vec<u8>>,
    /// Who is gone, and why, if not in an orderly way.
    ended: BTreeMap<u64, Option<ErrorKind>>,
    /// Whether a client has a reason to be gone.
    may_end: bool,
    /// Whether the last turn in which something was read has left somebody at the budget.
    left: bool,
    /// How long the turns took that began so.
    hurried: Vec<Duration>,
    /// Of the turns in a row in which nothing happened, the fastest.
    rested: Duration,
}

fn start(budget: usize) -> (Watched, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let addr = listener.local_addr().expect("a listener has an address");
    (serve(listener, budget), addr)
}

fn serve(listener: TcpListener, budget: usize) -> Watched {
    let server = Server::new(listener, budget).expect("the machine has descriptors left");
    let (names, bytes, ended) = (BTreeSet::new(), BTreeMap::new(), BTreeMap::new());
    Watched {
        server,
        budget,
        turns: 0,
        idle: 0,
        names,
        bytes,
        ended,
        may_end: false,
        left: false,
        hurried: Vec::new(),
        rested: Duration::MAX,
    }
}

impl Watched {
    /// Takes turns until it has come to this.
    #[track_caller]
    fn turns_until(&mut self, what: &str, is_done: impl Fn(&Self) -> bool) {
        testkit::step(format_args!("turns are taken until {what}"));
        while !is_done(self) {
            let (before, was_left) = (Instant::now(), self.left);
            let said = self.server.turn();
            let took = before.elapsed();
            match said {
                Ok(happened) => {
                    self.note(happened);
                    self.hurried.extend(was_left.then_some(took));
                    self.rested = if self.idle > 0 { self.rested.min(took) } else { Duration::MAX };
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    fail(AGAIN_FATAL, "accept or read said EAGAIN, and so did turn: there is nothing more for now");
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {
                    fail(EINTR, "epoll_wait said EINTR, and so did turn: a signal came, and nothing happened");
                }
                Err(error) if self.may_end => fail(RESET_FATAL, format_args!("one client failed; turn said {error}")),
                Err(error) => fail(FAILS, format_args!("turn said {error}")),
            }
            let mistake = match (self.left, self.rested < A_MOMENT) {
                (true, _) => NO_TURN,
                (false, true) => NEVER_SLEEPS,
                (false, false) => BY_THE_CLOCK,
            };
            check!(self.idle < ENOUGH, mistake, "{ENOUGH} turns in a row returned, and nothing had happened");
        }
    }

    #[track_caller]
    fn note(&mut self, happened: Vec<Happened>) {
        self.turns += 1;
        self.idle = if happened.is_empty() { self.idle + 1 } else { 0 };
        let mut read = BTreeMap::new();
        for one in happened {
            match one {
                Happened::Connected(Token(name)) => {
                    check!(self.names.insert(name), NAMESAKES, "two clients are called {name}");
                }
                Happened::Received(Token(name), bytes) => {
                    self.check_is_there(name);
                    check!(!bytes.is_empty(), NO_BYTES, "Received tells of no bytes of client {name}");
                    *read.entry(name).or_insert(0) += bytes.len();
                    self.bytes.entry(name).or_default().extend(bytes);
                }
                Happened::Finished(Token(name)) => self.gone(name, None),
                Happened::Lost(Token(name), why) => self.gone(name, Some(why)),
            }
        }
        let most = read.values().max().copied().unwrap_or(0);
        check!(most <= self.budget, NO_BUDGET, "{most} bytes of one client in one turn; the budget is {}", self.budget);
        self.left = if read.is_empty() { self.left } else { most == self.budget };
        testkit::fact("left at the budget", usize::from(most == self.budget));
    }

    #[track_caller]
    fn gone(&mut self, name: u64, why: Option<ErrorKind>) {
        self.check_is_there(name);
        check!(why != Some(ErrorKind::WouldBlock), AGAIN_FATAL, "client {name} was lost for an EAGAIN");
        check!(self.may_end || why.is_some(), AGAIN_IS_END, "client {name} is there, and was told to have finished");
        self.ended.insert(name, why);
    }

    #[track_caller]
    fn check_is_there(&self, name: u64) {
        let is_there = self.names.contains(&name) && !self.ended.contains_key(&name);
        check!(is_there, GONE_TWICE, "client {name} is not connected, or gone already");
    }

    fn connected(&self) -> usize {
        self.names.len()
    }

    /// What the client was sent that connected in this place.
    fn received(&self, place: usize) -> &[u8] {
        let name = self.names.iter().nth(place);
        name.and_then(|name| self.bytes.get(name)).map_or(&[], Vec::as_slice)
    }

    /// How the client has ended that connected in this place.
    fn end(&self, place: usize) -> Option<Option<ErrorKind>> {
        self.ended.get(self.names.iter().nth(place)?).copied()
    }

    fn total(&self) -> usize {
        self.bytes.values().map(Vec::len).sum()
    }
}

/// Nobody has anything to read, and the test waits all the same: for what, if all of it has been read?
fn explain_silence(evidence: &Evidence) -> Option<(Mistake, String)> {
    let step = evidence.step.as_deref()?;
    if evidence.fds.iter().any(|fd| fd.tcp().is_some_and(|tcp| tcp.unread > 0 || tcp.unsent > 0)) {
        return None;
    }
    let (mistake, seen) = if step.contains("received") {
        (UNTOLD, "All that the client sent has been read, and what was told of in Received is something else.")
    } else if step.contains("accepted") && evidence.watched().any(|(_, fd)| fd.tcp().is_some_and(|tcp| !tcp.listens)) {
        (
            ACCEPT_UNTOLD,
            "No connection waits to be accepted, a client's socket is watched, and no Connected has told of it.",
        )
    } else if step.ends_with("gone") {
        (
            END_UNTOLD,
            "No socket of a client that has gone is watched any more, and neither Finished nor Lost has told of it.",
        )
    } else {
        return None;
    };
    Some((mistake, seen.into()))
}

/// Runs a test that knows what its hangs mean.
#[track_caller]
fn run<F: FnOnce()>(body: F) {
    Task::new().yours().explain(explain).run(body);
}

/// Which mistake leaves this trace?
fn explain(evidence: &Evidence) -> Option<(Mistake, String)> {
    let sleeps = evidence.sleeps_in("epoll_wait");
    let has_more = |fd: &Fd| fd.tcp().is_some_and(|tcp| !tcp.listens && (tcp.unread > 0 || tcp.peer_has_finished));
    let more = evidence.watched().find(|(_, fd)| has_more(fd));
    let waits = evidence.your_call().filter(|call| call.name() == "epoll_wait" && !call.is_endless());
    if let (Way::Unfinished, Some(call)) = (evidence.way, waits) {
        let (mistake, who) = more.map_or((BY_THE_CLOCK, "nobody has"), |_| (SLEEPS_LISTED, "a client has"));
        return Some((mistake, format!("Your thread sleeps in {call} with a time-out; {who} something to be read.")));
    }
    let Some((watch, fd)) = more else {
        return if sleeps { explain_silence(evidence) } else { None };
    };
    let tcp = fd.tcp()?;
    if watch.has(libc::EPOLLONESHOT) {
        return None;
    }
    if sleeps && tcp.unread > 0 && evidence.fact("all before was received") == Some(1) {
        let seen = format!(
            "Your thread sleeps in epoll_wait while {} bytes wait in fd {}. All that came before was received, so these \
             were an event of their own, and nobody has read since.",
            tcp.unread, fd.number
        );
        return Some((IGNORED, seen));
    }
    if sleeps && tcp.unread > 0 && evidence.fact("left at the budget") == Some(1) {
        let seen = format!(
            "Your thread sleeps in epoll_wait while {} bytes wait in fd {}. The turn before read from it as much as the \
             budget allows; the kernel told of those bytes then, and will not tell again.",
            tcp.unread, fd.number
        );
        return Some((NOBODY_COMES_BACK, seen));
    }
    if sleeps && tcp.peer_has_finished && tcp.unread == 0 && evidence.fact("the end comes alone") == Some(1) {
        let seen = format!(
            "Your thread sleeps in epoll_wait, and the client of fd {} has finished. That was an event of its own; a read \
             said 0, which is the end.",
            fd.number
        );
        return Some((END_TAKEN_FOR_NOTHING, seen));
    }
    None
}
