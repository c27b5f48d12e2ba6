//! A small edge-triggered epoll TCP engine, written to be read: the one that the book *Using epoll* builds.
//!
//! One thread receives and sends for all clients; any thread may send through it. A chat:
//!
//! ```no_run
//! use reactor::framing::Lines;
//! use reactor::{ClientId, Clients, Disconnect, Engine, Handler};
//!
//! struct Chat;
//!
//! impl Chat {
//!     fn tell_all(clients: &mut Clients, line: &str) {
//!         for id in clients.ids().collect::<Vec<_>>() {
//!             clients.send(id, line.as_bytes());
//!         }
//!     }
//! }
//!
//! impl Handler for Chat {
//!     type Framing = Lines;
//!
//!     fn framing(&mut self) -> Lines {
//!         Lines::default()
//!     }
//!
//!     fn on_connected(&mut self, clients: &mut Clients, id: ClientId) {
//!         Self::tell_all(clients, &format!("{id} is here\n"));
//!     }
//!
//!     fn on_message(&mut self, clients: &mut Clients, from: ClientId, line: &[u8]) {
//!         Self::tell_all(clients, &format!("{from}: {}\n", String::from_utf8_lossy(line)));
//!     }
//!
//!     fn on_disconnected(&mut self, clients: &mut Clients, id: ClientId, _: Disconnect) {
//!         Self::tell_all(clients, &format!("{id} has left\n"));
//!     }
//! }
//!
//! fn main() -> std::io::Result<()> {
//!     Engine::bind("127.0.0.1:5555", Chat)?.run().map(drop)
//! }
//! ```
//!
//! The modules, in reading order.

pub mod sys;
mod sync;
#[expect(unsafe_code, reason = "epoll is reached through three system calls")]
pub mod epoll;
#[expect(unsafe_code, reason = "an eventfd is made by a system call")]
pub mod waker;
#[expect(unsafe_code, reason = "the ring hands values from thread to thread without a lock")]
pub mod queue;
pub mod mailbox;
pub mod slab;
pub mod outbox;
pub mod framing;
mod stats;
mod handler;
#[expect(unsafe_code, reason = "std has no accept4 and no TCP_NODELAY for a listener")]
mod socket;
mod client;
mod clients;
mod inbound;
mod deadlines;
mod handle;
mod builder;
mod engine;

pub use builder::Builder;
pub use clients::{ClientId, Clients};
pub use engine::Engine;
pub use epoll::{Epoll, Event, Events, Interest, Token};
pub use framing::{Framing, FramingError};
pub use handle::{Handle, Running, SendError};
pub use handler::{Disconnect, Handler, Reason};
pub use stats::Stats;
pub use waker::Waker;
