//! The experiments, one a file, in the order of the book.

use crate::experiment::Experiment;

mod blocking_fd;
mod not_pollable;
mod replaces_poll;
mod cost;
mod cost_ready;
mod create1_flags;
mod ctl_errors;
mod default_lt;
mod level_is_no_flag;
mod lt_partial_read;
mod lt_eof_forever;
mod lowat;
mod lt_out_spins;
mod out_while_needed;
mod accept_inherits_nothing;
mod close_removes;
mod close_dup;
mod close_fork;
mod close_exec;
mod close_wakes_nobody;
mod del_after_close;
mod et_partial_read;
mod et_refire_newdata;
mod et_coalesces;
mod et_mod_rearms;
mod et_add_ready;
mod accept_et;
mod ev_before_during;
mod ev_et;
mod eventfd_counter;
mod eventfd_semaphore;
mod eventfd_out_edge;
mod drain_order;
mod queue_is_no_event;
mod timeout_vs_eventfd;
mod ev_vs_pipe;
mod framing;
mod one_thread;
mod thousands;
mod starvation;
mod oneshot;
mod two_threads_one_epoll;

pub(crate) static ALL: &[Experiment] = &[
    blocking_fd::EXPERIMENT,
    not_pollable::EXPERIMENT,
    replaces_poll::EXPERIMENT,
    cost::EXPERIMENT,
    cost_ready::EXPERIMENT,
    create1_flags::EXPERIMENT,
    ctl_errors::EXPERIMENT,
    default_lt::EXPERIMENT,
    level_is_no_flag::EXPERIMENT,
    lt_partial_read::EXPERIMENT,
    lt_eof_forever::EXPERIMENT,
    lowat::EXPERIMENT,
    lt_out_spins::EXPERIMENT,
    out_while_needed::EXPERIMENT,
    accept_inherits_nothing::EXPERIMENT,
    close_removes::EXPERIMENT,
    close_dup::EXPERIMENT,
    close_fork::EXPERIMENT,
    close_exec::EXPERIMENT,
    close_wakes_nobody::EXPERIMENT,
    del_after_close::EXPERIMENT,
    et_partial_read::EXPERIMENT,
    et_refire_newdata::EXPERIMENT,
    et_coalesces::EXPERIMENT,
    et_mod_rearms::EXPERIMENT,
    et_add_ready::EXPERIMENT,
    accept_et::EXPERIMENT,
    ev_before_during::EXPERIMENT,
    ev_et::EXPERIMENT,
    eventfd_counter::EXPERIMENT,
    eventfd_semaphore::EXPERIMENT,
    eventfd_out_edge::EXPERIMENT,
    drain_order::EXPERIMENT,
    queue_is_no_event::EXPERIMENT,
    timeout_vs_eventfd::EXPERIMENT,
    ev_vs_pipe::EXPERIMENT,
    framing::EXPERIMENT,
    one_thread::EXPERIMENT,
    thousands::EXPERIMENT,
    starvation::EXPERIMENT,
    oneshot::EXPERIMENT,
    two_threads_one_epoll::EXPERIMENT,
];
