//! The article's ring over variables of which each store is seen with all that came before it.

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
            self.0.load(Ordering::Acquire)
        }

        pub(crate) fn set(&self, value: usize) {
            self.0.store(value, Ordering::Release);
        }
    }
}

/// Broken: the article's ring.
#[derive(Debug)]
pub struct Article(article_ring::ArticleRing);

impl Ring for Article {
    fn new(size: usize) -> Self {
        Self(article_ring::ArticleRing::new(size))
    }

    fn put(&self, item: usize) -> bool {
        self.0.put(item)
    }

    fn get(&self) -> Option<usize> {
        self.0.get()
    }
}

/// Broken: the article's ring, with the repair that suggests itself. It looks whether it is full before it claims a slot.
#[derive(Debug)]
pub struct TestingFirst(article_ring::ArticleRing);

impl Ring for TestingFirst {
    fn new(size: usize) -> Self {
        Self(article_ring::ArticleRing::testing_first(size))
    }

    fn put(&self, item: usize) -> bool {
        self.0.put(item)
    }

    fn get(&self) -> Option<usize> {
        self.0.get()
    }
}
