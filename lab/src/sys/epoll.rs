//! The three calls of epoll, and the one with a finer clock.

use super::{Result, cvt};
use crate::words::{Event, Fd, Mask};
use std::time::Duration;

/// What `epoll_ctl` is asked to do.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    Add,
    Mod,
    Del,
}

pub(crate) fn epoll_create1(flags: i32) -> Result<Fd> {
    // SAFETY: no pointer is handed over.
    cvt(unsafe { libc::epoll_create1(flags) }).map(Fd)
}

/// The descriptor's own number is the data that comes back with each event.
pub(crate) fn epoll_ctl(epoll: Fd, op: Op, fd: Fd, mask: Mask) -> Result<()> {
    let op = match op {
        Op::Add => libc::EPOLL_CTL_ADD,
        Op::Mod => libc::EPOLL_CTL_MOD,
        Op::Del => libc::EPOLL_CTL_DEL,
    };
    let mut event = libc::epoll_event { events: mask.0, u64: fd.0 as u64 };
    // SAFETY: `event` lives on this stack, and the kernel copies it before it returns.
    cvt(unsafe { libc::epoll_ctl(epoll.0, op, fd.0, &mut event) })?;
    Ok(())
}

pub(crate) fn epoll_wait(epoll: Fd, max: i32, timeout_ms: i32) -> Result<Vec<Event>> {
    let mut buffer = room_for(max);
    // SAFETY: `room_for` made room for `max` events, and the kernel writes no more than that.
    let count = cvt(unsafe { libc::epoll_wait(epoll.0, buffer.as_mut_ptr(), max, timeout_ms) })?;
    Ok(events(&buffer, count))
}

pub(crate) fn epoll_pwait2(epoll: Fd, max: i32, timeout: Duration) -> Result<Vec<Event>> {
    let mut buffer = room_for(max);
    let timeout =
        libc::timespec { tv_sec: timeout.as_secs() as libc::time_t, tv_nsec: timeout.subsec_nanos() as libc::c_long };
    // The raw call, because a C library may be older than it.
    // SAFETY: `room_for` made room for `max` events; `timeout` outlives the call; no signal mask is handed over.
    let count = unsafe {
        libc::syscall(
            libc::SYS_epoll_pwait2,
            epoll.0,
            buffer.as_mut_ptr(),
            max,
            &timeout,
            std::ptr::null::<libc::sigset_t>(),
            0_usize,
        )
    };
    Ok(events(&buffer, cvt(count as i32)?))
}

fn room_for(max: i32) -> Vec<libc::epoll_event> {
    vec![libc::epoll_event { events: 0, u64: 0 }; max.max(1) as usize]
}

fn events(buffer: &[libc::epoll_event], count: i32) -> Vec<Event> {
    buffer[..count as usize].iter().map(|raw| Event { mask: Mask(raw.events), fd: Fd(raw.u64 as i32) }).collect()
}
