//! The programs of the book, started as their reader would start them.
//!
//! They are one program of tests, for most wait for another process: so one test waits while the next works.

#[path = "../common/mod.rs"]
mod common;
mod crowd;
mod hardship;
#[path = "../common/replay.rs"]
mod replay;
mod room;

// A chapter each, and 8 has three.
mod attacks;
mod blocking_echo;
mod edge_triggered;
mod engine;
mod framing;
mod hostile_clients;
mod level_triggered;
mod mpsc_queue;
mod piles;
mod self_wake;

// What the pages show of all of them.
mod nc;
mod transcripts;
