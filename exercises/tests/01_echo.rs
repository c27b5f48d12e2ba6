//! To prove: every byte that the client sends comes back once, in its order and at once, whatever the kernel does in
//! between.
//!
//! The tests go from easy to nasty. `Scripted` is a stream that does what its script says; `connection` is a real one.

#[cfg_attr(feature = "solutions", path = "../../solutions/01_echo.rs")]
#[cfg_attr(not(feature = "solutions"), path = "../src/01_echo.rs")]
#[allow(clippy::todo, missing_docs, unreachable_pub, unused, reason = "it may be a beginning")]
mod answer;

use std::io::ErrorKind;

use answer::{echo, receive, send};
use quickcheck::quickcheck;
use testkit::{Chapter, Evidence, Mistake, Scripted, Task, Way, check, check_bytes, check_eq, fail, show};

const WRONG_COUNT: Mistake = Mistake::new("receive does not say how many bytes came", Chapter::BlockingEcho);
const ECHO_COUNT: Mistake = Mistake::new("echo does not say how many bytes came", Chapter::BlockingEcho);
const EINTR: Mistake = Mistake::new("EINTR is taken for a failure", Chapter::BlockingEcho);
const EINTR_IS_END: Mistake = Mistake::new("EINTR is taken for the end of the stream", Chapter::BlockingEcho);
const END_IS_ERROR: Mistake = Mistake::new("the end of the stream is taken for a failure", Chapter::BlockingEcho);
const END_IGNORED: Mistake = Mistake::new("the end of the stream is taken for nothing yet", Chapter::BlockingEcho);
const ERROR_LOST: Mistake = Mistake::new("a failure is not passed on", Chapter::BlockingEcho);
const SHORT_WRITE: Mistake = Mistake::new("a short write is ignored", Chapter::BlockingEcho);
const SENT_TWICE: Mistake = Mistake::new("bytes that were taken are sent again", Chapter::BlockingEcho);
const ZERO_IGNORED: Mistake = Mistake::new("a write that takes nothing goes unnoticed", Chapter::BlockingEcho);
const NOT_THE_BYTES: Mistake = Mistake::new("other bytes come back than were sent", Chapter::BlockingEcho);
const WHOLE_BUFFER: Mistake = Mistake::new("the whole buffer is sent, not what came", Chapter::BlockingEcho);
const SHORT_IS_END: Mistake = Mistake::new("a short read is taken for the end of the stream", Chapter::BlockingEcho);
const NO_ROOM: Mistake = Mistake::new("echo reads into a buffer without room", Chapter::BlockingEcho);
const EINTR_IS_DONE: Mistake = Mistake::new("EINTR is taken for the end of the sending", Chapter::BlockingEcho);
const OTHER_FAILURE: Mistake = Mistake::new("a failure is passed on as another", Chapter::BlockingEcho);
const NOTHING_FAILS: Mistake = Mistake::new("to send no bytes is taken for a failure", Chapter::BlockingEcho);
const TEXT: Mistake = Mistake::new("bytes are taken for text", Chapter::BlockingEcho);
const CUT: Mistake = Mistake::new("not all that came is sent back", Chapter::BlockingEcho);
const WAITS: Mistake = Mistake::new("it waits for more before it answers", Chapter::BlockingEcho);

#[test]
fn what_the_client_sends_comes_back_at_once() {
    Task::new().explain(explain).run(|| {
        let (mut client, mut stream) = testkit::connection();
        let yours = testkit::yours(move || echo(&mut stream));

        client.send(b"ping");
        let mut echoed = client.receive(1);
        if echoed.is_empty() && matches!(yours.join(), Ok(0)) {
            let seen = "the client sent 4 bytes, and echo said Ok(0): a read into no room says 0, too. \
                        Vec::with_capacity makes such a buffer, vec![0; 4096] does not";
            fail(NO_ROOM, seen);
        }
        testkit::fact("back", echoed.len());
        echoed.extend(client.receive(3));
        check_bytes!(echoed, b"ping", NOT_THE_BYTES, "the client sent 4 bytes");
    });
}

#[test]
fn a_signal_that_comes_first_is_no_failure() {
    testkit::run(|| {
        let mut stream = Scripted::new().read_fails(libc::EINTR).read_fails(libc::EINTR).gives(b"ping");
        let mut buffer = [0; 16];

        let result = receive(&mut stream, &mut buffer);

        let eintr = result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Interrupted);
        check!(!eintr, EINTR, "read said EINTR, and so did receive: call read again, for nothing has happened yet");
        check!(!matches!(result, Ok(0)), EINTR_IS_END, "read said EINTR; receive said 0, which is the end");
        check!(matches!(result, Ok(4)), WRONG_COUNT, "read gave 4 bytes; receive said {result:?}");
        check_bytes!(buffer[..4], b"ping", NOT_THE_BYTES, "read gave 4 bytes");
    });
}

