//! The calls on sockets that std does not have.

use std::fmt::Display;
use std::io;
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::os::fd::{AsRawFd, FromRawFd};
use std::ptr;

use crate::sys::cvt;

/// What came of asking for a connection.
#[derive(Debug)]
pub(crate) enum Accepted {
    Client(TcpStream),
    /// No connection is waiting: the next one is an edge.
    Drained,
    /// There may be connections waiting, but none can be had now: no descriptor is left (`EMFILE`), no memory
    /// (`ENOBUFS`), or the network has a passing error. No edge will say when that changes.
    Later,
}

/// Listens on the first of `address`'s addresses that can be had, without ever blocking in accept.
pub(crate) fn listen(address: impl ToSocketAddrs + Display) -> io::Result<TcpListener> {
    // SO_REUSEADDR and SOCK_CLOEXEC are std's doing.
    let listener = TcpListener::bind(&address).map_err(|error| explain(&error, &address))?;
    listener.set_nonblocking(true)?;
    // Connections inherit it, so it costs nothing for each: replies are gathered by us, not by Nagle's algorithm.
    let on: libc::c_int = 1;
    let length = size_of_val(&on) as libc::socklen_t;
    // SAFETY: the kernel copies `length` bytes from `on` before it returns.
    cvt(unsafe {
        libc::setsockopt(listener.as_raw_fd(), libc::IPPROTO_TCP, libc::TCP_NODELAY, (&raw const on).cast(), length)
    })?;
    Ok(listener)
}

// ANCHOR: accept
/// Accepts one connection: not blocking, and not inherited by children.
///
/// # Errors
/// Those that say that the listener itself is no listener: `EBADF`, `EINVAL`, `ENOTSOCK`.
pub(crate) fn accept(listener: &TcpListener) -> io::Result<Accepted> {
    loop {
        let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
        // SAFETY: accept4(2) takes null for an address that nobody wants.
        match cvt(unsafe { libc::accept4(listener.as_raw_fd(), ptr::null_mut(), ptr::null_mut(), flags) }) {
            // SAFETY: the kernel has just made `fd` for us, so nobody else owns it.
            Ok(fd) => return Ok(Accepted::Client(unsafe { TcpStream::from_raw_fd(fd) })),
            Err(error) => match error.raw_os_error() {
                Some(libc::EAGAIN) => return Ok(Accepted::Drained),
                Some(libc::EINTR | libc::ECONNABORTED) => {}
                Some(libc::EBADF | libc::EINVAL | libc::ENOTSOCK) => return Err(error),
                _ => return Ok(Accepted::Later),
            },
        }
    }
}
// ANCHOR_END: accept

fn explain(error: &io::Error, address: &impl Display) -> io::Error {
    io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
}
