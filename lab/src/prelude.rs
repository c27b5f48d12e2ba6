//! What the experiments are written with.

pub(crate) use crate::experiment::{Experiment, Unproven, Verdict};
pub(crate) use crate::sys::{self, file, process, socket};
pub(crate) use crate::transcript::{A_MOMENT, A_WHILE, NOW, SOON, Transcript, microseconds, milliseconds, timed};
pub(crate) use crate::waiter::{Waiter, woken_by_one_client};
pub(crate) use crate::words::*;
