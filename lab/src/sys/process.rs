//! Processes, threads, signals and limits.

use super::{Result, cvt};
use crate::words::{EAGAIN, EINTR, Fd};

/// How a child ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    Exit(i32),
    Signal(i32),
}

/// Runs `child` in a new process and returns its number. The child dies with its parent at the latest.
///
/// The caller has no other thread, so the child may do whatever the parent could.
pub(crate) fn fork(child: impl FnOnce() -> i32) -> Result<i32> {
    // SAFETY: the experiments that fork do so while they have a single thread, so no lock is left behind in the child.
    let number = cvt(unsafe { libc::fork() })?;
    if number != 0 {
        return Ok(number);
    }
    die_with_parent();
    let status = child();
    // SAFETY: it ends this process, and nothing of the parent's: no buffer is flushed twice.
    unsafe { libc::_exit(status) }
}

/// Asks the kernel to end this process when the thread that started it ends.
pub(crate) fn die_with_parent() {
    // SAFETY: no pointer is handed over.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
}

/// Waits for the end of a child.
pub(crate) fn wait_for(child: i32) -> Result<End> {
    let mut status = 0;
    loop {
        // SAFETY: `status` lives on this stack.
        match cvt(unsafe { libc::waitpid(child, &mut status, 0) }) {
            Err(EINTR) => continue,
            Err(other) => return Err(other),
            Ok(_) if libc::WIFSIGNALED(status) => return Ok(End::Signal(libc::WTERMSIG(status))),
            Ok(_) => return Ok(End::Exit(libc::WEXITSTATUS(status))),
        }
    }
}

pub(crate) fn kill(process: i32, signal: i32) -> Result<()> {
    // SAFETY: no pointer is handed over.
    cvt(unsafe { libc::kill(process, signal) })?;
    Ok(())
}

/// Signals every process of a group.
pub(crate) fn kill_group(group: i32, signal: i32) -> Result<()> {
    kill(-group, signal)
}

/// Signals one thread of this process.
pub(crate) fn kill_thread(thread: i32, signal: i32) -> Result<()> {
    // SAFETY: no pointer is handed over.
    cvt(unsafe { libc::syscall(libc::SYS_tgkill, own_process(), thread, signal) } as i32)?;
    Ok(())
}

pub(crate) fn own_process() -> i32 {
    std::process::id() as i32
}

pub(crate) fn own_thread() -> i32 {
    // SAFETY: the call takes nothing and cannot fail.
    unsafe { libc::syscall(libc::SYS_gettid) as i32 }
}

/// A descriptor for a process, readable when the process has ended.
pub(crate) fn pidfd(process: i32) -> Result<Fd> {
    // SAFETY: no pointer is handed over.
    cvt(unsafe { libc::syscall(libc::SYS_pidfd_open, process, 0) } as i32).map(Fd)
}

/// Makes `signal` run a handler that does nothing, so that it interrupts a call and kills nobody.
pub(crate) fn handle_quietly(signal: i32, flags: i32) -> Result<()> {
    extern "C" fn nothing(_: i32) {}
    set_action(signal, nothing as *const () as libc::sighandler_t, flags)
}

/// Gives `signal` back the meaning that it has in a C program; Rust's runtime ignores SIGPIPE.
pub(crate) fn default_action(signal: i32) -> Result<()> {
    set_action(signal, libc::SIG_DFL, 0)
}

fn set_action(signal: i32, handler: libc::sighandler_t, flags: i32) -> Result<()> {
    // SAFETY: all-zero is a valid `sigaction`: an empty mask and no flags.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler;
    action.sa_flags = flags;
    // SAFETY: `action` outlives the call, and its handler is the default or does nothing.
    cvt(unsafe { libc::sigaction(signal, &action, std::ptr::null_mut()) })?;
    Ok(())
}

/// How many descriptors this process may have open: now, and at most.
pub(crate) fn open_files() -> Result<(u64, u64)> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` lives on this stack.
    cvt(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) })?;
    Ok((limit.rlim_cur, limit.rlim_max))
}

/// Lets this process open `count` descriptors.
pub(crate) fn limit_open_files(count: u64) -> Result<()> {
    let limit = libc::rlimit { rlim_cur: count, rlim_max: open_files()?.1 };
    // SAFETY: `limit` outlives the call.
    cvt(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) })?;
    Ok(())
}

/// Moves this process into a network of its own, as the root of a user namespace of its own.
pub(crate) fn private_network() -> Result<()> {
    // SAFETY: no pointer is handed over.
    cvt(unsafe { libc::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNET) })?;
    Ok(())
}

/// Switches the loopback interface on or off.
pub(crate) fn switch_loopback(on: bool) -> Result<()> {
    let socket = super::socket::udp_socket()?;
    // SAFETY: all-zero is a valid `ifreq`.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    request.ifr_name[0] = b'l' as libc::c_char;
    request.ifr_name[1] = b'o' as libc::c_char;
    request.ifr_ifru.ifru_flags = if on { libc::IFF_UP as libc::c_short } else { 0 };
    // SAFETY: SIOCSIFFLAGS reads one `ifreq`, and `request` is one.
    cvt(unsafe { libc::ioctl(socket.0, libc::SIOCSIFFLAGS as _, &request) })?;
    super::file::close(socket)
}

/// The state of a process or thread as `/proc` shows it: `S` sleeps, `T` is stopped.
pub(crate) fn state(of: &str) -> Result<char> {
    let stat = std::fs::read_to_string(format!("/proc/{of}/stat")).map_err(|_| EAGAIN)?;
    // The name in parentheses may contain anything; the state is the first letter behind it.
    stat.rsplit(')').next().and_then(|rest| rest.trim_start().chars().next()).ok_or(EAGAIN)
}
