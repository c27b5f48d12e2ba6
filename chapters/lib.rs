//! What the programs of the book share, so that each can be about its own subject.