#[test]
fn the_end_is_no_failure() {
    testkit::run(|| {
        let result = receive(&mut Scripted::new(), &mut [0; 16]);

        check!(result.is_ok(), END_IS_ERROR, "read said 0, the end of the stream; receive said {result:?}");
        check!(matches!(result, Ok(0)), WRONG_COUNT, "read said 0, the end of the stream; receive said {result:?}");
    });
}

#[test]
fn a_short_write_is_followed_by_the_rest() {
    testkit::run(|| {
        let mut stream = Scripted::new().takes(3).takes(1);

        let result = send(&mut stream, b"a longer message");

        sent(&stream, b"a longer message", "write took 3 bytes, then 1, then as many as there were");
        check!(result.is_ok(), ZERO_IGNORED, "every write took something; send said {result:?}");

        let (much, mut stream) = ([b'x'; 20_000], Scripted::new().takes(3));
        let _ = send(&mut stream, &much);
        sent(&stream, &much, "write took 3 bytes, then as many as there were");

        let mut nothing = None;
        testkit::panics(|| nothing = Some(send(&mut Scripted::new(), b"")));
        let Some(nothing) = nothing else { fail(NOTHING_FAILS, "send was given no bytes, and panicked") };
        check!(nothing.is_ok(), NOTHING_FAILS, "send was given no bytes, and said {nothing:?}: nothing was to do");
    });
}

#[test]
fn a_signal_between_two_writes_changes_nothing() {
    testkit::run(|| {
        let mut stream = Scripted::new().write_fails(libc::EINTR).takes(5).write_fails(libc::EINTR).takes(5);

        let result = send(&mut stream, b"a longer message");

        let eintr = result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Interrupted);
        check!(!eintr, EINTR, "write said EINTR, and so did send: call write again with the same bytes");
        let taken = stream.sent().len();
        let gave_up = result.is_ok() && [0, 5].contains(&taken);
        check!(!gave_up, EINTR_IS_DONE, "write had taken {taken} of 16 bytes, and said EINTR; send said Ok");
        sent(&stream, b"a longer message", "write said EINTR, took 5 bytes, said EINTR, and took 5 bytes");
    });
}

#[test]
fn failures_are_passed_on() {
    testkit::run(|| {
        for (errno, name) in [(libc::ECONNRESET, "ECONNRESET"), (libc::EPIPE, "EPIPE"), (libc::EAGAIN, "EAGAIN")] {
            let read = receive(&mut Scripted::new().read_fails(errno), &mut [0; 16]);
            let write = send(&mut Scripted::new().takes(2).write_fails(errno), b"ping");
            let first = echo(&mut Scripted::new().read_fails(errno));
            let both = echo(&mut Scripted::new().gives(b"ping").write_fails(errno));

            let is_it = |error: &std::io::Error| error.raw_os_error() == Some(errno);
            check!(read.as_ref().is_err_and(is_it), ERROR_LOST, "read said {name}; receive said {read:?}");
            check!(write.as_ref().is_err_and(is_it), ERROR_LOST, "write said {name}; send said {write:?}");
            check!(first.as_ref().is_err_and(is_it), ERROR_LOST, "read said {name}; echo said {first:?}");
            check!(both.as_ref().is_err_and(is_it), ERROR_LOST, "write said {name}; echo said {both:?}");
        }
        let nothing = send(&mut Scripted::new().takes(2).takes(0), b"ping");
        let zero = nothing.as_ref().is_err_and(|error| error.kind() == ErrorKind::WriteZero);
        let mistake = if nothing.is_ok() { ZERO_IGNORED } else { OTHER_FAILURE };
        check!(zero, mistake, "write took 0 bytes; send said {nothing:?} where WriteZero was due");
    });
}

#[test]
fn the_echo_ends_when_the_client_has_finished() {
    Task::new().explain(explain).run(|| {
        let (mut client, mut stream) = testkit::connection();
        let yours = testkit::yours(move || echo(&mut stream));

        client.send(b"a first message");
        check_bytes!(client.receive(15), b"a first message", NOT_THE_BYTES, "the client sent 15 bytes");
        client.send(b"another");
        let echoed = client.receive(7);
        check!(!echoed.is_empty(), SHORT_IS_END, "a read gave 15 bytes, fewer than there was room for, and echo ended");
        check!(echoed != b"a first", WHOLE_BUFFER, "the client sent \"another\" and got {}", show(&echoed));
        check_bytes!(echoed, b"another", WHOLE_BUFFER, "the client sent 7 bytes more");
        client.finish();

        check!(client.sees_the_end(), WHOLE_BUFFER, "the client had all its bytes back, and then came more");
        let result = yours.join();
        check!(result.is_ok(), END_IS_ERROR, "the client has finished, as clients do; echo said {result:?}");
        check!(matches!(result, Ok(22)), ECHO_COUNT, "22 bytes came; echo said {result:?}");
    });
}

