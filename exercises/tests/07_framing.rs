//! To prove: however the bytes are cut, the messages come out whole, once each and in their order; and a length is
//! believed only up to the limit.
//!
//! The tests go from easy to nasty. Each gives `next` some bytes, and compares its answer with the engine's.

#[cfg_attr(feature = "solutions", path = "../../solutions/07_framing.rs")]
#[cfg_attr(not(feature = "solutions"), path = "../src/07_framing.rs")]
#[allow(clippy::todo, missing_docs, unreachable_pub, unused, reason = "it may be a beginning")]
mod answer;

use answer::LengthPrefixed;
use quickcheck::{Gen, QuickCheck, quickcheck};
use reactor::framing;
use reactor::{Framing, FramingError};
use testkit::{Chapter, Mistake, check, check_bytes, panics, show};

const LITTLE_ENDIAN: Mistake = Mistake::new("the length is read with its lowest byte first", Chapter::Framing);
const COUNTS_ITSELF: Mistake = Mistake::new("the length is taken to count its own four bytes", Chapter::Framing);
const PREFIX_HANDED_ON: Mistake = Mistake::new("the prefix is handed over with the message", Chapter::Framing);
const WAITS: Mistake = Mistake::new("a message that is all there is waited for", Chapter::Framing);
const WAITS_FOR_NEXT: Mistake = Mistake::new("a message waits for the one behind it", Chapter::Framing);
const EMPTY_REFUSED: Mistake = Mistake::new("a message of no bytes is not taken for one", Chapter::Framing);
const TOOK_TOO_LITTLE: Mistake = Mistake::new("the count leaves out the prefix", Chapter::Framing);
const TOOK_ALL: Mistake = Mistake::new("the count takes the next message along", Chapter::Framing);
const TOOK_WRONG: Mistake = Mistake::new("the count is not what prefix and message take", Chapter::Framing);
const UPPER_IGNORED: Mistake = Mistake::new("only the lower bytes of the length are read", Chapter::Framing);
const HALF_PREFIX: Mistake = Mistake::new("half a prefix is read as a whole one", Chapter::Framing);
const HALF_MESSAGE: Mistake = Mistake::new("half a message is taken for a whole one", Chapter::Framing);
const NOT_YET_IS_ERROR: Mistake = Mistake::new("not all there yet is taken for an error", Chapter::Framing);
const FORGETS: Mistake = Mistake::new("bytes that come again are taken for new ones", Chapter::Framing);
const REMEMBERS: Mistake = Mistake::new("the last message leaves something behind", Chapter::Framing);
const NO_LIMIT: Mistake = Mistake::new("a length is trusted without a limit", Chapter::Framing);
const LIMIT_LATE: Mistake = Mistake::new("the limit is tested only when the message is there", Chapter::Framing);
const LIMIT_TOO_LOW: Mistake = Mistake::new("a message as long as the limit is refused", Chapter::Framing);
const LIMIT_TOO_HIGH: Mistake = Mistake::new("a message longer than the limit passes", Chapter::Framing);
const LIMIT_COUNTS_PREFIX: Mistake = Mistake::new("the limit counts the prefix too", Chapter::Framing);
const TOO_LONG_WAITS: Mistake = Mistake::new("too long is taken for not all there yet", Chapter::Framing);
const LIMIT_ON_INPUT: Mistake = Mistake::new("the limit is held against all that has come", Chapter::Framing);
const WRONG_ERROR: Mistake = Mistake::new("the error does not say what is wrong", Chapter::Framing);
const OVERFLOW: Mistake = Mistake::new("four more than the greatest length overflows", Chapter::Framing);
const PANICS: Mistake = Mistake::new("bytes from a stranger make it panic", Chapter::Framing);
const REFUSED: Mistake = Mistake::new("a good message is refused", Chapter::Framing);
const WRONG_MESSAGE: Mistake = Mistake::new("the message is not the bytes behind the prefix", Chapter::Framing);
const SKIPS: Mistake = Mistake::new("a later message is handed over before the first", Chapter::Framing);
const WRONG_PREFIX: Mistake = Mistake::new("the prefix is not the length of the message", Chapter::Framing);
const PREFIX_CUT: Mistake = Mistake::new("a length that four bytes cannot hold is cut off", Chapter::Framing);
const PREFIX_PANICS: Mistake = Mistake::new("a length that fits makes prefix panic", Chapter::Framing);
const ZERO_IS_NONE: Mistake = Mistake::new("a limit of 0 is taken for none", Chapter::Framing);
const LIMIT_WHILE_WAITING: Mistake =
    Mistake::new("the limit is tested only while the message is not there", Chapter::Framing);
