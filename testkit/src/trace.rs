//! Watches a spinning thread at work, as strace does: which system calls it makes, and what they return. See ptrace(2).

use std::collections::HashMap;
use std::io;
use std::mem::MaybeUninit;
use std::ptr;
use std::thread;
use std::time::{Duration, Instant};

use crate::call::{Call, Made};
use crate::threads::Proc;

/// So many calls show what the thread does over and over.
const ENOUGH: usize = 64;
/// A thread that computes for so long without a call is not busy with system calls.
const A_MOMENT: Duration = Duration::from_millis(50);
/// On a busy machine it may take longer to compute as long.
const AT_MOST: Duration = Duration::from_secs(5);
const SYSCALL_STOP: i32 = libc::SIGTRAP | 0x80;

/// A thread that stops at each system call for as long as this exists.
struct Tracee {
    tid: libc::pid_t,
}

/// The next system calls of a thread of a child of this one.
///
/// # Errors
/// `EPERM` where the system does not let a process watch its own child.
pub(crate) fn calls(proc: &Proc, tid: u32) -> io::Result<Vec<Made>> {
    let mut tracee = Tracee::seize(tid.cast_signed())?;
    let deadline = Instant::now() + AT_MOST;
    let computed = || proc.thread(tid, &HashMap::new()).map_or(Duration::MAX, |thread| thread.computed);
    let enough = computed() + A_MOMENT;
    let is_over = || Instant::now() > deadline || computed() > enough;
    let mut made = Vec::new();
    let mut entered = None;
    tracee.interrupt()?;
    while made.len() < ENOUGH {
        let Some(signal) = tracee.stopped(is_over)? else { break };
        if signal == SYSCALL_STOP {
            match tracee.system_call()? {
                Stop::Entry(call) => entered = Some(call),
                Stop::Exit(result) => made.extend(entered.take().map(|call| tracee.made(call, result))),
                Stop::Other => {}
            }
        }
        tracee.go_on()?;
    }
    Ok(made)
}

enum Stop {
    Entry(Call),
    Exit(i64),
    Other,
}

impl Tracee {
    fn seize(tid: libc::pid_t) -> io::Result<Self> {
        ptrace(libc::PTRACE_SEIZE, tid, 0, libc::PTRACE_O_TRACESYSGOOD as usize)?;
        Ok(Self { tid })
    }

    fn interrupt(&self) -> io::Result<()> {
        ptrace(libc::PTRACE_INTERRUPT, self.tid, 0, 0)
    }

    fn go_on(&self) -> io::Result<()> {
        ptrace(libc::PTRACE_SYSCALL, self.tid, 0, 0)
    }

    /// Waits for the thread to stop, and says with which signal. `None` if it does not.
    fn stopped(&mut self, is_over: impl Fn() -> bool) -> io::Result<Option<i32>> {
        loop {
            let mut status = 0;
            // SAFETY: `status` is ours, and the kernel writes no more than it.
            let result = unsafe { libc::waitpid(self.tid, &raw mut status, libc::__WALL | libc::WNOHANG) };
            match result {
                -1 => return Err(io::Error::last_os_error()),
                0 if is_over() => return Ok(None),
                // A stop is no event that could be waited for together with a deadline.
                0 => thread::sleep(Duration::from_micros(100)),
                _ if libc::WIFSTOPPED(status) => return Ok(Some(libc::WSTOPSIG(status))),
                _ => return Ok(None),
            }
        }
    }

    /// What the stop at a system call is about.
    fn system_call(&self) -> io::Result<Stop> {
        let mut info = MaybeUninit::<libc::ptrace_syscall_info>::zeroed();
        let size = size_of_val(&info);
        ptrace(libc::PTRACE_GET_SYSCALL_INFO, self.tid, size, info.as_mut_ptr() as usize)?;
        // SAFETY: all fields are numbers, for which zeros and whatever the kernel writes are values.
        let info = unsafe { info.assume_init() };
        Ok(match info.op {
            libc::PTRACE_SYSCALL_INFO_ENTRY => {
                // SAFETY: the kernel says that it filled in this variant, which has numbers only.
                let entry = unsafe { info.u.entry };
                Stop::Entry(Call::new(entry.nr, entry.args))
            }
            libc::PTRACE_SYSCALL_INFO_EXIT => {
                // SAFETY: as above.
                let exit = unsafe { info.u.exit };
                Stop::Exit(exit.sval)
            }
            _ => Stop::Other,
        })
    }

    /// A call with its result, and the events that it returned.
    fn made(&self, call: Call, result: i64) -> Made {
        let count = usize::try_from(result).unwrap_or(0).min(8);
        let wanted = if call.name() == "epoll_wait" { count } else { 0 };
        Made { call, result, events: self.events(call.argument(1), wanted) }
    }

    /// The events that an `epoll_wait` has just put at this address.
    fn events(&self, address: u64, count: usize) -> Vec<(u32, u64)> {
        let mut events = vec![libc::epoll_event { events: 0, u64: 0 }; count];
        let length = size_of_val(events.as_slice());
        let ours = libc::iovec { iov_base: events.as_mut_ptr().cast(), iov_len: length };
        let theirs = libc::iovec { iov_base: ptr::with_exposed_provenance_mut(address as usize), iov_len: length };
        // SAFETY: `ours` is room for `length` bytes; the kernel itself checks the address in the other process.
        let read = unsafe { libc::process_vm_readv(self.tid, &raw const ours, 1, &raw const theirs, 1, 0) };
        if usize::try_from(read) != Ok(length) {
            return Vec::new();
        }
        events.iter().map(|event| (event.events, event.u64)).collect()
    }
}

/// Lets the thread run on unwatched.
impl Drop for Tracee {
    fn drop(&mut self) {
        if ptrace(libc::PTRACE_DETACH, self.tid, 0, 0).is_err() && self.interrupt().is_ok() {
            let deadline = Instant::now() + AT_MOST;
            let _ = self.stopped(|| Instant::now() > deadline);
            let _ = ptrace(libc::PTRACE_DETACH, self.tid, 0, 0);
        }
    }
}

fn ptrace(request: libc::c_uint, tid: libc::pid_t, address: usize, data: usize) -> io::Result<()> {
    // SAFETY: of the requests made here, only PTRACE_GET_SYSCALL_INFO writes to this process: to `data`, at most as many
    // bytes as `address` says, which is how many there are.
    match unsafe { libc::ptrace(request, tid, address, data) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
