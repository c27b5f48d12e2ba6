//! The server of the book.
fn main() {}
