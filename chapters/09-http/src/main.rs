//! # Chapter 9
fn main() {}
