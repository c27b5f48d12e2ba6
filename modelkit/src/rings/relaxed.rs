//! The article's ring over atomics that publish nothing: an item may be seen later than its flag.

use super::Ring;

#[path = "../../../chapters/05-mpsc-queue/article_ring.rs"]
mod article_ring;

/// What the ring's variables are made of.
mod sync {
    pub(crate) use loom::sync::atomic::{AtomicUsize, Ordering};

    /// A variable, and the orderings of its accesses.
    #[derive(Debug)]
    pub(crate) struct Plain(AtomicUsize);

    impl Plain {
        pub(crate) fn new(value: usize) -> Self {
            Self(AtomicUsize::new(value))
        }

        pub(crate) fn get(&self) -> usize {
            self.0.load(Ordering::Relaxed)
        }

        pub(crate) fn set(&self, value: usize) {
            self.0.store(value, Ordering::Relaxed);
        }
    }
}

/// Broken: the article's ring, with room for all: what it does when it is full is another fault.
#[derive(Debug)]
pub struct Article(article_ring::ArticleRing);

impl Ring for Article {
    fn new(size: usize) -> Self {
        Self(article_ring::ArticleRing::testing_first(size + 8))
    }

    fn put(&self, item: usize) -> bool {
        self.0.put(item)
    }

    fn get(&self) -> Option<usize> {
        self.0.get()
    }
}
