//! What this server promises: from outside, over TCP and through the engine, but for the framing, which is a function.

mod client;
mod scratch;

mod framing;
mod splits;
mod smuggling;
mod connections;
mod responses;
mod folder;
mod escapes;
mod assets;
mod events;
mod program;
