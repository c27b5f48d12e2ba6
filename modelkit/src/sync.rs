//! The names of the engine's `sync`: in a model loom's types, which note each step, and elsewhere those of `std`.

use std::ops::Deref;
use std::panic::Location;
use std::ptr;
use std::sync::atomic::{AtomicI32, AtomicU32};

pub use std::sync::atomic::Ordering;

use Ordering::{Acquire, Relaxed, Release, SeqCst};
use testkit::{Chapter, Mistake};

use crate::log::{What, access, log, modelling, step};

/// An ordering that the operation cannot have.
const NO_SUCH_ORDERING: Mistake =
    Mistake::new("an ordering is asked for that this operation cannot have", Chapter::MpscQueue);

/// A variable outside of a model, or in one.
#[derive(Debug)]
enum Variable<R, M> {
    Real(R),
    Model(M),
}

use Variable::{Model, Real};

macro_rules! atomic {
    ($name:ident, $value:ty, $($fetch:ident),*) => {
        #[doc = concat!("`", stringify!($name), "`, of `std` or of loom.")]
        #[derive(Debug)]
        pub struct $name(Variable<std::sync::atomic::$name, loom::sync::atomic::$name>);

        #[expect(missing_docs, clippy::missing_errors_doc, reason = "as in std")]
        impl $name {
            pub fn new(value: $value) -> Self {
                Self(if modelling() {
                    Model(loom::sync::atomic::$name::new(value))
                } else {
                    Real(std::sync::atomic::$name::new(value))
                })
            }

            #[track_caller]
            pub fn load(&self, order: Ordering) -> $value {
                allow(&[Relaxed, Acquire, SeqCst], order);
                match &self.0 {
                    Real(it) => {
                        LOADS.fetch_add(1, Relaxed);
                        it.load(order)
                    }
                    Model(it) => step(address(self), Location::caller(), || it.load(order), |seen| {
                        What::Load(*seen as u64, order)
                    }),
                }
            }

            #[track_caller]
            pub fn store(&self, value: $value, order: Ordering) {
                allow(&[Relaxed, Release, SeqCst], order);
                match &self.0 {
                    Real(it) => it.store(value, order),
                    Model(it) => step(address(self), Location::caller(), || it.store(value, order), |()| {
                        What::Store(value as u64, order)
                    }),
                }
            }

            #[track_caller]
            pub fn swap(&self, value: $value, order: Ordering) -> $value {
                match &self.0 {
                    Real(it) => it.swap(value, order),
                    Model(it) => step(address(self), Location::caller(), || it.swap(value, order), |found| {
                        What::Update(*found as u64, value as u64, order)
                    }),
                }
            }

            #[track_caller]
            pub fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                allow(&[Relaxed, Acquire, SeqCst], failure);
                match &self.0 {
                    Real(it) => it.compare_exchange(current, new, success, failure),
                    Model(it) => step(
                        address(self),
                        Location::caller(),
                        || it.compare_exchange(current, new, success, failure),
                        |result| match result {
                            Ok(found) => What::Update(*found as u64, new as u64, success),
                            Err(found) => What::Refused(current as u64, *found as u64, failure),
                        },
                    ),
                }
            }

            /// May fail for no reason: see [`let_weak_exchanges_fail`].
            #[track_caller]
            pub fn compare_exchange_weak(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                if let Real(it) = &self.0 {
                    if fails_for_no_reason() {
                        return Err(it.load(failure));
                    }
                }
                self.compare_exchange(current, new, success, failure)
            }

            #[track_caller]
            pub fn fetch_update(
                &self,
                success: Ordering,
                failure: Ordering,
                mut change: impl FnMut($value) -> Option<$value>,
            ) -> Result<$value, $value> {
                let mut found = self.load(failure);
                while let Some(new) = change(found) {
                    match self.compare_exchange_weak(found, new, success, failure) {
                        Ok(_) => return Ok(found),
                        Err(now) => found = now,
                    }
                }
                Err(found)
            }

            $(#[track_caller]
            pub fn $fetch(&self, value: $value, order: Ordering) -> $value {
                match &self.0 {
                    Real(it) => it.$fetch(value, order),
                    Model(it) => step(address(self), Location::caller(), || it.$fetch(value, order), |found| {
                        let left = std::sync::atomic::$name::new(*found);
                        left.$fetch(value, Relaxed);
                        What::Update(*found as u64, left.into_inner() as u64, order)
                    }),
                }
            })*
        }
    };
}

