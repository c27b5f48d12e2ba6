//! Calls that any descriptor understands, and the makers of those that are no sockets.

use super::{Result, cvt, cvt_size};
use crate::words::{Fd, Mask};
use std::ffi::CStr;

pub(crate) fn close(fd: Fd) -> Result<()> {
    // SAFETY: no pointer is handed over; nothing in the lab owns a descriptor, so no owner is robbed of one.
    cvt(unsafe { libc::close(fd.0) })?;
    Ok(())
}

/// Closes every descriptor from `first` on.
pub(crate) fn close_from(first: i32) {
    // SAFETY: no pointer is handed over; it runs before the process has opened anything of its own.
    let answer = cvt(unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) } as i32);
    if answer.is_err() {
        // A kernel or a container's filter older than that call; what is inherited has low numbers.
        for number in first..1024 {
            let _ = close(Fd(number));
        }
    }
}

pub(crate) fn dup(fd: Fd) -> Result<Fd> {
    // SAFETY: no pointer is handed over.
    cvt(unsafe { libc::dup(fd.0) }).map(Fd)
}

pub(crate) fn dup2(fd: Fd, number: Fd) -> Result<Fd> {
    // SAFETY: no pointer is handed over; nothing in the lab owns the descriptor that `number` may have named.
    cvt(unsafe { libc::dup2(fd.0, number.0) }).map(Fd)
}

pub(crate) fn read(fd: Fd, max: usize) -> Result<Vec<u8>> {
    let mut buffer = vec![0; max];
    // SAFETY: `buffer` has room for `max` bytes.
    let count = cvt_size(unsafe { libc::read(fd.0, buffer.as_mut_ptr().cast(), max) })?;
    buffer.truncate(count);
    Ok(buffer)
}

pub(crate) fn write(fd: Fd, bytes: &[u8]) -> Result<usize> {
    // SAFETY: `bytes` is borrowed for the length of the call.
    cvt_size(unsafe { libc::write(fd.0, bytes.as_ptr().cast(), bytes.len()) })
}

/// Opens for reading.
pub(crate) fn open(path: &CStr) -> Result<Fd> {
    // SAFETY: `path` ends with a zero, and outlives the call.
    cvt(unsafe { libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) }).map(Fd)
}

pub(crate) fn eventfd(value: u32, flags: i32) -> Result<Fd> {
    // SAFETY: no pointer is handed over.
    cvt(unsafe { libc::eventfd(value, flags) }).map(Fd)
}

/// A timer that fires once, after `milliseconds`.
pub(crate) fn timerfd(milliseconds: i64) -> Result<Fd> {
    // SAFETY: no pointer is handed over.
    let timer = cvt(unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, libc::TFD_NONBLOCK | libc::TFD_CLOEXEC) })?;
    let never = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let then =
        libc::timespec { tv_sec: milliseconds / 1000, tv_nsec: (milliseconds % 1000 * 1_000_000) as libc::c_long };
    let setting = libc::itimerspec { it_interval: never, it_value: then };
    // SAFETY: `setting` outlives the call, and no old setting is asked for.
    cvt(unsafe { libc::timerfd_settime(timer, 0, &setting, std::ptr::null_mut()) })?;
    Ok(Fd(timer))
}

/// A pipe: the end to read from, the end to write to.
pub(crate) fn pipe2(flags: i32) -> Result<(Fd, Fd)> {
    let mut ends = [-1; 2];
    // SAFETY: `ends` has room for the two numbers.
    cvt(unsafe { libc::pipe2(ends.as_mut_ptr(), flags) })?;
    Ok((Fd(ends[0]), Fd(ends[1])))
}

/// `poll` for one descriptor; its bits have the values of epoll's.
pub(crate) fn poll(fd: Fd, events: Mask, timeout_ms: i32) -> Result<Mask> {
    let mut entry = libc::pollfd { fd: fd.0, events: events.0 as i16, revents: 0 };
    // SAFETY: one entry is handed over, and it lives on this stack.
    cvt(unsafe { libc::poll(&mut entry, 1, timeout_ms) })?;
    Ok(Mask(u32::from(entry.revents as u16)))
}

/// `poll` for many: how many of them have something to say.
pub(crate) fn poll_all(entries: &mut [libc::pollfd], timeout_ms: i32) -> Result<usize> {
    // SAFETY: `entries` is borrowed for the length of the call, and its length is the one handed over.
    cvt(unsafe { libc::poll(entries.as_mut_ptr(), entries.len() as libc::nfds_t, timeout_ms) }).map(|n| n as usize)
}

/// How many bytes could be read now.
pub(crate) fn readable_bytes(fd: Fd) -> Result<usize> {
    let mut count: libc::c_int = 0;
    // SAFETY: FIONREAD stores one `int`, and `count` is one.
    cvt(unsafe { libc::ioctl(fd.0, libc::FIONREAD, &mut count) })?;
    Ok(count as usize)
}

pub(crate) fn status_flags(fd: Fd) -> Result<i32> {
    // SAFETY: no pointer is handed over.
    cvt(unsafe { libc::fcntl(fd.0, libc::F_GETFL) })
}

pub(crate) fn set_nonblocking(fd: Fd, on: bool) -> Result<()> {
    let flags = status_flags(fd)?;
    let flags = if on { flags | libc::O_NONBLOCK } else { flags & !libc::O_NONBLOCK };
    // SAFETY: no pointer is handed over.
    cvt(unsafe { libc::fcntl(fd.0, libc::F_SETFL, flags) })?;
    Ok(())
}

/// Whether the descriptor is closed when the process executes another program.
pub(crate) fn closes_on_exec(fd: Fd) -> Result<bool> {
    // SAFETY: no pointer is handed over.
    let flags = cvt(unsafe { libc::fcntl(fd.0, libc::F_GETFD) })?;
    Ok(flags & libc::FD_CLOEXEC != 0)
}

pub(crate) fn set_close_on_exec(fd: Fd, on: bool) -> Result<()> {
    // SAFETY: no pointer is handed over.
    cvt(unsafe { libc::fcntl(fd.0, libc::F_SETFD, if on { libc::FD_CLOEXEC } else { 0 }) })?;
    Ok(())
}
