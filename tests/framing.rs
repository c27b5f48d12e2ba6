//! However a stream is cut, the messages are the same.

use std::fmt::Debug;

use pretty_assertions::assert_eq;
use quickcheck::{Arbitrary, Gen, quickcheck};
use reactor::framing::{Fixed, LengthPrefixed, Lines};
use reactor::{Framing, FramingError};

/// The messages of a stream, and how it ends: with so many bytes left over, or with an error.
type Framed = (Vec<Vec<u8>>, Result<usize, FramingError>);

/// Frames a stream that arrives in these pieces, as the engine does.
fn frame<'p, F>(mut framing: F, pieces: impl IntoIterator<Item = &'p [u8]>) -> Framed
where
    F: for<'a> Framing<Message<'a> = &'a [u8]>,
{
    let (mut messages, mut rest) = (Vec::new(), Vec::new());
    for piece in pieces {
        rest.extend_from_slice(piece);
        // The engine does not ask about nothing.
        while !rest.is_empty() {
            match framing.next(&rest) {
                Ok(Some((message, taken))) => {
                    assert!((1..=rest.len()).contains(&taken), "{taken} of {} bytes taken", rest.len());
                    messages.push(message.to_vec());
                    rest.drain(..taken);
                }
                Ok(None) => break,
                Err(error) => return (messages, Err(error)),
            }
        }
    }
    (messages, Ok(rest.len()))
}

/// Cuts `bytes` into pieces of these lengths, again and again.
fn cut<'b>(bytes: &'b [u8], lengths: &[u8]) -> Vec<&'b [u8]> {
    let mut lengths = lengths.iter().map(|length| usize::from(*length).max(1)).cycle();
    let (mut pieces, mut rest) = (Vec::new(), bytes);
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(lengths.next().unwrap_or(1).min(rest.len()));
        pieces.push(piece);
        rest = behind;
    }
    pieces
}

fn assert_every_cut_is_the_same<F>(framing: F, stream: &[u8], lengths: &[u8])
where
    F: for<'a> Framing<Message<'a> = &'a [u8]> + Clone + Debug,
{
    let whole = frame(framing.clone(), [stream]);

    assert_eq!(frame(framing.clone(), cut(stream, lengths)), whole, "{framing:?}, pieces {lengths:?}");
    assert_eq!(frame(framing.clone(), cut(stream, &[1])), whole, "{framing:?}, a byte at a time");
}

/// A stream that is rich in line ends and small numbers: random bytes would hardly ever form a message.
#[derive(Clone, Debug)]
struct Stream(Vec<u8>);

impl Arbitrary for Stream {
    fn arbitrary(g: &mut Gen) -> Self {
        let byte = |g: &mut Gen| *g.choose(&[b'\n', b'\r', 0, 0, 0, 0, 1, 3, b'a', b'b', b'c', 255]).unwrap();
        Self((0..usize::arbitrary(g) % 200).map(|_| byte(g)).collect())
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        Box::new(self.0.shrink().map(Self))
    }
}

quickcheck! {
    fn lines_are_the_same_however_they_are_cut(stream: Stream, lengths: Vec<u8>, limit: u8) -> () {
        assert_every_cut_is_the_same(Lines::new(limit.into()), &stream.0, &lengths);
        assert_every_cut_is_the_same(Lines::default(), &stream.0, &lengths);
    }

    fn length_prefixed_messages_are_the_same_however_they_are_cut(stream: Stream, lengths: Vec<u8>, limit: u8) -> () {
        assert_every_cut_is_the_same(LengthPrefixed::new(limit.into()), &stream.0, &lengths);
    }

    fn fixed_messages_are_the_same_however_they_are_cut(stream: Stream, lengths: Vec<u8>, len: u8) -> () {
        assert_every_cut_is_the_same(Fixed::new(usize::from(len) + 1), &stream.0, &lengths);
    }

    fn lines_are_those_of_a_plain_split(stream: Stream) -> () {
        let mut lines: Vec<_> = stream.0.split(|byte| *byte == b'\n').collect();
        let unfinished = lines.pop().unwrap().len();
        let lines: Vec<_> = lines.into_iter().map(|line| line.strip_suffix(b"\r").unwrap_or(line).to_vec()).collect();

        assert_eq!(frame(Lines::default(), [&stream.0[..]]), (lines, Ok(unfinished)));
    }

    fn what_is_sent_behind_its_length_arrives(messages: Vec<Vec<u8>>, lengths: Vec<u8>) -> () {
        let stream: Vec<u8> =
            messages.iter().flat_map(|message| [&LengthPrefixed::prefix(message.len()), &message[..]].concat()).collect();

        assert_eq!(frame(LengthPrefixed::default(), cut(&stream, &lengths)), (messages, Ok(0)));
    }

    fn fixed_messages_are_the_chunks_of_the_stream(stream: Vec<u8>, len: u8) -> () {
        let len = usize::from(len) + 1;
        let chunks = stream.chunks_exact(len);
        let rest = chunks.remainder().len();

        assert_eq!(frame(Fixed::new(len), [&stream[..]]), (chunks.map(<[u8]>::to_vec).collect(), Ok(rest)));
    }
}

#[test]
fn a_line_may_be_as_long_as_the_limit_its_end_counted() {
    let framed = |stream: &[u8]| frame(Lines::new(4), [stream]);

    assert_eq!(framed(b"abc\n"), (vec![b"abc".to_vec()], Ok(0)));
    assert_eq!(framed(b"abc"), (vec![], Ok(3)));
    assert_eq!(framed(b"ab\r\nabcd\n"), (vec![b"ab".to_vec()], Err(FramingError::TooLong { limit: 4 })));
}

#[test]
fn only_one_carriage_return_belongs_to_the_end_of_a_line() {
    let framed = frame(Lines::default(), [&b"a\r\r\n\r\nb\rc\n"[..]]);

    assert_eq!(framed, (vec![b"a\r".to_vec(), b"".to_vec(), b"b\rc".to_vec()], Ok(0)));
}

#[test]
fn an_announced_length_over_the_limit_is_refused_before_the_message_comes() {
    let framed = |stream: &[u8]| frame(LengthPrefixed::new(10), [stream]);

    assert_eq!(framed(&[0, 0, 0, 11]), (vec![], Err(FramingError::TooLong { limit: 10 })));
    assert_eq!(framed(&[255, 255, 255, 255]), (vec![], Err(FramingError::TooLong { limit: 10 })));
    assert_eq!(framed(&[0, 0, 0, 10]), (vec![], Ok(4)));
}

#[test]
fn a_long_line_is_searched_once_however_it_arrives() {
    // A search from the start for each byte would take 50,000,000,000 steps: minutes, not milliseconds.
    const LENGTH: usize = 300_000;
    let line = [vec![b'x'; LENGTH - 1], vec![b'\n']].concat();
    let mut framing = Lines::new(LENGTH);

    let waiting = (1..LENGTH).all(|length| framing.next(&line[..length]) == Ok(None));

    assert!(waiting);
    assert_eq!(framing.next(&line), Ok(Some((&line[..LENGTH - 1], LENGTH))));
}
