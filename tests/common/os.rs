//! What std has no call for.
#![expect(unsafe_code, reason = "these are system calls, one each")]

use std::fs;
use std::net::TcpStream;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// Ends the connection by a reset, at once.
pub(crate) fn reset(client: TcpStream) {
    let at_once = libc::linger { l_onoff: 1, l_linger: 0 };
    set_option(client.as_raw_fd(), libc::SOL_SOCKET, libc::SO_LINGER, at_once);
}

pub(crate) fn set_option<T>(fd: RawFd, level: libc::c_int, name: libc::c_int, value: T) {
    let length = size_of::<T>() as libc::socklen_t;
    // SAFETY: the kernel copies `length` bytes from `value` before it returns.
    let result = unsafe { libc::setsockopt(fd, level, name, (&raw const value).cast(), length) };
    assert_eq!(result, 0, "setsockopt: {}", std::io::Error::last_os_error());
}

pub(crate) fn option(fd: RawFd, level: libc::c_int, name: libc::c_int) -> libc::c_int {
    let mut value: libc::c_int = 0;
    let mut length = size_of_val(&value) as libc::socklen_t;
    // SAFETY: the kernel writes at most `length` bytes, the size of `value`.
    let result = unsafe { libc::getsockopt(fd, level, name, (&raw mut value).cast(), &raw mut length) };
    assert_eq!(result, 0, "getsockopt: {}", std::io::Error::last_os_error());
    value
}

/// Sends one byte as TCP urgent data.
pub(crate) fn send_urgent(client: &TcpStream, byte: u8) {
    // SAFETY: the kernel reads one byte, from `byte`.
    let sent = unsafe { libc::send(client.as_raw_fd(), (&raw const byte).cast(), 1, libc::MSG_OOB) };
    assert_eq!(sent, 1, "send: {}", std::io::Error::last_os_error());
}

/// How many bytes have been written that the peer's kernel does not have yet.
pub(crate) fn in_flight(client: &TcpStream) -> usize {
    let mut count: libc::c_int = 0;
    // SAFETY: TIOCOUTQ writes one int, to `count`.
    let result = unsafe { libc::ioctl(client.as_raw_fd(), libc::TIOCOUTQ, &raw mut count) };
    assert_eq!(result, 0, "ioctl: {}", std::io::Error::last_os_error());
    usize::try_from(count).expect("a count")
}

/// Kills this process after so many seconds.
pub(crate) fn alarm(seconds: u32) {
    // SAFETY: the call takes no pointer.
    unsafe { libc::alarm(seconds) };
}

/// Allows this process so many descriptors, but not more than it may have, and returns how many that are.
pub(crate) fn allow_descriptors(wanted: u64) -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the kernel writes one rlimit, to `limit`.
    let result = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) };
    assert_eq!(result, 0, "getrlimit: {}", std::io::Error::last_os_error());
    limit.rlim_cur = wanted.min(limit.rlim_max);
    // SAFETY: the kernel copies `limit` before it returns.
    let result = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
    assert_eq!(result, 0, "setrlimit: {}", std::io::Error::last_os_error());
    limit.rlim_cur
}

/// Gives up being root, for good; anybody else stays who they are.
pub(crate) fn become_user(user: libc::uid_t) {
    // SAFETY: the call takes no pointer.
    let root = unsafe { libc::geteuid() } == 0;
    // SAFETY: the call takes no pointer.
    let result = if root { unsafe { libc::setuid(user) } } else { 0 };
    assert_eq!(result, 0, "setuid: {}", std::io::Error::last_os_error());
}

/// From now on SIGUSR1 interrupts system calls, and does nothing else.
pub(crate) fn handle_signal() {
    extern "C" fn nothing(_: libc::c_int) {}
    // SAFETY: a handler that does nothing may run at any point of any thread.
    let before = unsafe { libc::signal(libc::SIGUSR1, nothing as *const () as libc::sighandler_t) };
    assert_ne!(before, libc::SIG_ERR);
}

/// Undoes what Rust does for every program: from now on SIGPIPE kills.
pub(crate) fn let_sigpipe_kill() {
    // SAFETY: the default action is no code of ours.
    let before = unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    assert_ne!(before, libc::SIG_ERR);
}

