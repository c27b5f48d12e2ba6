//! What must hold of the book beyond that it can be built. The tests ask for it; a reader at work is not kept waiting.

mod claims;
mod pages;
mod sources;

pub use claims::{tests, verdicts};
pub use pages::pages;
pub use sources::sources;
