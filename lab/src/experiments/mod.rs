//! The experiments, one a file, in the order of the book.

use crate::experiment::Experiment;

mod default_lt;
mod level_is_no_flag;
mod lt_partial_read;
mod lt_eof_forever;
mod lowat;
mod lt_out_spins;
mod out_while_needed;
mod et_partial_read;
mod et_refire_newdata;
mod et_coalesces;
mod et_mod_rearms;
mod et_add_ready;

pub(crate) static ALL: &[Experiment] = &[
    default_lt::EXPERIMENT,
    level_is_no_flag::EXPERIMENT,
    lt_partial_read::EXPERIMENT,
    lt_eof_forever::EXPERIMENT,
    lowat::EXPERIMENT,
    lt_out_spins::EXPERIMENT,
    out_while_needed::EXPERIMENT,
    et_partial_read::EXPERIMENT,
    et_refire_newdata::EXPERIMENT,
    et_coalesces::EXPERIMENT,
    et_mod_rearms::EXPERIMENT,
    et_add_ready::EXPERIMENT,
];
