//! What mdBook says while it works.
//!
//! It logs what it could not do, such as a tag that is never closed, and goes on. A reader would see the damage, so
//! here a warning fails the build; everything below a warning is dropped.

use super::error::BookError;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex, PoisonError};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::with_default;
use tracing::{Event, Level, Metadata, Subscriber};

/// Runs `work`; warnings that are logged meanwhile, on this thread, are its failure.
pub(crate) fn strictly<T>(work: impl FnOnce() -> Result<T, BookError>) -> Result<T, BookError> {
    let warnings = Arc::new(Mutex::new(Vec::new()));
    let done = with_default(Collector(Arc::clone(&warnings)), work)?;
    let warnings = std::mem::take(&mut *warnings.lock().unwrap_or_else(PoisonError::into_inner));
    if warnings.is_empty() { Ok(done) } else { Err(BookError::MdBook(warnings.join("\n  "))) }
}

struct Collector(Arc<Mutex<Vec<String>>>);

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // `Level` sorts by verbosity: an error is less than a warning.
        metadata.is_event() && *metadata.level() <= Level::WARN
    }

    fn event(&self, event: &Event<'_>) {
        let mut message = Message(String::new());
        event.record(&mut message);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(message.0);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            let _ = write!(self.0, "{value:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_warning_is_a_failure_and_information_is_not() {
        let quiet = strictly(|| {
            tracing::info!("building");
            Ok(1)
        });
        let loud = strictly(|| {
            tracing::warn!("unclosed <{}>", "div");
            tracing::error!("gone");
            Ok(1)
        });

        assert_eq!(quiet.unwrap(), 1);
        let message = loud.unwrap_err().to_string();
        assert_eq!(message, "mdBook cannot build the book: unclosed <div>\n  gone");
    }
}
