//! What the kernel knows of a socket and std does not ask.

use std::io;
use std::mem::{self, MaybeUninit};
use std::net::TcpStream;
use std::os::fd::{AsFd, AsRawFd};

/// Bytes that were sent, or an end, and that the other end has not acknowledged: SIOCOUTQ of tcp(7).
pub(crate) fn bytes_under_way(socket: &TcpStream) -> usize {
    let mut count: libc::c_int = 0;
    // SAFETY: the descriptor is open while borrowed, and the kernel writes one `int`, which is ours.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::TIOCOUTQ, &raw mut count) };
    // A connection that is gone has nothing under way.
    if result == -1 { 0 } else { usize::try_from(count).unwrap_or(0) }
}

/// How many connections wait to be accepted. See tcp(7), TCP_INFO: of a listener, `unacked` is the queue's length.
pub(crate) fn connections_waiting(listener: &impl AsFd) -> usize {
    let mut info = MaybeUninit::<libc::tcp_info>::zeroed();
    let mut length = size_of_val(&info) as libc::socklen_t;
    let fd = listener.as_fd().as_raw_fd();
    // SAFETY: the descriptor is open while borrowed, and the kernel writes at most `length` bytes to `info`.
    let result =
        unsafe { libc::getsockopt(fd, libc::IPPROTO_TCP, libc::TCP_INFO, info.as_mut_ptr().cast(), &raw mut length) };
    assert!(result == 0, "a listener has a queue: {}", io::Error::last_os_error());
    // SAFETY: all fields are numbers, for which zeros and whatever the kernel writes are values.
    unsafe { info.assume_init() }.tcpi_unacked as usize
}

/// Closes a socket so that the peer gets a reset: SO_LINGER of socket(7), with no time to linger.
pub(crate) fn reset(socket: TcpStream) {
    let linger = libc::linger { l_onoff: 1, l_linger: 0 };
    let length = size_of_val(&linger) as libc::socklen_t;
    let fd = socket.as_raw_fd();
    // SAFETY: the kernel copies `length` bytes from `linger` before it returns.
    let result = unsafe { libc::setsockopt(fd, libc::SOL_SOCKET, libc::SO_LINGER, (&raw const linger).cast(), length) };
    assert!(result == 0, "a socket can be told not to linger: {}", io::Error::last_os_error());
    mem::drop(socket);
}
