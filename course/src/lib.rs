//! What `cargo run` starts: the builder of the book, and the server of its pages.

pub mod book;
pub mod server;
pub mod watch;
