//! A thousand clients, one thousand at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::common;

static ALONE: Mutex<()> = Mutex::new(());

/// Raises the limit of open descriptors to what a thousand clients need, and lets no other test have as many meanwhile.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    common::allow_descriptors(3000);
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
