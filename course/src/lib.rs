//! What `cargo run` and `cargo course` start: the builder of the book, the recorder of its experiments, the server of its
//! pages, and the runner of the exercises.

pub mod book;
pub mod recorder;
pub mod server;
pub mod watch;
pub mod exercises;
pub mod cli;
pub mod terminal;
pub mod commands;
pub mod watching;
pub mod serve;
pub mod yours;
