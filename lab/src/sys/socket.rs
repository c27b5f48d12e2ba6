//! Sockets, all of them on 127.0.0.1, with ports that the kernel chooses.

use super::{Result, cvt, cvt_size, file};
use crate::words::{EAGAIN, ETIMEDOUT, Fd, IN};

/// How long the making of a connection may take.
const A_LONG_WHILE: i32 = 10_000;

/// A TCP socket that blocks; it is closed when another program is executed.
pub(crate) fn tcp_socket() -> Result<Fd> {
    socket(libc::AF_INET, libc::SOCK_STREAM)
}

pub(crate) fn udp_socket() -> Result<Fd> {
    socket(libc::AF_INET, libc::SOCK_DGRAM)
}

fn socket(domain: i32, kind: i32) -> Result<Fd> {
    // SAFETY: no pointer is handed over.
    cvt(unsafe { libc::socket(domain, kind | libc::SOCK_CLOEXEC, 0) }).map(Fd)
}

fn loopback(port: u16) -> libc::sockaddr_in {
    libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: port.to_be(),
        sin_addr: libc::in_addr { s_addr: u32::from(std::net::Ipv4Addr::LOCALHOST).to_be() },
        sin_zero: [0; 8],
    }
}

const ADDRESS_SIZE: libc::socklen_t = size_of::<libc::sockaddr_in>() as libc::socklen_t;

/// Binds to 127.0.0.1; port 0 lets the kernel choose one.
pub(crate) fn bind(fd: Fd, port: u16) -> Result<()> {
    let address = loopback(port);
    // SAFETY: `address` outlives the call, and its size is the one handed over.
    cvt(unsafe { libc::bind(fd.0, (&raw const address).cast(), ADDRESS_SIZE) })?;
    Ok(())
}

pub(crate) fn listen(fd: Fd, backlog: i32) -> Result<()> {
    // SAFETY: no pointer is handed over.
    cvt(unsafe { libc::listen(fd.0, backlog) })?;
    Ok(())
}

pub(crate) fn connect(fd: Fd, port: u16) -> Result<()> {
    let address = loopback(port);
    // SAFETY: `address` outlives the call, and its size is the one handed over.
    cvt(unsafe { libc::connect(fd.0, (&raw const address).cast(), ADDRESS_SIZE) })?;
    Ok(())
}

/// The local port.
pub(crate) fn port(fd: Fd) -> Result<u16> {
    let mut address = loopback(0);
    let mut size = ADDRESS_SIZE;
    // SAFETY: `address` has the room that `size` says, and both live on this stack.
    cvt(unsafe { libc::getsockname(fd.0, (&raw mut address).cast(), &mut size) })?;
    Ok(u16::from_be(address.sin_port))
}

/// Accepts a connection. The new socket is closed when another program is executed.
pub(crate) fn accept4(fd: Fd, flags: i32) -> Result<Fd> {
    let null = std::ptr::null_mut();
    // SAFETY: a null address asks for none, and then no size is read.
    cvt(unsafe { libc::accept4(fd.0, null, null.cast(), flags | libc::SOCK_CLOEXEC) }).map(Fd)
}

/// Sends without the signal SIGPIPE.
pub(crate) fn send(fd: Fd, bytes: &[u8]) -> Result<usize> {
    send_with(fd, bytes, libc::MSG_NOSIGNAL)
}

pub(crate) fn send_with(fd: Fd, bytes: &[u8], flags: i32) -> Result<usize> {
    // SAFETY: `bytes` is borrowed for the length of the call.
    cvt_size(unsafe { libc::send(fd.0, bytes.as_ptr().cast(), bytes.len(), flags) })
}

/// Sends pieces of `size` bytes until the kernel refuses one: the bytes it took.
pub(crate) fn fill(fd: Fd, size: usize) -> Result<usize> {
    let piece = vec![b'x'; size];
    let mut taken = 0;
    loop {
        match send(fd, &piece) {
            Ok(count) => taken += count,
            Err(EAGAIN) => return Ok(taken),
            Err(other) => return Err(other),
        }
    }
}

pub(crate) fn recv(fd: Fd, max: usize) -> Result<Vec<u8>> {
    let mut buffer = vec![0; max];
    // SAFETY: `buffer` has room for `max` bytes.
    let count = cvt_size(unsafe { libc::recv(fd.0, buffer.as_mut_ptr().cast(), max, 0) })?;
    buffer.truncate(count);
    Ok(buffer)
}

pub(crate) fn shutdown(fd: Fd, how: i32) -> Result<()> {
    // SAFETY: no pointer is handed over.
    cvt(unsafe { libc::shutdown(fd.0, how) })?;
    Ok(())
}

/// Sets an option whose value is an `int`.
pub(crate) fn set_option(fd: Fd, level: i32, name: i32, value: i32) -> Result<()> {
    let size = size_of::<i32>() as libc::socklen_t;
    // SAFETY: `value` outlives the call, and its size is the one handed over.
    cvt(unsafe { libc::setsockopt(fd.0, level, name, (&raw const value).cast(), size) })?;
    Ok(())
}

/// Reads an option whose value is an `int`.
pub(crate) fn option(fd: Fd, level: i32, name: i32) -> Result<i32> {
    let mut value = 0;
    let mut size = size_of::<i32>() as libc::socklen_t;
    // SAFETY: `value` has the room that `size` says, and both live on this stack.
    cvt(unsafe { libc::getsockopt(fd.0, level, name, (&raw mut value).cast(), &mut size) })?;
    Ok(value)
}

