//! What threads share goes through here. The package `models` compiles `queue.rs` and `article_ring.rs` a second time,
//! with loom's versions in place of these.

pub(crate) use std::sync::Arc;
pub(crate) use std::sync::atomic::{AtomicUsize, Ordering};

/// `std::cell::UnsafeCell` with the interface of loom's, which watches each access while it lasts.
#[derive(Debug)]
pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    pub(crate) fn with_mut<R>(&self, access: impl FnOnce(*mut T) -> R) -> R {
        access(self.0.get())
    }
}

/// A variable of the article's ring. There it is a plain one, which in C++ and in Rust may not be shared at all; here
/// it is `Relaxed`, the least that is allowed and never less than a plain one gives.
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