atomic!(AtomicBool, bool, fetch_or, fetch_and, fetch_xor);
atomic!(AtomicUsize, usize, fetch_add, fetch_sub, fetch_or, fetch_and, fetch_xor, fetch_max, fetch_min);
atomic!(AtomicU64, u64, fetch_add, fetch_sub, fetch_or, fetch_and, fetch_xor, fetch_max, fetch_min);

/// `std::cell::UnsafeCell` with the interface of the engine's. In a model, loom watches each access.
#[derive(Debug)]
pub struct UnsafeCell<T> {
    value: std::cell::UnsafeCell<T>,
    // Without the value: loom need not be compiled for each type of value.
    watched: Option<loom::cell::UnsafeCell<()>>,
}

#[expect(missing_docs, reason = "as in the engine")]
impl<T> UnsafeCell<T> {
    pub fn new(value: T) -> Self {
        let watched = modelling().then(|| loom::cell::UnsafeCell::new(()));
        Self { value: std::cell::UnsafeCell::new(value), watched }
    }

    #[track_caller]
    pub fn with_mut<R>(&self, act: impl FnOnce(*mut T) -> R) -> R {
        let _access = self.watched.as_ref().map(|cell| access(address(self), Location::caller(), cell));
        act(self.value.get())
    }
}

/// `Arc`, of `std`. In a model, loom watches how it is shared.
#[derive(Debug)]
pub struct Arc<T> {
    // The first to be dropped: what loom says of it comes before the value is dropped.
    watched: Option<loom::sync::Arc<()>>,
    value: std::sync::Arc<T>,
}

#[expect(missing_docs, reason = "as in std")]
impl<T> Arc<T> {
    pub fn new(value: T) -> Self {
        let watched = modelling().then(|| {
            log().explored.arcs += 1;
            loom::sync::Arc::new(())
        });
        Self { watched, value: std::sync::Arc::new(value) }
    }

    pub fn ptr_eq(this: &Self, other: &Self) -> bool {
        std::sync::Arc::ptr_eq(&this.value, &other.value)
    }

    pub fn strong_count(this: &Self) -> usize {
        this.watched.as_ref().map_or_else(|| std::sync::Arc::strong_count(&this.value), loom::sync::Arc::strong_count)
    }
}

impl<T> Clone for Arc<T> {
    fn clone(&self) -> Self {
        Self { watched: self.watched.clone(), value: std::sync::Arc::clone(&self.value) }
    }
}

impl<T> Deref for Arc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

fn address<T>(variable: &T) -> usize {
    ptr::from_ref(variable).addr()
}

/// Ends the test if an operation cannot have this ordering.
#[track_caller]
fn allow(orders: &[Ordering], order: Ordering) {
    if !orders.contains(&order) {
        let seen = format!("{order:?} is no ordering for it: a load cannot release, and a store cannot acquire.");
        testkit::fail_at(NO_SUCH_ORDERING, seen, Some(Location::caller()));
    }
}

/// How many weak exchanges go by until one fails for no reason; negative: none does.
static UNTIL_WEAK: AtomicI32 = AtomicI32::new(-1);
/// How many of the next fail besides.
static WEAK_IN_A_ROW: AtomicU32 = AtomicU32::new(0);
static LOADS: AtomicU32 = AtomicU32::new(0);

/// From now on, outside of models, each third weak exchange fails for no reason, as it may on some machines.
pub fn let_weak_exchanges_fail() {
    UNTIL_WEAK.store(2, Relaxed);
}

/// From now on, outside of models, so many weak exchanges in a row fail for no reason.
pub fn let_weak_exchanges_fail_in_a_row(times: u32) {
    WEAK_IN_A_ROW.store(times, Relaxed);
}

/// How many loads there have been so far outside of models.
pub fn loads() -> u32 {
    LOADS.load(Relaxed)
}

fn fails_for_no_reason() -> bool {
    if WEAK_IN_A_ROW.fetch_update(Relaxed, Relaxed, |times| times.checked_sub(1)).is_ok() {
        return true;
    }
    match UNTIL_WEAK.load(Relaxed) {
        ..0 => false,
        0 => {
            UNTIL_WEAK.store(2, Relaxed);
            true
        }
        more => {
            UNTIL_WEAK.store(more - 1, Relaxed);
            false
        }
    }
}
