//! Services answer requests; `Http` brings them to the reactor.

use crate::events::EventStream;
use crate::framing::{HttpFraming, Incoming};
use crate::method::Method;
use crate::refusal::{Limits, Refusal};
use crate::request::{Request, Version};
use crate::response::{Body, Response};
use crate::status::Status;
use reactor::{ClientId, Clients, Disconnect, Handler};
use std::collections::HashMap;

/// Answers requests. It runs on the reactor's thread: while it thinks, nobody else is served.
///
/// Any function from a request to a response is a service, and `match request.path()` is a router.
pub trait Service {
    /// Answers a request.
    ///
    /// The answer to HEAD may be that to GET: the body is left out on the way.
    fn respond(&mut self, request: &Request<'_>) -> Response;
}

impl<F: FnMut(&Request<'_>) -> Response> Service for F {
    fn respond(&mut self, request: &Request<'_>) -> Response {
        self(request)
    }
}

/// A service on HTTP/1.1, ready for a [`reactor::Engine`].
#[derive(Debug)]
pub struct Http<S> {
    service: S,
    limits: Limits,
    /// The clients whose response has not ended, and never will.
    listeners: HashMap<ClientId, EventStream>,
    /// The head of the response at hand. Kept for its memory.
    head: Vec<u8>,
}

impl<S: Service> Http<S> {
    /// Serves `service` within the default [`Limits`].
    pub fn new(service: S) -> Self {
        Self::with_limits(service, Limits::default())
    }

    /// Serves `service` within `limits`.
    pub fn with_limits(service: S, limits: Limits) -> Self {
        Self { service, limits, listeners: HashMap::new(), head: Vec::new() }
    }

    /// The service, for when the engine has given the handler back.
    pub fn into_service(self) -> S {
        self.service
    }

    fn answer(&mut self, clients: &mut Clients, id: ClientId, request: &Request<'_>) {
        let response = match request.path() {
            // About the server itself, so no service's affair. RFC 9110 section 9.3.7 calls it a ping.
            "*" => Response::new(Status::NoContent),
            _ => self.service.respond(request),
        };
        let last = !request.keeps_alive() || response.is_endless();
        self.send_head(clients, id, &response, request.version(), last);
        match &response.body {
            _ if request.method() == Method::Head => {}
            Body::Events(stream) => return self.listen(id, stream),
            _ => _ = clients.send(id, response.content()),
        }
        if last {
            clients.close(id);
        }
    }

    fn refuse(&mut self, clients: &mut Clients, id: ClientId, refusal: Refusal) {
        let response = Response::from(refusal);
        self.send_head(clients, id, &response, Version::Http11, true);
        clients.send(id, response.content());
        clients.close(id);
    }

    fn send_head(&mut self, clients: &mut Clients, id: ClientId, response: &Response, version: Version, last: bool) {
        self.head.clear();
        response.write_head(&mut self.head, version, last);
        clients.send(id, &self.head);
    }

    fn listen(&mut self, id: ClientId, stream: &EventStream) {
        stream.subscribe(id);
        self.listeners.insert(id, stream.clone());
    }
}

// ANCHOR: handler
impl<S: Service> Handler for Http<S> {
    type Framing = HttpFraming;

    fn framing(&mut self) -> HttpFraming {
        HttpFraming::new(self.limits)
    }

    fn on_message(&mut self, clients: &mut Clients, from: ClientId, message: Incoming<'_>) {
        // Who listens was told that the connection ends with the stream, so further requests are void (RFC 9112
        // section 9.6). They are not worth a disconnection, unless there is no end to them.
        let listens = self.listeners.contains_key(&from);
        match message {
            Incoming::Request(request) if !listens => self.answer(clients, from, &request),
            Incoming::AwaitsGoAhead if !listens => _ = clients.send(from, b"HTTP/1.1 100 Continue\r\n\r\n"),
            Incoming::Refused(refusal) if !listens => self.refuse(clients, from, refusal),
            Incoming::Refused(_) => clients.close(from),
            Incoming::Request(_) | Incoming::AwaitsGoAhead => {}
        }
    }

    fn on_disconnected(&mut self, _: &mut Clients, id: ClientId, _: Disconnect) {
        if let Some(stream) = self.listeners.remove(&id) {
            stream.unsubscribe(id);
        }
    }
}
// ANCHOR_END: handler
