//! The article's ring over variables of which each store is seen with all that came before it.

#[allow(dead_code, reason = "the race of `plain` is none here")]
#[path = "hand_over.rs"]
pub(crate) mod hand_over;

#[path = "../../../chapters/05-mpsc-queue/article_ring.rs"]
pub(crate) mod article_ring;

/// What the ring's variables are made of.
pub(crate) mod sync {
    use loom::sync::atomic::Ordering::{Acquire, Release};
    pub(crate) use loom::sync::atomic::{AtomicUsize, Ordering};

    /// A variable that is more than the article's.
    #[derive(Debug)]
    pub(crate) struct Plain(AtomicUsize);

    impl Plain {
        pub(crate) fn new(value: usize) -> Self {
            Self(AtomicUsize::new(value))
        }

        pub(crate) fn get(&self) -> usize {
            self.0.load(Acquire)
        }

        pub(crate) fn set(&self, value: usize) {
            self.0.store(value, Release);
        }
    }
}