const CUT_OFF: Mistake = Mistake::new("a message that is too long is cut off at the limit", Chapter::Framing);
const LIMIT_CUT: Mistake = Mistake::new("a limit that four bytes cannot hold is cut off", Chapter::Framing);
const LIMIT_OVERFLOWS: Mistake = Mistake::new("a little more than the greatest limit overflows", Chapter::Framing);
const SIGNED: Mistake = Mistake::new("the length is read as a number with a sign", Chapter::Framing);
const WRONG_DEFAULT: Mistake = Mistake::new("the default limit is not 16 MiB", Chapter::Framing);

/// More than any message here has.
const PLENTY: usize = 1 << 20;

#[test]
fn a_message_is_found_behind_its_length() {
    testkit::run(|| judge(PLENTY, b"\0\0\0\x05hello"));
}

#[test]
fn the_prefix_is_the_length_of_the_message() {
    testkit::run(|| {
        testkit::panic_means(|_| Some(PREFIX_PANICS));
        for len in [0, 5, 0x0102_0304, 0xffff_ffff_usize] {
            testkit::step(format!("the test asks for prefix({len})"));
            let prefix = LengthPrefixed::prefix(len);
            let [first, second, third, fourth] = prefix;
            let seen = format!("prefix({len}) is {prefix:?}");
            let reversed = usize::from_be_bytes([0, 0, 0, 0, fourth, third, second, first]);
            let value = usize::from_be_bytes([0, 0, 0, 0, first, second, third, fourth]);
            check!(reversed != len || value == len, LITTLE_ENDIAN, "{seen}: the highest byte comes first");
            check!(value != len + 4, COUNTS_ITSELF, "{seen}");
            check!(value == len, WRONG_PREFIX, "{seen}, which reads as {value}");
        }
        let len = 1_usize << 32;
        let mut prefix = None;
        let panicked = panics(|| prefix = Some(LengthPrefixed::prefix(len)));
        check!(panicked, PREFIX_CUT, "prefix({len}) is {prefix:?}, and not a panic");
    });
}

#[test]
fn what_follows_a_message_is_left_alone() {
    testkit::run(|| {
        judge(PLENTY, b"\0\0\0\x05hello\0\0\0\x02me");
        judge(PLENTY, b"\0\0\0\x05hello\0");
    });
}

#[test]
fn an_empty_message_is_a_message() {
    testkit::run(|| {
        judge(PLENTY, b"\0\0\0\0");
        judge(PLENTY, b"\0\0\0\0\0\0\0\x02me");
    });
}

#[test]
fn half_a_prefix_is_not_all_there() {
    testkit::run(|| {
        for count in 0..4 {
            judge(PLENTY, &b"\0\0\0\x05"[..count]);
        }
    });
}

#[test]
fn half_a_message_is_not_all_there() {
    testkit::run(|| {
        for count in 4..9 {
            judge(PLENTY, &b"\0\0\0\x05hello"[..count]);
        }
        judge(PLENTY, b"\0\0\x01\x05hello");
    });
}

#[test]
fn after_none_the_same_bytes_come_again() {
    testkit::run(|| {
        let message = b"\0\0\0\x05hello";
        let mut framing = LengthPrefixed::new(PLENTY);
        for count in 0..=message.len() {
            check_turn(&mut framing, PLENTY, &message[..count], FORGETS, "the bytes came one by one");
        }
    });
}

