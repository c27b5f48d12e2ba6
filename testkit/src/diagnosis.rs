//! From a trace to the mistake that leaves it. A mistake is named only if the evidence fits.

use crate::call::Made;
use crate::evidence::{Evidence, Way};
use crate::fds::{Fd, Kind, Watch};
use crate::mistake::{Chapter, Mistake};
use crate::threads::Thread;

/// What a test knows of its own hangs: the mistake, if the evidence fits one, and a sentence that says what was seen.
pub type Explain = fn(&Evidence) -> Option<(Mistake, String)>;

/// An edge-triggered socket holds bytes that no event will tell of again.
pub const NOT_DRAINED: Mistake =
    Mistake::new("an edge-triggered socket is not read until EAGAIN", Chapter::EdgeTriggered);
/// An edge-triggered listener holds connections that no event will tell of again.
pub const ONE_ACCEPT: Mistake = Mistake::new("one accept for each edge", Chapter::EdgeTriggered);
/// The end of the stream came with the last bytes, and no event of its own.
pub const END_UNSEEN: Mistake = Mistake::new("the end behind a short read is missed", Chapter::EdgeTriggered);
/// Bytes wait in a socket that no epoll instance watches.
pub const NOT_WATCHED: Mistake = Mistake::new("a socket is not watched", Chapter::LevelTriggered);
/// Bytes wait in a socket that is watched, but not for bytes.
pub const NOT_FOR_READING: Mistake = Mistake::new("a socket is not watched for EPOLLIN", Chapter::LevelTriggered);
/// A descriptor that reports once was not watched anew.
pub const NOT_REARMED: Mistake = Mistake::new("a one-shot descriptor is not armed again", Chapter::LevelTriggered);
/// A loop over many sockets sleeps in one of them.
pub const BLOCKING_SOCKET: Mistake = Mistake::new("a socket in an epoll loop still blocks", Chapter::LevelTriggered);
/// `EPOLLOUT` is watched although nothing waits to be sent.
pub const ALWAYS_WRITABLE: Mistake = Mistake::new("EPOLLOUT stays on with nothing to send", Chapter::LevelTriggered);
/// A level-triggered end of the stream is reported for as long as the socket is watched.
pub const END_IGNORED: Mistake = Mistake::new("a finished peer is watched for ever", Chapter::LevelTriggered);

/// A read says 0, which is the end, and is called again.
pub const END_TAKEN_FOR_NOTHING: Mistake =
    Mistake::new("the end of the stream is taken for nothing yet", Chapter::BlockingEcho);
/// A call that says EAGAIN is made again, rather than when epoll says so.
pub const TRIED_AT_ONCE: Mistake = Mistake::new("EAGAIN is answered by trying again at once", Chapter::LevelTriggered);
/// An `epoll_wait` that fails is made again.
pub const WAIT_FAILS: Mistake = Mistake::new("a failure of epoll_wait is ignored", Chapter::LevelTriggered);
/// An `epoll_wait` that does not wait finds nothing, and is made again.
pub const NEVER_SLEEPS: Mistake =
    Mistake::new("the loop asks again and again instead of sleeping", Chapter::LevelTriggered);
/// A level-triggered descriptor is reported, and what waits in it is left there.
pub const NOT_TAKEN: Mistake = Mistake::new("an event is left unanswered", Chapter::LevelTriggered);
/// A level-triggered eventfd is reported until it is read.
pub const EVENTFD_UNREAD: Mistake = Mistake::new("a level-triggered eventfd is never read", Chapter::SelfWake);
/// A panic over EINTR.
pub const EINTR_FATAL: Mistake = Mistake::new("EINTR is taken for a failure", Chapter::BlockingEcho);
/// A panic over EAGAIN.
pub const EAGAIN_FATAL: Mistake = Mistake::new("EAGAIN is taken for a failure", Chapter::LevelTriggered);
/// A panic over a client that has gone.
pub const RESET_FATAL: Mistake = Mistake::new("one client's failure ends the server", Chapter::HostileClients);

/// The stack of a thread is at its end.
pub const STACK_OVERFLOW: Mistake =
    Mistake::new("more is put on the stack than it has room for", Chapter::BlockingEcho);
/// Who owns a descriptor closes it, and somebody else has.
pub const CLOSED_TWICE: Mistake = Mistake::new("a descriptor is closed twice", Chapter::SelfWake);

