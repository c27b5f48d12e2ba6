//! What both rooms do for their clients, and the room on the engine.

use reactor::framing::Lines;
use reactor::{ClientId, Clients, Disconnect, Handler, Reason};

/// Nobody gets more bytes for one request.
const MOST: usize = 64 << 20;

/// What a line is.
pub(crate) enum Request<'a> {
    /// Told to everybody.
    Say(&'a [u8]),
    /// Answered with so many bytes, the last of them a line end.
    Bytes(usize),
}

impl<'a> Request<'a> {
    pub(crate) fn of(line: &'a [u8]) -> Self {
        match str::from_utf8(line).ok().and_then(|line| line.parse().ok()) {
            Some(count) => Self::Bytes(usize::min(count, MOST)),
            None => Self::Say(line),
        }
    }
}

/// The answer to [`Request::Bytes`].
pub(crate) fn bytes(count: usize) -> Vec<u8> {
    let mut bytes = vec![b'x'; count];
    if let Some(last) = bytes.last_mut() {
        *last = b'\n';
    }
    bytes
}

// ANCHOR: room
#[derive(Debug)]
pub(crate) struct Room;

impl Handler for Room {
    type Framing = Lines;

    fn framing(&mut self) -> Lines {
        Lines::default()
    }

    fn on_message(&mut self, clients: &mut Clients, from: ClientId, line: &[u8]) {
        match Request::of(line) {
            Request::Bytes(count) => _ = clients.send(from, &bytes(count)),
            Request::Say(line) => {
                for id in clients.ids().collect::<Vec<_>>() {
                    clients.send(id, &[line, b"\n"].concat());
                }
            }
        }
    }

    fn on_disconnected(&mut self, _: &mut Clients, id: ClientId, Disconnect { reason, unsent }: Disconnect) {
        let reason = match reason {
            Reason::Framing(error) => error.to_string(),
            Reason::Error(error) => error.to_string(),
            reason => format!("{reason:?}"),
        };
        eprintln!("{id} left ({reason}), {unsent} bytes unsent");
    }
}
// ANCHOR_END: room