#[test]
fn a_message_leaves_nothing_behind() {
    testkit::run(|| {
        let mut framing = LengthPrefixed::new(PLENTY);
        let inputs: [&[u8]; 5] =
            [b"\0\0", b"\0\0\0\x05hello\0\0", b"\0\0", b"\0\0\0\x02me", b"\0\0\0\x0eanother length"];
        for input in inputs {
            check_turn(&mut framing, PLENTY, input, REMEMBERS, "a message has been found before");
        }
    });
}

#[test]
fn a_message_may_be_as_long_as_the_limit() {
    testkit::run(|| {
        judge(5, b"\0\0\0\x05hello");
        judge(5, b"\0\0\0\x05hel");
        judge(5, b"\0\0\0\x02me\0\0\0\x02me\0\0\0\x02me");
        judge(0, b"\0\0\0\0");
        judge(1 << 32, b"\0\0\0\x05hello");
    });
}

#[test]
fn too_long_is_an_error_before_it_has_come() {
    testkit::run(|| {
        judge(5, b"\0\0\0\x06");
        judge(5, b"\0\0\0\x06hello!");
        judge(PLENTY, b"\xff\xff\xff\xff");
        judge(PLENTY, b"GET / HTTP/1.1\r\n");
        judge(0, b"\0\0\0\x01");
    });
}

#[test]
fn four_gigabytes_are_only_a_number() {
    testkit::run(|| {
        for lowest in [0, 0xfb, 0xfc, 0xff] {
            judge(usize::MAX, &[0xff, 0xff, 0xff, lowest, 1, 2, 3]);
        }
        judge(usize::MAX, &[0x80, 0, 0, 0]);
        judge(3 << 30, &[0x80, 0, 0, 0]);
    });
}

#[test]
fn the_default_limit_is_16_mib() {
    testkit::run(|| {
        let limit = 16 << 20;
        for len in [limit, limit + 1] {
            let input = framing::LengthPrefixed::prefix(len);
            let got = ask(&mut LengthPrefixed::default(), &input);
            let refused = matches!(got, Got::Error(FramingError::TooLong { limit: 16_777_216 }));
            let seen = format!("LengthPrefixed::default() was told of {len} bytes, and said {got:?}");
            check!(refused == (len > limit), WRONG_DEFAULT, "{seen}");
        }
    });
}

#[test]
fn any_cuts_give_the_same_messages() {
    fn property(messages: Vec<Vec<u8>>, cuts: Vec<u8>) {
        let mut stream = Vec::new();
        for message in &messages {
            stream.extend(framing::LengthPrefixed::prefix(message.len()));
            stream.extend(message);
        }
        let mut framing = LengthPrefixed::new(PLENTY);
        let mut unread = stream.as_slice();
        let mut input = Vec::new();
        let mut cuts = cuts.iter().map(|cut| usize::from(*cut)).chain(std::iter::repeat(PLENTY));
        let mut messages = messages.iter();
        while !unread.is_empty() {
            let (read, rest) = unread.split_at(unread.len().min(cuts.next().unwrap_or(PLENTY)));
            (unread, input) = (rest, [input.as_slice(), read].concat());
            while let Some(took) = check_turn(&mut framing, PLENTY, &input, REMEMBERS, "messages came in pieces") {
                let expected = messages.next().map_or(&[][..], |message| message);
                check_bytes!(input[4..took], expected, WRONG_MESSAGE, "messages came in pieces");
                input.drain(..took);
            }
        }
        check!(messages.len() == 0, WAITS, "all has come, and {} messages have not been found", messages.len());
    }
    // Small inputs have all the cuts that matter, and a failure is made smaller faster.
    let mut small = QuickCheck::new().rng(Gen::new(16)).tests(200);
    testkit::run(|| testkit::property(|| small.quickcheck(property as fn(Vec<Vec<u8>>, Vec<u8>))));
}

