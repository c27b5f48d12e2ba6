//! From the bytes of one client to messages.

use crate::client::Input;
use crate::clients::{ClientId, Clients};
use crate::framing::{Framing, FramingError};
use crate::handler::{Handler, Reason};

/// What one client has sent and nobody has seen yet. Kept apart from [`Clients`], so that a handler that holds a
/// message, which borrows from here, may change those as it likes.
#[derive(Debug)]
pub(crate) struct Inbound<F> {
    framing: F,
    /// The start of a message whose end is still on its way; more than that only while the client is held back.
    rest: Vec<u8>,
    /// It is in the reactor's list of clients to read from.
    pub(crate) listed: bool,
    /// `rest` may hold whole messages.
    pub(crate) unframed: bool,
    /// A short read does not mean that nothing is left: the end of the stream, an error or an urgent mark is behind.
    pub(crate) more: bool,
}

impl<F: Framing> Inbound<F> {
    pub(crate) fn new(framing: F) -> Self {
        Self { framing, rest: Vec::new(), listed: false, unframed: false, more: false }
    }

    /// Hands each whole message to the handler, and keeps the bytes behind the last one.
    pub(crate) fn deliver<H>(&mut self, new: &[u8], handler: &mut H, clients: &mut Clients, from: ClientId)
    where
        H: Handler<Framing = F>,
    {
        if self.rest.is_empty() {
            // Almost always: whole messages, straight from the reactor's one buffer.
            let taken = self.frame(new, handler, clients, from);
            self.rest.extend_from_slice(&new[taken..]);
        } else {
            let mut input = std::mem::take(&mut self.rest);
            input.extend_from_slice(new);
            let taken = self.frame(&input, handler, clients, from);
            input.drain(..taken);
            // A client that waits for nothing owns no memory.
            self.rest = if input.is_empty() { Vec::new() } else { input };
        }
    }

    fn frame<H>(&mut self, input: &[u8], handler: &mut H, clients: &mut Clients, from: ClientId) -> usize
    where
        H: Handler<Framing = F>,
    {
        let mut taken = 0;
        self.unframed = false;
        while taken < input.len() {
            match clients.input(from) {
                Input::Deliver => {}
                Input::HoldBack => {
                    self.unframed = true;
                    break;
                }
                Input::Discard | Input::None => return input.len(),
            }
            match checked_next(&mut self.framing, &input[taken..]) {
                Ok(Some((message, count))) => {
                    taken += count;
                    clients.stats.messages += 1;
                    handler.on_message(clients, from, message);
                }
                Ok(None) => break,
                Err(error) => {
                    clients.close_because(from, Reason::Framing(error));
                    return input.len();
                }
            }
        }
        taken
    }
}

/// Calls the framing, and does not believe it if it took nothing, or more than there was.
fn checked_next<'a, F: Framing>(
    framing: &mut F,
    input: &'a [u8],
) -> Result<Option<(F::Message<'a>, usize)>, FramingError> {
    match framing.next(input)? {
        Some((_, taken)) if taken == 0 || taken > input.len() => {
            Err(FramingError::Malformed("the framing took bytes that are not there"))
        }
        found => Ok(found),
    }
}