/// What the send queue holds and what it may hold, in the kernel's own count, which includes its book-keeping.
pub(crate) fn send_queue(fd: Fd) -> Result<(usize, usize)> {
    // `SO_MEMINFO`; places 3 and 5 are `SK_MEMINFO_SNDBUF` and `SK_MEMINFO_WMEM_QUEUED` of linux/sock_diag.h.
    const SO_MEMINFO: i32 = 55;
    let mut numbers = [0_u32; 9];
    let mut size = size_of_val(&numbers) as libc::socklen_t;
    // SAFETY: `numbers` has the room that `size` says, and both live on this stack.
    cvt(unsafe { libc::getsockopt(fd.0, libc::SOL_SOCKET, SO_MEMINFO, numbers.as_mut_ptr().cast(), &mut size) })?;
    Ok((numbers[5] as usize, numbers[3] as usize))
}

/// How many bytes the peer has not yet acknowledged.
pub(crate) fn unacknowledged(fd: Fd) -> Result<usize> {
    let mut count: libc::c_int = 0;
    // SAFETY: TIOCOUTQ (SIOCOUTQ) stores one `int`, and `count` is one.
    cvt(unsafe { libc::ioctl(fd.0, libc::TIOCOUTQ, &mut count) })?;
    Ok(count as usize)
}

/// What TCP knows of a connection.
fn tcp_info(fd: Fd) -> Result<libc::tcp_info> {
    // SAFETY: all-zero is a valid `tcp_info`: it consists of integers.
    let mut info: libc::tcp_info = unsafe { std::mem::zeroed() };
    let mut size = size_of::<libc::tcp_info>() as libc::socklen_t;
    // SAFETY: `info` has the room that `size` says, and both live on this stack.
    cvt(unsafe { libc::getsockopt(fd.0, libc::IPPROTO_TCP, libc::TCP_INFO, (&raw mut info).cast(), &mut size) })?;
    Ok(info)
}

/// How many clients of a listening socket wait to be accepted.
pub(crate) fn waiting_clients(listener: Fd) -> Result<usize> {
    // For a listening socket the kernel uses this field for the length of its queue.
    tcp_info(listener).map(|info| info.tcpi_unacked as usize)
}

/// From now on `close` throws the connection away with a reset (RST) in place of an orderly end (FIN).
pub(crate) fn reset_on_close(fd: Fd) -> Result<()> {
    let linger = libc::linger { l_onoff: 1, l_linger: 0 };
    let size = size_of::<libc::linger>() as libc::socklen_t;
    // SAFETY: `linger` outlives the call, and its size is the one handed over.
    cvt(unsafe { libc::setsockopt(fd.0, libc::SOL_SOCKET, libc::SO_LINGER, (&raw const linger).cast(), size) })?;
    Ok(())
}

/// A pair of connected AF_UNIX streams, both non-blocking.
pub(crate) fn unix_pair() -> Result<(Fd, Fd)> {
    let mut ends = [-1; 2];
    let kind = libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    // SAFETY: `ends` has room for the two numbers.
    cvt(unsafe { libc::socketpair(libc::AF_UNIX, kind, 0, ends.as_mut_ptr()) })?;
    Ok((Fd(ends[0]), Fd(ends[1])))
}

/// A listening socket that does not block, on a port that the kernel chose.
pub(crate) fn listener() -> Result<Fd> {
    let fd = tcp_socket()?;
    bind(fd, 0)?;
    listen(fd, 1024)?;
    file::set_nonblocking(fd, true)?;
    Ok(fd)
}

/// A client of `listener`; it does not block once it is connected.
pub(crate) fn client_of(listener: Fd) -> Result<Fd> {
    let client = tcp_socket()?;
    connect(client, port(listener)?)?;
    file::set_nonblocking(client, true)?;
    Ok(client)
}

/// A connection over loopback, both ends non-blocking: the client's end, the server's end.
pub(crate) fn tcp_pair() -> Result<(Fd, Fd)> {
    let listener = listener()?;
    let pair = pair_through(listener)?;
    file::close(listener)?;
    Ok(pair)
}

/// The same with chosen buffer sizes at both ends; the kernel doubles them for its own book-keeping.
pub(crate) fn tcp_pair_sized(send_buffer: i32, receive_buffer: i32) -> Result<(Fd, Fd)> {
    let listener = listener()?;
    // An accepted socket inherits these, and a window can only be kept small from the start.
    set_option(listener, libc::SOL_SOCKET, libc::SO_SNDBUF, send_buffer)?;
    set_option(listener, libc::SOL_SOCKET, libc::SO_RCVBUF, receive_buffer)?;
    let client = tcp_socket()?;
    set_option(client, libc::SOL_SOCKET, libc::SO_SNDBUF, send_buffer)?;
    set_option(client, libc::SOL_SOCKET, libc::SO_RCVBUF, receive_buffer)?;
    connect(client, port(listener)?)?;
    file::set_nonblocking(client, true)?;
    let server = accept_soon(listener)?;
    file::close(listener)?;
    Ok((client, server))
}

/// The same through a listener that stays.
pub(crate) fn pair_through(listener: Fd) -> Result<(Fd, Fd)> {
    let client = client_of(listener)?;
    Ok((client, accept_soon(listener)?))
}

/// Accepts a connection that is on its way. The accepted socket does not block.
pub(crate) fn accept_soon(listener: Fd) -> Result<Fd> {
    if !file::poll(listener, IN, A_LONG_WHILE)?.has(IN) {
        return Err(ETIMEDOUT);
    }
    accept4(listener, libc::SOCK_NONBLOCK)
}
