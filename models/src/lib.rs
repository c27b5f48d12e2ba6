//! The lines of the engine that threads share, under loom.
