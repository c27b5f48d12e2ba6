//! SO_SNDBUF: see socket(7).

use std::io;
use std::os::fd::{AsFd, AsRawFd};

use reactor::sys::cvt;

/// Sets how many bytes the kernel keeps for the peer. It doubles the number, since it counts its own bookkeeping, and has
/// a least one; a socket for which nothing is set may grow to megabytes.
pub(crate) fn set(socket: impl AsFd, bytes: u64) -> io::Result<()> {
    let bytes = libc::c_int::try_from(bytes).unwrap_or(libc::c_int::MAX);
    let length = size_of_val(&bytes) as libc::socklen_t;
    let fd = socket.as_fd().as_raw_fd();
    // SAFETY: the kernel copies `length` bytes from `bytes` before it returns, and `fd` is borrowed for the call.
    cvt(unsafe { libc::setsockopt(fd, libc::SOL_SOCKET, libc::SO_SNDBUF, (&raw const bytes).cast(), length) })?;
    Ok(())
}
