//! The article's ring over plain variables, as the article has them: each access is a race.

use super::Ring;

#[path = "../../../chapters/05-mpsc-queue/article_ring.rs"]
mod article_ring;

/// What the ring's variables are made of.
mod sync {
    pub(crate) use loom::sync::atomic::{AtomicUsize, Ordering};

    /// A variable that loom watches: no two threads may be at it at once if one of them writes.
    #[derive(Debug)]
    pub(crate) struct Plain(loom::cell::Cell<usize>);

    // SAFETY: it is not safe. loom reports whoever makes use of that.
    #[expect(unsafe_code, reason = "the mistake that loom is to find")]
    unsafe impl Sync for Plain {}

    impl Plain {
        pub(crate) fn new(value: usize) -> Self {
            Self(loom::cell::Cell::new(value))
        }

        pub(crate) fn get(&self) -> usize {
            self.0.get()
        }

        pub(crate) fn set(&self, value: usize) {
            self.0.set(value);
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
