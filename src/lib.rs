//! A small edge-triggered epoll TCP engine, written to be read.
pub mod framing;
