//! From the bytes of one client to messages, and an answer to each.

use std::io::{self, Read};
use std::net::{SocketAddr, TcpStream};

use chapters::Args;
use reactor::outbox::{Outbox, Progress};

use crate::framing::{Framing, FramingError, LengthPrefixed, Lines, ReadIsMessage};

/// How much is read at once.
const BUFFER: usize = 16 * 1024;
/// How long a message may be.
const LIMIT: usize = 64 * 1024;
/// How much of a message its answer shows.
const SHOWN: usize = 40;

#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) socket: TcpStream,
    pub(crate) peer: SocketAddr,
    framing: Chosen,
    /// The start of a message whose end is still on its way.
    rest: Vec<u8>,
    outbox: Outbox,
    /// It is in the reactor's list of clients to read from.
    pub(crate) listed: bool,
    /// It has no more to say.
    pub(crate) ended: bool,
    messages: u64,
    bytes: u64,
    most_held: usize,
}

/// The framing that the flags chose.
#[derive(Debug)]
pub(crate) enum Chosen {
    Lines(Lines),
    LengthPrefixed(LengthPrefixed),
    ReadIsMessage(ReadIsMessage),
}

// ANCHOR: chosen
impl Chosen {
    /// A framing for one client: each has its own, for it may remember things.
    pub(crate) fn by(args: &Args) -> Self {
        let limit = if args.has("--no-limit") { usize::MAX } else { LIMIT };
        if args.has("--read-is-message") {
            Self::ReadIsMessage(ReadIsMessage)
        } else if args.has("--length-prefixed") {
            Self::LengthPrefixed(LengthPrefixed::new(limit))
        } else if args.has("--rescan") {
            Self::Lines(Lines::rescanning(limit))
        } else {
            Self::Lines(Lines::new(limit))
        }
    }
}
// ANCHOR_END: chosen

impl Framing for Chosen {
    type Message<'a> = &'a [u8];

    fn next<'a>(&mut self, input: &'a [u8]) -> Result<Option<(&'a [u8], usize)>, FramingError> {
        match self {
            Self::Lines(framing) => framing.next(input),
            Self::LengthPrefixed(framing) => framing.next(input),
            Self::ReadIsMessage(framing) => framing.next(input),
        }
    }
}

impl Client {
    pub(crate) fn new(socket: TcpStream, peer: SocketAddr, framing: Chosen) -> Self {
        let (rest, outbox) = (Vec::new(), Outbox::new(usize::MAX));
        let (listed, ended, messages, bytes, most_held) = (false, false, 0, 0, 0);
        Self { socket, peer, framing, rest, outbox, listed, ended, messages, bytes, most_held }
    }

    /// Reads once, and answers the messages that are complete now. 0: the client has shut down its side.
    pub(crate) fn read(&mut self) -> io::Result<usize> {
        let mut buffer = [0; BUFFER];
        let count = self.socket.read(&mut buffer)?;
        self.bytes += count as u64;
        self.deliver(&buffer[..count]).map_err(io::Error::other)?;
        Ok(count)
    }

    // ANCHOR: deliver
    /// Answers each whole message, and keeps the bytes behind the last one.
    fn deliver(&mut self, bytes: &[u8]) -> Result<(), FramingError> {
        self.rest.extend_from_slice(bytes);
        let mut taken = 0;
        while taken < self.rest.len()
            && let Some((message, count)) = self.framing.next(&self.rest[taken..])?
        {
            taken += count;
            self.messages += 1;
            let shown = message[..message.len().min(SHOWN)].escape_ascii();
            let more = if message.len() > SHOWN { "..." } else { "" };
            let length = chapters::count(message.len() as u64, "byte");
            self.outbox.push(format!("{length}: \"{shown}\"{more}\n").as_bytes());
        }
        self.rest.drain(..taken);
        self.most_held = self.most_held.max(self.rest.len());
        Ok(())
    }
    // ANCHOR_END: deliver

    /// Sends what waits to be sent. `true`: that was all, and no more will come.
    pub(crate) fn flush(&mut self) -> io::Result<bool> {
        Ok(self.outbox.write_to(&self.socket)? == Progress::Empty && self.ended)
    }

    /// What it sent and what that cost us.
    pub(crate) fn summary(&self) -> String {
        let Self { messages, bytes, most_held, .. } = self;
        let looked_at = match &self.framing {
            Chosen::Lines(lines) => format!(", {} looked at", lines.looked_at),
            _ => String::new(),
        };
        let left = self.rest.len();
        let messages = chapters::count(*messages, "message");
        let bytes = chapters::count(*bytes, "byte");
        format!("{messages}, {bytes} read{looked_at}, at most {most_held} kept, {left} left over")
    }
}
