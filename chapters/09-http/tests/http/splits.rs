//! However the bytes arrive, the requests are the same, and no byte is looked at twice.

use http_server::{HttpFraming, Incoming, Limits};
use pretty_assertions::assert_eq;
use quickcheck::{Arbitrary, Gen, QuickCheck};
use reactor::framing::Framing;

const LIMITS: Limits = Limits { head: 120, body: 20 };

// What may stand in a stream: the right, the wrong, and the halves of both.

const WHOLE: [&str; 7] = [
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
    "POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: x\r\n\r\n",
    "GET /c HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "GET /last HTTP/1.0\r\n\r\n",
    "POST /e HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab",
    "POST /f HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
];

const PARTS: [&str; 29] = [
    "\r\n",
    "\n",
    "\r",
    "GET",
    " ",
    "/",
    " HTTP/1.1",
    "\r\n\r\n",
    "Host: x\r\n",
    "Host: ",
    ":",
    "Content-Length: 3\r\n",
    "Content-Length: 30\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip\r\n",
    "Connection: close\r\n",
    "Expect: 100-continue\r\n",
    "abc",
    "0\r\n\r\n",
    "5\r\n",
    "f;",
    "\0",
    "\u{ff}",
    "HTTP/2.0",
    "http://a",
    "*",
    "OPTIONS",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "\t",
];

#[derive(Clone, Debug)]
struct Stream(Vec<u8>);

impl Arbitrary for Stream {
    fn arbitrary(g: &mut Gen) -> Self {
        let mut bytes = Vec::new();
        for _ in 0..usize::arbitrary(g) % 8 {
            let piece = if u8::arbitrary(g) % 4 == 0 { g.choose(&PARTS) } else { g.choose(&WHOLE) };
            bytes.extend_from_slice(piece.unwrap().as_bytes());
        }
        if u8::arbitrary(g) % 4 == 0 && !bytes.is_empty() {
            let at = usize::arbitrary(g) % bytes.len();
            bytes[at] = u8::arbitrary(g);
        }
        Self(bytes)
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        Box::new(self.0.shrink().map(Self))
    }
}

/// All messages, and whether the stream broke off, when each part of `bytes` comes by itself. What the engine does.
fn messages<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> (Vec<String>, bool) {
    let (mut framing, mut rest, mut messages) = (HttpFraming::new(LIMITS), Vec::new(), Vec::new());
    for part in parts {
        rest.extend_from_slice(part);
        while !rest.is_empty() {
            let taken = match framing.next(&rest) {
                Ok(Some((Incoming::AwaitsGoAhead, taken))) => taken,
                Ok(Some((message, taken))) => {
                    messages.push(format!("{message:?}"));
                    taken
                }
                Ok(None) => break,
                Err(_) => return (messages, true),
            };
            assert!(0 < taken && taken <= rest.len(), "took {taken} of {}", rest.len());
            rest.drain(..taken);
        }
    }
    (messages, false)
}

/// Cuts where `cuts` says, round and round.
fn cut<'a>(bytes: &'a [u8], cuts: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let (mut rest, mut cuts) = (bytes, cuts.iter().cycle());
    std::iter::from_fn(move || {
        let length = usize::from(*cuts.next().unwrap_or(&1) % 16 + 1).min(rest.len());
        let (part, behind) = rest.split_at(length);
        rest = behind;
        (!part.is_empty()).then_some(part)
    })
}

#[test]
fn any_split_gives_the_same_requests() {
    fn holds(stream: Stream, cuts: Vec<u8>) -> bool {
        let (whole, _) = messages([stream.0.as_slice()]);
        // Where nothing may follow, a refusal takes all that has come so far: more if more has come.
        whole == messages(cut(&stream.0, &cuts)).0 && whole == messages(stream.0.chunks(1)).0
    }
    QuickCheck::new().tests(5000).quickcheck(holds as fn(Stream, Vec<u8>) -> bool);
}

#[test]
fn no_bytes_make_it_panic() {
    fn holds(bytes: Vec<u8>, cuts: Vec<u8>) -> bool {
        messages([bytes.as_slice()]).0 == messages(cut(&bytes, &cuts)).0
    }
    QuickCheck::new().tests(5000).quickcheck(holds as fn(Vec<u8>, Vec<u8>) -> bool);
}

#[test]
fn the_streams_hold_requests_refusals_and_breaks() {
    let mut seen = [0; 4];
    let mut g = Gen::new(100);
    for _ in 0..2000 {
        let (messages, broken) = messages([Stream::arbitrary(&mut g).0.as_slice()]);
        seen[0] += messages.iter().filter(|message| message.starts_with("Request")).count();
        seen[1] += messages.iter().filter(|message| message.starts_with("Refused")).count();
        seen[2] += usize::from(broken);
        seen[3] += usize::from(messages.len() > 2);
    }
    assert!(seen.iter().all(|count| *count > 50), "the properties above say little: {seen:?}");
}

// The proof that nothing is searched twice: what has been seen is overwritten with what would end the search.

#[test]
fn a_head_that_comes_byte_by_byte_is_searched_once() {
    let head = format!("GET /{} HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "y".repeat(5000), "z".repeat(5000));
    let mut framing = HttpFraming::new(Limits::default());
    for length in 1..head.len() {
        let mut bytes = head.as_bytes()[..length].to_vec();
        bytes[..length.saturating_sub(3)].fill(b'\n');

        assert_eq!(framing.next(&bytes), Ok(None), "after {length} bytes");
    }

    let Ok(Some((Incoming::Request(request), _))) = framing.next(head.as_bytes()) else { panic!("no request") };
    assert_eq!(request.path().len(), 5001);
}

#[test]
fn a_body_that_comes_byte_by_byte_is_read_once() {
    let head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    let bytes = format!("{head}{}0\r\n\r\n", "4;extension\r\nbody\r\n".repeat(500));
    let mut framing = HttpFraming::new(Limits::default());
    for length in 1..bytes.len() {
        let mut seen = bytes.as_bytes()[..length].to_vec();
        if length > head.len() + 3 {
            // But for the last line, in which the trailer is read as a whole.
            seen[..length - 4].fill(b'!');
        }
        assert_eq!(framing.next(&seen), Ok(None), "after {length} bytes");
    }

    let Ok(Some((Incoming::Request(request), _))) = framing.next(bytes.as_bytes()) else { panic!("no request") };
    assert_eq!(request.body(), "body".repeat(500).as_bytes());
}
