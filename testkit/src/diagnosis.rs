//! From a trace to the mistake that leaves it. A mistake is named only if the evidence fits.

use crate::evidence::{Evidence, Way};
use crate::fds::{Fd, Kind, Watch};
use crate::mistake::{Chapter, Mistake};

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
/// A descriptor that reports once was not watched anew.
pub const NOT_REARMED: Mistake = Mistake::new("a one-shot descriptor is not armed again", Chapter::LevelTriggered);
/// A loop over many sockets sleeps in one of them.
pub const BLOCKING_SOCKET: Mistake = Mistake::new("a socket in an epoll loop still blocks", Chapter::LevelTriggered);
/// `EPOLLOUT` is watched although nothing waits to be sent.
pub const ALWAYS_WRITABLE: Mistake = Mistake::new("EPOLLOUT stays on with nothing to send", Chapter::LevelTriggered);
/// A level-triggered end of the stream is reported for as long as the socket is watched.
pub const END_IGNORED: Mistake = Mistake::new("a finished peer is watched for ever", Chapter::LevelTriggered);

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
            format!("{} thread sleeps in {call}, and nothing is left that could wake it.", capital(&thread.whose))
        }
        (Way::Spinning, Some(thread)) => {
            format!("{} thread computes and computes: {} ms so far.", capital(&thread.whose), thread.ticks * 10)
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

fn unwatched(evidence: &Evidence) -> Option<(Mistake, String)> {
    let fd = evidence.your_fds().find(|fd| {
        fd.tcp().is_some_and(|tcp| tcp.unread > 0 || tcp.peer_has_finished) && evidence.watch_of(fd.number).is_none()
    })?;
    let tcp = fd.tcp()?;
    let what = if tcp.listens { "connections" } else { "bytes" };
    let seen = format!(
        "Your thread sleeps in epoll_wait while {} {what} wait in fd {}, which no epoll instance watches.",
        tcp.unread, fd.number
    );
    Some((NOT_WATCHED, seen))
}

fn spinning(evidence: &Evidence) -> Option<(Mistake, String)> {
    let level = |watch: &Watch| !watch.has(libc::EPOLLET) && !watch.has(libc::EPOLLONESHOT);
    evidence.watched().filter(|(watch, _)| level(watch)).find_map(|(watch, fd)| {
        let tcp = fd.tcp()?;
        if watch.has(libc::EPOLLIN) && tcp.peer_has_finished && tcp.unread == 0 {
            let seen =
                format!("The peer of fd {} has finished, and fd {} is watched for EPOLLIN.", fd.number, fd.number);
            return Some((END_IGNORED, seen));
        }
        if watch.has(libc::EPOLLOUT) && tcp.unsent == 0 {
            let seen = format!("fd {} is watched level-triggered for EPOLLOUT, and has room.", fd.number);
            return Some((ALWAYS_WRITABLE, seen));
        }
        None
    })
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