#[test]
fn a_client_that_sends_much_gets_as_much() {
    Task::new().explain(explain).run(|| {
        let (mut client, mut stream) = testkit::connection();
        testkit::yours(move || echo(&mut stream));
        testkit::panic_means(|words| words.contains("Utf8Error").then_some(TEXT));
        let message: Vec<u8> = (0..100_000_u32).flat_map(u32::to_be_bytes).collect();

        let sender = client.sends_meanwhile(message.clone());
        let echoed = client.receive(message.len());
        sender.join().expect("a client does not panic");

        let same = testkit::same_start(&echoed, &message);
        // What from_utf8_lossy puts where bytes are no text.
        let mistake = if echoed[same..].starts_with("\u{fffd}".as_bytes()) { TEXT } else { NOT_THE_BYTES };
        check_bytes!(echoed, message, mistake, "the client sent 400000 bytes");
    });
}

#[test]
fn any_cuts_and_signals_give_the_same_echo() {
    /// A number below 4 is a signal; any other, so many bytes.
    fn property(reads: Vec<u8>, writes: Vec<u8>) {
        let mut stream = Scripted::new();
        let mut message = Vec::new();
        for (count, letter) in reads.iter().zip((b'a'..=b'z').cycle()) {
            let bytes = vec![letter; usize::from(*count)];
            stream = if *count < 4 { stream.read_fails(libc::EINTR) } else { stream.gives(&bytes) };
            message.extend(bytes.iter().filter(|_| *count >= 4));
        }
        for count in &writes {
            stream = if *count < 4 { stream.write_fails(libc::EINTR) } else { stream.takes(usize::from(*count)) };
        }

        let result = echo(&mut stream);

        let eintr = result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Interrupted);
        check!(!eintr, EINTR, "read or write said EINTR, and so did echo");
        sent(&stream, &message, "reads and writes were cut, and interrupted, as the arguments say");
        check_eq!(result.ok(), Some(message.len() as u64), ECHO_COUNT, "the count of bytes that came");
    }
    testkit::run(|| testkit::property(|| quickcheck(property as fn(Vec<u8>, Vec<u8>))));
}

/// Checks that this was sent, and nothing else.
#[track_caller]
fn sent(stream: &Scripted, expected: &[u8], seen: &str) {
    let sent = stream.sent();
    let taken = testkit::same_start(sent, expected);
    let mistake = match sent.len().cmp(&expected.len()) {
        std::cmp::Ordering::Less if taken == sent.len() => SHORT_WRITE,
        // Bytes that the stream had taken before follow once more.
        std::cmp::Ordering::Greater if expected[..taken].contains(&sent[taken]) => SENT_TWICE,
        _ => NOT_THE_BYTES,
    };
    check_bytes!(sent, expected, mistake, "{seen}");
}

/// Which mistake leaves this trace?
fn explain(evidence: &Evidence) -> Option<(Mistake, String)> {
    let socket = evidence.fds.iter().find(|fd| fd.label.as_deref() == Some("your socket"))?;
    let tcp = socket.tcp()?;
    let nothing_to_read = tcp.unread == 0 && !tcp.peer_has_finished;
    match (evidence.way, evidence.your_call()) {
        (Way::Asleep, Some(call)) if call.name() == "read" && call.fd() == Some(socket.number) && nothing_to_read => {
            if let Some(back @ 1..) = evidence.fact("back") {
                let seen = format!(
                    "The client sent 4 bytes, and has {back} at least, but not all of them back. Your thread has read them \
                     all, and sleeps in {call}."
                );
                return Some((CUT, seen));
            }
            let seen = format!(
                "Your thread sleeps in {call}: it has read all that the client has sent, and waits for more. The client \
                 waits for those bytes."
            );
            Some((WAITS, seen))
        }
        (Way::Spinning, _) if tcp.unread == 0 && tcp.peer_has_finished => {
            let seen = "The client has finished: read says 0, and will say so for ever. That is the end, not a pause.";
            Some((END_IGNORED, seen.into()))
        }
        _ => None,
    }
}
