//! What the kernel knows of a socket and std does not ask.

use std::io;
use std::mem::{self, MaybeUninit};
use std::net::TcpStream;
use std::os::fd::{AsFd, AsRawFd, FromRawFd};
use std::os::unix::net::UnixStream;
use std::os::unix::thread::JoinHandleExt;
use std::ptr;
use std::thread::JoinHandle;

/// A TCP socket of this process: the addresses of its ends, as the kernel writes them, and what waits in it.
struct Queues {
    local: Vec<u8>,
    remote: Vec<u8>,
    unread: usize,
    under_way: usize,
}

/// The socket that a child is given as standard input. To be called once, for the socket is the caller's then.
pub(crate) fn standard_input() -> UnixStream {
    // SAFETY: the watch-dog starts each child with a socket as descriptor 0, and nobody here reads from stdin.
    unsafe { UnixStream::from_raw_fd(0) }
}

/// Whether all that was sent between these sockets has come to where it can be read, or waits for room there.
pub(crate) fn network_is_at_rest(fds: &[u32]) -> bool {
    let sockets: Vec<Queues> = fds.iter().filter_map(|fd| queues(fd.cast_signed())).collect();
    sockets.iter().all(|socket| {
        let peer = sockets.iter().find(|peer| peer.local == socket.remote && peer.remote == socket.local);
        // A peer that has nothing unread has room: the bytes, or the news of the room, are on their way.
        socket.under_way == 0 || peer.is_none_or(|peer| peer.unread > 0)
    })
}

fn queues(fd: libc::c_int) -> Option<Queues> {
    Some(Queues {
        local: name(fd, libc::getsockname)?,
        remote: name(fd, libc::getpeername)?,
        unread: count(fd, libc::FIONREAD)?,
        under_way: count(fd, libc::TIOCOUTQ)?,
    })
}

type Naming = unsafe extern "C" fn(libc::c_int, *mut libc::sockaddr, *mut libc::socklen_t) -> libc::c_int;

/// The address of one end, if this is a TCP socket.
fn name(fd: libc::c_int, naming: Naming) -> Option<Vec<u8>> {
    const FAMILY: usize = size_of::<libc::sa_family_t>();
    let mut name = [0_u8; 128];
    let mut length = name.len() as libc::socklen_t;
    // SAFETY: the kernel writes at most `length` bytes to `name`, and says EBADF if the descriptor is closed by now.
    let result = unsafe { naming(fd, name.as_mut_ptr().cast(), &raw mut length) };
    let family = libc::sa_family_t::from_ne_bytes(name[..FAMILY].try_into().ok()?);
    let is_tcp = [libc::AF_INET, libc::AF_INET6].contains(&family.into());
    (result == 0 && is_tcp).then(|| name[..length as usize].to_vec())
}

/// What an ioctl counts.
fn count(fd: libc::c_int, what: libc::Ioctl) -> Option<usize> {
    let mut count: libc::c_int = 0;
    // SAFETY: the kernel writes one `int`, which is ours, and says EBADF if the descriptor is closed by now.
    let result = unsafe { libc::ioctl(fd, what, &raw mut count) };
    if result == -1 { None } else { usize::try_from(count).ok() }
}

/// Bytes that were sent, or an end, and that the other end has not acknowledged: SIOCOUTQ of tcp(7).
pub(crate) fn bytes_under_way(socket: &TcpStream) -> usize {
    // Of a connection that was reset, the kernel goes on to count what nobody will acknowledge.
    if socket.peer_addr().is_err() {
        return 0;
    }
    count(socket.as_raw_fd(), libc::TIOCOUTQ).unwrap_or(0)
}

/// Gives a socket little room, in and out: SO_SNDBUF and SO_RCVBUF of socket(7).
pub(crate) fn make_narrow(socket: &TcpStream) {
    // With room for less than a few segments, of 64 KiB on loopback, TCP waits for its timers again and again.
    for (option, bytes) in [(libc::SO_SNDBUF, 32 * 1024), (libc::SO_RCVBUF, 256 * 1024)] {
        let bytes: libc::c_int = bytes;
        let length = size_of_val(&bytes) as libc::socklen_t;
        let (fd, value) = (socket.as_raw_fd(), (&raw const bytes).cast());
        // SAFETY: the descriptor is open while borrowed, and the kernel copies `length` bytes from `bytes`.
        let result = unsafe { libc::setsockopt(fd, libc::SOL_SOCKET, option, value, length) };
        assert!(result == 0, "a socket's room can be set: {}", io::Error::last_os_error());
    }
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

/// Sends a thread SIGUSR1, with a handler that does nothing and no `SA_RESTART`.
pub(crate) fn interrupt<T>(thread: &JoinHandle<T>) {
    extern "C" fn handler(_: libc::c_int) {}
    let handler: extern "C" fn(libc::c_int) = handler;
    // SAFETY: all fields are numbers or null pointers, for which zeros are values: no signal is masked, no flag set.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    action.sa_sigaction = handler as libc::sighandler_t;
    // SAFETY: the kernel copies `action`; a handler that does nothing is safe in a signal.
    let result = unsafe { libc::sigaction(libc::SIGUSR1, &raw const action, ptr::null_mut()) };
    assert!(result == 0, "SIGUSR1 can be handled: {}", io::Error::last_os_error());
    // SAFETY: the thread has not been joined, since its handle is borrowed.
    let result = unsafe { libc::pthread_kill(thread.as_pthread_t(), libc::SIGUSR1) };
    // Older C libraries say ESRCH of one that has ended.
    assert!([0, libc::ESRCH].contains(&result), "a thread that was not joined can be sent a signal, or has ended");
}

/// Lets this process have so many descriptors at most: RLIMIT_NOFILE of getrlimit(2).
///
/// # Panics
/// Never: a limit can always be lowered.
pub fn few_descriptors(most: u32) {
    let limit = libc::rlimit { rlim_cur: most.into(), rlim_max: most.into() };
    // SAFETY: the kernel copies `limit`.
    let result = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
    assert!(result == 0, "a limit can be lowered: {}", io::Error::last_os_error());
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