/// Sends SIGUSR1 to one thread of this process.
pub(crate) fn signal(thread: u32) {
    // SAFETY: the call takes no pointer.
    let result = unsafe { libc::syscall(libc::SYS_tgkill, std::process::id(), thread, libc::SIGUSR1) };
    assert_eq!(result, 0, "tgkill: {}", std::io::Error::last_os_error());
}

/// Shuts a listener down, by its number: from now on accept answers EINVAL.
pub(crate) fn shut_down(fd: RawFd) {
    // SAFETY: the call takes no pointer.
    let result = unsafe { libc::shutdown(fd, libc::SHUT_RDWR) };
    assert_eq!(result, 0, "shutdown: {}", std::io::Error::last_os_error());
}

/// Another descriptor of the same open file, as a child has one between fork and exec.
pub(crate) fn duplicate(fd: RawFd) -> OwnedFd {
    // SAFETY: the call takes no pointer.
    let duplicate = unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) };
    assert_ne!(duplicate, -1, "fcntl: {}", std::io::Error::last_os_error());
    // SAFETY: the kernel has just made it for us, so nobody else owns it.
    unsafe { OwnedFd::from_raw_fd(duplicate) }
}

/// All open descriptors, with what they refer to: `socket:[4711]`.
pub(crate) fn descriptors() -> Vec<(RawFd, String)> {
    let entries = fs::read_dir("/proc/self/fd").expect("/proc").map(|entry| entry.expect("an entry"));
    let open = entries.filter_map(|entry| Some((entry.file_name(), fs::read_link(entry.path()).ok()?)));
    // Without the one that reads the folder.
    let open = open.filter(|(_, target)| !target.ends_with(format!("{}/fd", std::process::id())));
    open.map(|(fd, target)| (fd.to_str().expect("a number").parse().expect("a number"), target.display().to_string()))
        .collect()
}

pub(crate) fn threads() -> usize {
    fs::read_dir("/proc/self/task").expect("/proc").count()
}

/// The threads of this process that are called so.
pub(crate) fn threads_called(name: &str) -> Vec<u32> {
    let tasks = fs::read_dir("/proc/self/task").expect("/proc").map(|entry| entry.expect("an entry"));
    tasks
        .filter(|task| fs::read_to_string(task.path().join("comm")).is_ok_and(|comm| comm.trim() == name))
        .map(|task| task.file_name().to_str().expect("a number").parse().expect("a number"))
        .collect()
}

/// This process's sockets with this local port: `(descriptor, whether it listens)`.
pub(crate) fn sockets_at(port: u16) -> Vec<(RawFd, bool)> {
    const LISTEN: &str = "0A";
    let mut found = Vec::new();
    for table in ["/proc/self/net/tcp", "/proc/self/net/tcp6"] {
        for line in fs::read_to_string(table).unwrap_or_default().lines().skip(1) {
            let fields: Vec<_> = line.split_ascii_whitespace().collect();
            let link = format!("socket:[{}]", fields[9]);
            if fields[1].ends_with(&format!(":{port:04X}")) {
                let ours = descriptors().into_iter().find(|(_, target)| *target == link);
                found.extend(ours.map(|(fd, _)| (fd, fields[3] == LISTEN)));
            }
        }
    }
    found
}

pub(crate) fn closes_on_exec(fd: RawFd) -> bool {
    let info = fs::read_to_string(format!("/proc/self/fdinfo/{fd}")).expect("an open descriptor");
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).expect("flags");
    i32::from_str_radix(flags.trim(), 8).expect("an octal number") & libc::O_CLOEXEC != 0
}

/// Whether a thread has been sent a signal that it has not handled yet.
pub(crate) fn signal_is_pending(thread: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/self/task/{thread}/status")).expect("a thread");
    let pending = status.lines().find_map(|line| line.strip_prefix("SigPnd:")).expect("a mask");
    u64::from_str_radix(pending.trim(), 16).expect("a hexadecimal number") != 0
}

/// How long the calling thread has run on a CPU, in nanoseconds.
pub(crate) fn cpu_time() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel writes one timespec, to `time`.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(result, 0, "clock_gettime: {}", std::io::Error::last_os_error());
    u64::try_from(time.tv_sec * 1_000_000_000 + time.tv_nsec).expect("a positive time")
}