/// The mistake that this trace is known for, and the sentence that says so.
pub(crate) fn diagnose(evidence: &Evidence, explain: Option<Explain>) -> Option<(Mistake, String)> {
    explain.and_then(|explain| explain(evidence)).or_else(|| match evidence.way {
        Way::Asleep => asleep(evidence),
        Way::Spinning => spinning(evidence),
        Way::Unfinished => None,
    })
}

/// What is seen, in one sentence, whether or not a mistake is known for it.
pub(crate) fn sentence(evidence: &Evidence) -> String {
    match (evidence.way, evidence.your_thread()) {
        (_, None) => "The test did not come to an end.".into(),
        (Way::Asleep, Some(thread)) => {
            let call = thread.call.map_or_else(|| "the kernel".to_string(), |call| call.to_string());
            format!("{} thread sleeps in {call}, and nothing is left that could wake it.", whose(thread))
        }
        (Way::Spinning, Some(thread)) => {
            let computed = thread.computed.as_millis();
            format!("{} thread computes and computes: {computed} ms so far.", whose(thread))
        }
        (Way::Unfinished, Some(_)) => "The time is over, and the test has not come to its end.".into(),
    }
}

fn asleep(evidence: &Evidence) -> Option<(Mistake, String)> {
    let call = evidence.your_call()?;
    if call.name() == "epoll_wait" {
        return evidence.watched().find_map(|(watch, fd)| missed(watch, fd)).or_else(|| unwatched(evidence));
    }
    let has_epoll = evidence.your_fds().any(|fd| matches!(fd.kind, Kind::Epoll(_)));
    let fd = evidence.fd(call.fd()?)?;
    if has_epoll && !fd.nonblocking && !fd.is_the_tests() {
        let seen = format!("Your thread sleeps in {call}: the socket is not set to non-blocking.");
        return Some((BLOCKING_SOCKET, seen));
    }
    None
}

/// What waits in a watched descriptor, and will not be told of.
fn missed(watch: &Watch, fd: &Fd) -> Option<(Mistake, String)> {
    let tcp = fd.tcp()?;
    let edge = watch.has(libc::EPOLLET);
    let armed = watch.has(libc::EPOLLIN) || watch.has(libc::EPOLLOUT);
    let sleeps = "Your thread sleeps in epoll_wait while";
    if watch.has(libc::EPOLLONESHOT) && !armed && tcp.unread > 0 {
        let seen = format!("{sleeps} {} bytes wait in fd {}, which has reported once.", tcp.unread, fd.number);
        return Some((NOT_REARMED, seen));
    }
    if tcp.unread > 0 && !watch.has(libc::EPOLLIN) && !watch.has(libc::EPOLLONESHOT) {
        let seen =
            format!("{sleeps} {} bytes wait in fd {}; it is watched as {watch}, without IN.", tcp.unread, fd.number);
        return Some((NOT_FOR_READING, seen));
    }
    match (tcp.listens, tcp.unread, edge) {
        (true, 1.., true) => {
            let seen = format!("{sleeps} {} connections wait in fd {}, watched edge-triggered.", tcp.unread, fd.number);
            Some((ONE_ACCEPT, seen))
        }
        (false, 1.., true) => {
            let seen = format!("{sleeps} {} bytes wait in fd {}, watched edge-triggered.", tcp.unread, fd.number);
            Some((NOT_DRAINED, seen))
        }
        (false, 0, true) if tcp.peer_has_finished => {
            let seen = format!("{sleeps} the peer of fd {} has sent its last byte: a read would say 0.", fd.number);
            Some((END_UNSEEN, seen))
        }
        _ => None,
    }
}

/// A socket of the answer's that has something to tell, and nobody listens.
fn unwatched(evidence: &Evidence) -> Option<(Mistake, String)> {
    let mut unwatched = evidence.your_fds().filter(|fd| evidence.watch_of(fd.number).is_none());
    unwatched.find_map(|fd| {
        let what = match &fd.kind {
            Kind::Tcp(tcp) if tcp.unread > 0 && tcp.listens => format!("{} connections wait in", tcp.unread),
            Kind::Tcp(tcp) if tcp.unread > 0 => format!("{} bytes wait in", tcp.unread),
            Kind::Tcp(tcp) if tcp.peer_has_finished => "the peer has sent its last byte to".to_string(),
            Kind::Lost => "there is no connection any more behind".to_string(),
            _ => return None,
        };
        let number = fd.number;
        let seen =
            format!("Your thread sleeps in epoll_wait while {what} fd {number}, which no epoll instance watches.");
        Some((NOT_WATCHED, seen))
    })
}