#[test]
fn whatever_comes_is_understood_as_the_engine_does() {
    fn property(limit: u16, high: bool, low: u16, bytes: Vec<u8>) {
        let [second, fourth] = low.to_be_bytes();
        let prefix = if high { [second, 0, 0, fourth] } else { [0, 0, second, fourth] };
        judge(usize::from(limit), &[&prefix[..], &bytes].concat());
        judge(usize::from(fourth), &bytes);
    }
    testkit::run(|| testkit::property(|| quickcheck(property as fn(u16, bool, u16, Vec<u8>))));
}

/// What `next` said.
#[derive(Clone, Debug, PartialEq)]
enum Got {
    Message(Vec<u8>, usize),
    NotYet,
    Error(FramingError),
    Panic,
}

fn ask<F: for<'a> Framing<Message<'a> = &'a [u8]>>(framing: &mut F, input: &[u8]) -> Got {
    let mut got = Got::Panic;
    panics(|| {
        got = match framing.next(input) {
            Ok(Some((message, took))) => Got::Message(message.to_vec(), took),
            Ok(None) => Got::NotYet,
            Err(error) => Got::Error(error),
        };
    });
    got
}

/// Gives `input` to a new framing, and names the mistake if it does not say what the engine's says.
#[track_caller]
fn judge(limit: usize, input: &[u8]) {
    let want = ask(&mut framing::LengthPrefixed::new(limit), input);
    let got = ask(&mut LengthPrefixed::new(limit), input);
    let seen = format!("With a limit of {limit}, next was given {} and said {}", show(input), said(&got));
    check!(got == want, mistake(limit, input, &want, &got), "{seen}; it must say {}", said(&want));
}

/// As [`judge`], with a framing that has been asked before. If a new one would say the right thing, that is `otherwise`.
/// Returns how many bytes a message took.
#[track_caller]
fn check_turn(
    framing: &mut LengthPrefixed,
    limit: usize,
    input: &[u8],
    otherwise: Mistake,
    why: &str,
) -> Option<usize> {
    judge(limit, input);
    let want = ask(&mut framing::LengthPrefixed::new(limit), input);
    let got = ask(framing, input);
    let seen = format!("{why}; next was given {} and said {}", show(input), said(&got));
    check!(got == want, otherwise, "{seen}; a new framing says {}", said(&want));
    if let Got::Message(_, took) = got { Some(took) } else { None }
}

fn said(got: &Got) -> String {
    match got {
        Got::Message(message, took) => format!("{} took {took} bytes", show(message)),
        Got::NotYet => "None".into(),
        Got::Error(error) => format!("{error:?}"),
        Got::Panic => "nothing: it panicked".into(),
    }
}

/// Which mistake has `got` for an answer, where `want` is right?
fn mistake(limit: usize, input: &[u8], want: &Got, got: &Got) -> Mistake {
    let announced = input.first_chunk().map(|prefix| u32::from_be_bytes(*prefix) as usize);
    if reads(b"\x01\0\0\0xy") && announced.is_some_and(|len| len > 0) {
        return LITTLE_ENDIAN;
    }
    let long = announced.is_some_and(|len| len > usize::from(u16::MAX));
    if long && [&b"\x01\0\0\x01x"[..], b"\0\x10\0\x01x"].into_iter().any(reads) {
        return UPPER_IGNORED;
    }
    if reads(b"\0\0\0\x05xy") && announced.is_some() {
        return COUNTS_ITSELF;
    }
    if announced.is_some_and(|len| len > i32::MAX as usize) && has_sign() {
        return SIGNED;
    }
    let overflows = announced.is_some_and(|len| len > u32::MAX as usize - 4);
    match (want, got) {
        (_, Got::Panic) => match announced {
            Some(_) if limit == usize::MAX && ask(&mut LengthPrefixed::new(limit / 2), input) != Got::Panic => {
                LIMIT_OVERFLOWS
            }
            None => HALF_PREFIX,
            Some(_) if overflows => OVERFLOW,
            Some(len) if *want == Got::NotYet && input.len() < len + 4 => HALF_MESSAGE,
            Some(_) => PANICS,
        },
        (Got::Message(message, took), got) => wrong_message(limit, input, (message, *took), got),
        (Got::NotYet, Got::Message(..)) if announced.is_none() => HALF_PREFIX,
        (Got::NotYet, Got::Message(..)) => HALF_MESSAGE,
        (Got::NotYet, Got::Error(_)) if announced.is_some_and(|len| len + 4 > limit) => too_strict(limit),
        (Got::NotYet, Got::Error(_)) if overflows => OVERFLOW,
        (_, Got::Error(_)) if *want == Got::NotYet => NOT_YET_IS_ERROR,
        (Got::Error(_), Got::Error(_)) => WRONG_ERROR,
        _ => too_lax(limit),
    }
}

