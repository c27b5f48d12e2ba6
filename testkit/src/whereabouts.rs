//! Where in the source a thread is: the watch-dog sends a signal, and the thread itself looks at its stack.

use std::backtrace::Backtrace;
use std::io;
use std::ptr;

use crate::child;

/// Nothing else in an exercise uses it.
const WHERE: libc::c_int = libc::SIGUSR2;

/// In the child: be ready to be asked.
pub(crate) fn be_ready() {
    // SAFETY: all zeros is a `sigaction` without flags, with an empty mask.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = here as *const () as libc::sighandler_t;
    // SAFETY: `action` is ours, and `here` is a handler of the form that goes without SA_SIGINFO.
    unsafe { libc::sigaction(WHERE, &raw const action, ptr::null_mut()) };
}

/// In the watch-dog: asks a thread.
pub(crate) fn ask(process: u32, tid: u32) -> io::Result<()> {
    // SAFETY: the call takes no pointer. The process is a child that is not reaped yet, so the numbers are its own.
    match unsafe { libc::syscall(libc::SYS_tgkill, process, tid, WHERE) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Looks at the stack beneath, and does not return: the process is about to be ended.
///
/// A handler may not do what this one does, for the thread may hold a lock that it takes. Then it hangs here instead
/// of there, the watch-dog waits a moment, and does without the answer.
extern "C" fn here(_: libc::c_int) {
    child::tell_where(&Backtrace::force_capture());
    loop {
        // SAFETY: the call takes nothing.
        unsafe { libc::pause() };
    }
}