/// What a thread does over and over shows what it does not see.
fn spinning(evidence: &Evidence) -> Option<(Mistake, String)> {
    let waits = evidence.calls.iter().any(|made| made.call.name() == "epoll_wait");
    let habit = evidence.calls.iter().find_map(|made| {
        let times = evidence.calls.iter().filter(|other| *other == made).count();
        let mistake = match (made.call.name(), made.result) {
            _ if times * 5 < evidence.calls.len() => return None,
            ("read", 0) => END_TAKEN_FOR_NOTHING,
            ("read" | "accept" | "write", _)
                if made.failed_with(libc::EAGAIN) && (!waits || is_repeated(made, &evidence.calls)) =>
            {
                TRIED_AT_ONCE
            }
            ("epoll_wait", ..0) if !made.failed_with(libc::EINTR) => WAIT_FAILS,
            ("epoll_wait", 0) => NEVER_SLEEPS,
            _ => return None,
        };
        Some((mistake, format!("{} thread does this over and over: {made}.", whose(evidence.your_thread()?))))
    });
    let level = || evidence.watched().filter(|(watch, _)| is_level(watch));
    habit.or_else(|| level().find_map(|(watch, fd)| reported_on(watch, fd)))
}

/// Whether this is often done twice in a row. Room may come in between, and then the loop goes round once.
fn is_repeated(made: &Made, calls: &[Made]) -> bool {
    let times = calls.windows(2).filter(|pair| pair.iter().all(|call| call == made)).count();
    times * 5 >= calls.len()
}

fn is_level(watch: &Watch) -> bool {
    !watch.has(libc::EPOLLET) && !watch.has(libc::EPOLLONESHOT)
}

/// What a level-triggered wait reports for ever.
fn reported_on(watch: &Watch, fd: &Fd) -> Option<(Mistake, String)> {
    let number = fd.number;
    match &fd.kind {
        Kind::Tcp(tcp) if watch.has(libc::EPOLLIN) && tcp.peer_has_finished && tcp.unread == 0 => Some((
            END_IGNORED,
            format!("The peer of fd {number} has finished; fd {number} is still watched for EPOLLIN."),
        )),
        Kind::Tcp(tcp) if watch.has(libc::EPOLLIN) && tcp.unread > 0 => {
            let what = if tcp.listens { "connections" } else { "bytes" };
            let seen = format!(
                "{} {what} wait in fd {number}; each epoll_wait reports it, and nobody takes them.",
                tcp.unread
            );
            Some((NOT_TAKEN, seen))
        }
        Kind::Tcp(tcp) if watch.has(libc::EPOLLOUT) && tcp.unsent == 0 => {
            let seen =
                format!("fd {number} is watched level-triggered for EPOLLOUT, has room, and gets nothing to send.");
            Some((ALWAYS_WRITABLE, seen))
        }
        Kind::EventFd(1..) if watch.has(libc::EPOLLIN) => {
            let seen = format!("The eventfd, fd {number}, is watched level-triggered, and nobody reads it.");
            Some((EVENTFD_UNREAD, seen))
        }
        _ => None,
    }
}

/// What a panic's text is known for.
pub(crate) fn of_panic(text: &str) -> Option<Mistake> {
    // As `io::Error` prints itself in `unwrap`: by its kind, or by the kernel's words.
    let known = [
        (["Interrupted", "Interrupted system call"], EINTR_FATAL),
        (["WouldBlock", "Resource temporarily unavailable"], EAGAIN_FATAL),
        (["ConnectionReset", "Connection reset by peer"], RESET_FATAL),
        (["BrokenPipe", "Broken pipe"], RESET_FATAL),
    ];
    known.iter().find(|(words, _)| words.iter().any(|word| text.contains(word))).map(|(_, mistake)| *mistake)
}

/// What std's last words are known for: it ends the process, and nobody can catch that.
pub(crate) fn of_abort(printed: &str) -> Option<Mistake> {
    let known = [("has overflowed its stack", STACK_OVERFLOW), ("owned file descriptor already closed", CLOSED_TWICE)];
    known.iter().find(|(words, _)| printed.contains(words)).map(|(_, mistake)| *mistake)
}

fn whose(thread: &Thread) -> &str {
    if thread.is_yours() { "Your" } else { "The test's" }
}
