//! HTTP/1.1 on the reactor: requests as a framing, services that answer them, and events that are pushed.
//!
//! ```no_run
//! use http_server::{Folder, Http, Request, Response, Service};
//! use reactor::Engine;
//!
//! # fn main() -> std::io::Result<()> {
//! let mut folder = Folder::open("book")?;
//! let service = move |request: &Request<'_>| match request.path() {
//!     "/hello" => Response::text(http_server::Status::Ok, "Hello!\n"),
//!     _ => folder.respond(request),
//! };
//! Engine::bind("127.0.0.1:5555", Http::new(service))?.run()?;
//! # Ok(())
//! # }
//! ```
//!
//! To push, keep a [`Publisher`]:
//!
//! ```
//! use http_server::{Event, EventStream, Http, Publisher, Request, Response};
//! use reactor::Engine;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let stream = EventStream::new();
//! let listed = stream.clone();
//! let engine = Engine::bind("127.0.0.1:0", Http::new(move |_: &Request<'_>| Response::events(&listed)))?;
//! let publisher = Publisher::new(stream, engine.handle());
//! let server = engine.start()?;
//! // On this thread or any other:
//! publisher.publish(&Event::named("tick", "1"))?;
//! # server.stop()?;
//! # Ok(())
//! # }
//! ```
//!
//! The rules are those of RFC 9110 (what the words mean) and RFC 9112 (how they are written). Not here: TLS, HTTP/2,
//! ranges, compression, and bodies that are not held in memory as a whole.
//!
//! The modules, in reading order; each uses only those above it.

mod status;
mod refusal;
mod method;
mod target;
mod request;
mod chunked;
mod body;
mod framing;
mod etag;
mod events;
mod response;
mod service;
mod path;
mod assets;
#[expect(unsafe_code, reason = "std has no openat2")]
mod beneath;
mod listing;
mod folder;

pub use assets::{Assets, SharedAssets};
pub use etag::ETag;
pub use events::{Event, EventStream, PublishError, Publisher};
pub use folder::Folder;
pub use framing::{HttpFraming, Incoming};
pub use method::Method;
pub use path::content_type;
pub use refusal::{Limits, Refusal};
pub use request::{Request, Version};
pub use response::{Body, Response};
pub use service::{Http, Service};
pub use status::Status;
