//! However a stream is split, it is the same messages, or the same error behind the same messages.

use pretty_assertions::assert_eq;
use quickcheck::quickcheck;

use framing::{Framing, FramingError, LengthPrefixed, Lines, ReadIsMessage};

#[path = "../06-framing/framing.rs"]
mod framing;

/// What came of a stream: its messages, and what is left or the error that ended it.
type Outcome = (Vec<Vec<u8>>, Result<Vec<u8>, FramingError>);

// ANCHOR: frame
/// Frames the pieces as a server does what its reads return.
fn frame<F>(mut framing: F, pieces: &[&[u8]]) -> Outcome
where
    F: for<'a> Framing<Message<'a> = &'a [u8]>,
{
    let (mut messages, mut rest) = (Vec::new(), Vec::new());
    for piece in pieces {
        rest.extend_from_slice(piece);
        let mut taken = 0;
        while taken < rest.len() {
            match framing.next(&rest[taken..]) {
                Ok(Some((message, count))) => {
                    messages.push(message.to_vec());
                    taken += count;
                }
                Ok(None) => break,
                Err(error) => return (messages, Err(error)),
            }
        }
        rest.drain(..taken);
    }
    (messages, Ok(rest))
}
// ANCHOR_END: frame

/// Cuts a stream into pieces of these lengths; what is behind the last one is a piece too.
fn split<'a>(mut stream: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    for length in lengths {
        let (piece, rest) = stream.split_at(stream.len().min(length % 8));
        pieces.push(piece);
        stream = rest;
    }
    pieces.push(stream);
    pieces
}

/// Few letters, so that line ends are many.
fn text(letters: &[u8]) -> Vec<u8> {
    letters.iter().map(|letter| b"ab\r\n"[usize::from(letter % 4)]).collect()
}

/// Small numbers, so that some of them are lengths.
fn binary(numbers: &[u8]) -> Vec<u8> {
    numbers.iter().map(|number| if number % 3 == 0 { number % 16 } else { 0 }).collect()
}

fn prefixed(messages: &[Vec<u8>]) -> Vec<u8> {
    messages.iter().flat_map(|message| [&(message.len() as u32).to_be_bytes(), &message[..]].concat()).collect()
}

quickcheck! {
    fn lines_are_the_same_however_they_are_split(letters: Vec<u8>, lengths: Vec<usize>) -> bool {
        let stream = text(&letters);
        frame(Lines::new(6), &split(&stream, &lengths)) == frame(Lines::new(6), &[&stream])
    }

    fn a_flawed_search_finds_the_same_lines(letters: Vec<u8>, lengths: Vec<usize>) -> bool {
        let stream = text(&letters);
        frame(Lines::rescanning(6), &split(&stream, &lengths)) == frame(Lines::new(6), &[&stream])
    }

    fn messages_with_a_length_are_the_same_however_they_are_split(numbers: Vec<u8>, lengths: Vec<usize>) -> bool {
        let stream = binary(&numbers);
        frame(LengthPrefixed::new(9), &split(&stream, &lengths)) == frame(LengthPrefixed::new(9), &[&stream])
    }

    fn what_goes_in_comes_out(messages: Vec<Vec<u8>>, lengths: Vec<usize>) -> bool {
        let stream = prefixed(&messages);
        frame(LengthPrefixed::new(1 << 20), &split(&stream, &lengths)) == (messages, Ok(vec![]))
    }
}

#[test]
fn the_flaw_is_not_the_same_for_each_split() {
    let whole = frame(ReadIsMessage, &[b"hello\nworld\n"]);
    let split = frame(ReadIsMessage, &[b"hel", b"lo\nworld\n"]);

    assert_eq!((whole.0.len(), split.0.len()), (1, 2));
    assert_ne!(whole, split);
}

// ANCHOR: looked-at
#[test]
fn a_line_that_comes_a_byte_at_a_time_is_looked_at_once() {
    let mut cost = [Lines::new(2000), Lines::rescanning(2000)].map(|mut lines| {
        let line = [b'x'; 1000];
        for length in 1..=1000 {
            assert_eq!(lines.next(&line[..length]), Ok(None));
        }
        lines.looked_at
    });
    cost.sort_unstable();

    assert_eq!(cost, [1000, 500_500]);
}
// ANCHOR_END: looked-at
