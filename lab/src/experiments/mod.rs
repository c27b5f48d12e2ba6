//! The experiments, one a file, in the order of the book.

use crate::experiment::Experiment;

mod blocking_fd;
mod not_pollable;
mod replaces_poll;
mod create1_flags;
mod ctl_errors;
mod cost;
mod cost_ready;
mod thousands;
mod one_thread;
mod timeouts;
mod default_lt;
mod level_is_no_flag;
mod oneshot;
mod lt_partial_read;
mod lt_eof_forever;
mod lowat;
mod mask_zero;
mod lt_out_spins;
mod out_while_needed;
mod mod_wakes_waiter;
mod eagain_blocks;
mod short_write;
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
mod edge_is_not_message;
mod accept_et;
mod short_read_drained;
mod short_read_fin;
mod short_read_urgent;
mod short_read_datagram;
mod et_out;
mod et_out_nospace;
mod et_out_threshold;
mod starvation;
mod budget_stop_trap;
mod ready_order;
mod queue_is_no_event;
mod ev_before_during;
mod ev_et;
mod eventfd_counter;
mod eventfd_semaphore;
mod eventfd_blocks;
mod eventfd_out_edge;
mod drain_order;
mod timeout_vs_eventfd;
mod ev_vs_pipe;
mod interleave100;
mod interleave_threads;
mod framing;
mod stale_batch;
mod del_recalls;
mod masks_peer;
mod masks_own;
mod half_close_reply;
mod shutdown_dup;
mod send_ok_not_delivered;
mod rst_with_data;
mod write_closed_fin;
mod write_closed_rst;
mod sigpipe;
mod accept_aborted;
mod emfile_lt;
mod emfile_et;
mod unconnected;
mod etimedout;
mod eintr;
mod eintr_stop;
mod two_threads_one_epoll;
mod herd_instances;
mod herd_shared;
mod exclusive_limits;
mod reuseport;

pub(crate) static ALL: &[Experiment] = &[
    blocking_fd::EXPERIMENT,
    not_pollable::EXPERIMENT,
    replaces_poll::EXPERIMENT,
    create1_flags::EXPERIMENT,
    ctl_errors::EXPERIMENT,
    cost::EXPERIMENT,
    cost_ready::EXPERIMENT,
    thousands::EXPERIMENT,
    one_thread::EXPERIMENT,
    timeouts::EXPERIMENT,
    default_lt::EXPERIMENT,
    level_is_no_flag::EXPERIMENT,
    oneshot::EXPERIMENT,
    lt_partial_read::EXPERIMENT,
    lt_eof_forever::EXPERIMENT,
    lowat::EXPERIMENT,
    mask_zero::EXPERIMENT,
    lt_out_spins::EXPERIMENT,
    out_while_needed::EXPERIMENT,
    mod_wakes_waiter::EXPERIMENT,
    eagain_blocks::EXPERIMENT,
    short_write::EXPERIMENT,
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
    edge_is_not_message::EXPERIMENT,
    accept_et::EXPERIMENT,
    short_read_drained::EXPERIMENT,
    short_read_fin::EXPERIMENT,
    short_read_urgent::EXPERIMENT,
    short_read_datagram::EXPERIMENT,
    et_out::EXPERIMENT,
    et_out_nospace::EXPERIMENT,
    et_out_threshold::EXPERIMENT,
    starvation::EXPERIMENT,
    budget_stop_trap::EXPERIMENT,
    ready_order::EXPERIMENT,
    queue_is_no_event::EXPERIMENT,
    ev_before_during::EXPERIMENT,
    ev_et::EXPERIMENT,
    eventfd_counter::EXPERIMENT,
    eventfd_semaphore::EXPERIMENT,
    eventfd_blocks::EXPERIMENT,
    eventfd_out_edge::EXPERIMENT,
    drain_order::EXPERIMENT,
    timeout_vs_eventfd::EXPERIMENT,
    ev_vs_pipe::EXPERIMENT,
    interleave100::EXPERIMENT,
    interleave_threads::EXPERIMENT,
    framing::EXPERIMENT,
    stale_batch::EXPERIMENT,
    del_recalls::EXPERIMENT,
    masks_peer::EXPERIMENT,
    masks_own::EXPERIMENT,
    half_close_reply::EXPERIMENT,
    shutdown_dup::EXPERIMENT,
    send_ok_not_delivered::EXPERIMENT,
    rst_with_data::EXPERIMENT,
    write_closed_fin::EXPERIMENT,
    write_closed_rst::EXPERIMENT,
    sigpipe::EXPERIMENT,
    accept_aborted::EXPERIMENT,
    emfile_lt::EXPERIMENT,
    emfile_et::EXPERIMENT,
    unconnected::EXPERIMENT,
    etimedout::EXPERIMENT,
    eintr::EXPERIMENT,
    eintr_stop::EXPERIMENT,
    two_threads_one_epoll::EXPERIMENT,
    herd_instances::EXPERIMENT,
    herd_shared::EXPERIMENT,
    exclusive_limits::EXPERIMENT,
    reuseport::EXPERIMENT,
];
