//! The article's ring carries pointers. What it loses leaks, and what it hands out twice is freed twice. Here it carries
//! tickets: the values wait on a shelf, and a ticket that comes a second time finds nothing.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::article_ring::ArticleRing;
use crate::queue::Full;

#[derive(Debug)]
pub(crate) struct Shelf<T> {
    ring: ArticleRing,
    values: Mutex<HashMap<usize, T>>,
    next: AtomicUsize,
}

impl<T> Shelf<T> {
    pub(crate) fn new(size: usize) -> Self {
        Self { ring: ArticleRing::new(size), values: Mutex::default(), next: AtomicUsize::new(1) }
    }

    pub(crate) fn push(&self, value: T) -> Result<(), Full<T>> {
        let ticket = self.next.fetch_add(1, Relaxed);
        self.values.lock().expect("nobody panics with the lock").insert(ticket, value);
        if self.ring.put(ticket) {
            return Ok(());
        }
        self.take(ticket).map_or(Ok(()), |value| Err(Full(value)))
    }

    pub(crate) fn pop(&self) -> Option<T> {
        std::iter::from_fn(|| self.ring.get()).find_map(|ticket| self.take(ticket))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ring.is_empty()
    }

    fn take(&self, ticket: usize) -> Option<T> {
        self.values.lock().expect("nobody panics with the lock").remove(&ticket)
    }
}