fn wrong_message(limit: usize, input: &[u8], want: (&[u8], usize), got: &Got) -> Mistake {
    let (message, took) = want;
    match got {
        Got::Message(got, _) if got.len() == took && got.ends_with(message) => PREFIX_HANDED_ON,
        Got::Message(got, end) if got != message && *end > took => SKIPS,
        Got::Message(got, _) if got != message => WRONG_MESSAGE,
        Got::Message(_, got) if *got == message.len() => TOOK_TOO_LITTLE,
        Got::Message(_, got) if *got == input.len() => TOOK_ALL,
        Got::Message(..) => TOOK_WRONG,
        _ if message.is_empty() => EMPTY_REFUSED,
        Got::NotYet if reads(b"\0\0\0\x01x\0") => WAITS_FOR_NEXT,
        Got::NotYet => WAITS,
        Got::Error(_) if passes(limit, message.len()) => LIMIT_ON_INPUT,
        Got::Error(_) if limit > u32::MAX as usize && passes(u32::MAX as usize, message.len()) => LIMIT_CUT,
        Got::Error(_) if message.len() + 4 > limit => too_strict(limit),
        Got::Error(_) => REFUSED,
        Got::Panic => PANICS,
    }
}

/// Which limit does not refuse a message that is longer?
fn too_lax(limit: usize) -> Mistake {
    let is_early = matches!(ask(&mut LengthPrefixed::new(5), b"\0\0\0\x06"), Got::Error(_));
    match ask(&mut LengthPrefixed::new(5), b"\0\0\0\x06hello!") {
        Got::Error(_) if is_early && limit == 0 => ZERO_IS_NONE,
        Got::Message(..) if is_early => LIMIT_WHILE_WAITING,
        Got::Message(message, _) if message.len() < 6 => CUT_OFF,
        _ if passes(5, PLENTY) => NO_LIMIT,
        Got::Error(_) => LIMIT_LATE,
        Got::NotYet => TOO_LONG_WAITS,
        _ => LIMIT_TOO_HIGH,
    }
}

/// Which limit refuses a message that is not longer than the limit?
fn too_strict(limit: usize) -> Mistake {
    let short = limit.saturating_sub(1);
    if limit > 4 && passes(limit, limit - 4) && !passes(limit, limit - 3) {
        LIMIT_COUNTS_PREFIX
    } else if passes(limit, short) {
        LIMIT_TOO_LOW
    } else {
        NOT_YET_IS_ERROR
    }
}

/// Whether "x" is found in these bytes.
fn reads(input: &[u8]) -> bool {
    matches!(ask(&mut LengthPrefixed::new(PLENTY), input), Got::Message(message, _) if message == b"x")
}

/// Whether a length of 2 GiB is refused, and one that is shorter by a byte is not.
fn has_sign() -> bool {
    let ask = |prefix: [u8; 4]| ask(&mut LengthPrefixed::new(3 << 30), &prefix);
    matches!(ask([0x80, 0, 0, 0]), Got::Error(_)) && ask([0x7f, 0xff, 0xff, 0xff]) == Got::NotYet
}

/// Whether a message of `len` bytes is found when the limit is `limit`.
fn passes(limit: usize, len: usize) -> bool {
    let input = [&framing::LengthPrefixed::prefix(len)[..], &vec![0; len]].concat();
    matches!(ask(&mut LengthPrefixed::new(limit), &input), Got::Message(message, _) if message.len() == len)
}
