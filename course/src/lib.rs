//! What `cargo run` starts: the builder of the book, the recorder of its
//! experiments, and the server of its pages.

pub mod book;
pub mod recorder;
pub mod server;
pub mod watch;
