//! A child in a process group of its own, which ends with its parent.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};

/// A running child, and what it leads. Dropping it leaves no process behind.
#[derive(Debug)]
pub(crate) struct Group {
    leader: Child,
    output: File,
    reaped: bool,
}

impl Group {
    /// Starts `command` with `input` as its standard input.
    pub(crate) fn start(command: &mut Command, input: UnixStream) -> io::Result<Self> {
        let output = in_memory()?;
        command.stdin(OwnedFd::from(input)).stdout(output.try_clone()?).stderr(output.try_clone()?).process_group(0);
        let parent = std::process::id().cast_signed();
        // SAFETY: between fork and exec `bound_to` makes system calls only, and takes no lock.
        unsafe { command.pre_exec(move || bound_to(parent)) };
        let leader = command.spawn();
        // The command holds copies of the descriptors, and the end of the input is a sign.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self { leader: leader?, output, reaped: false })
    }

    pub(crate) fn id(&self) -> u32 {
        self.leader.id()
    }

    /// Whether the leader has ended. It is not reaped, so that nobody else is given its number.
    pub(crate) fn has_ended(&self) -> bool {
        // SAFETY: all zeros is a `siginfo_t` in which nothing has happened.
        let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
        let flags = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
        // SAFETY: `info` is ours, and the kernel writes no more than it.
        let result = unsafe { libc::waitid(libc::P_PID, self.id(), &raw mut info, flags) };
        // SAFETY: waitid has filled in the fields that belong to a child, or left them zero.
        result == 0 && unsafe { info.si_pid() } != 0
    }

    /// Ends the whole group, and says how its leader came to its end.
    pub(crate) fn end(&mut self) -> io::Result<ExitStatus> {
        if !self.reaped {
            // SAFETY: the call takes no pointer. The leader is not reaped yet, so the number is that of its group.
            unsafe { libc::kill(-self.id().cast_signed(), libc::SIGKILL) };
        }
        let status = self.leader.wait()?;
        self.reaped = true;
        Ok(status)
    }

    /// What the group has printed.
    pub(crate) fn printed(&mut self) -> String {
        const ENOUGH: u64 = 16 * 1024;
        let mut printed = Vec::new();
        let rewound = self.output.rewind();
        let _ = rewound.and_then(|()| (&self.output).take(ENOUGH).read_to_end(&mut printed));
        String::from_utf8_lossy(&printed).into_owned()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// A file without a name: a pipe would hold up a child that prints much.
fn in_memory() -> io::Result<File> {
    // SAFETY: the name ends with a zero byte and lives for ever.
    let fd = unsafe { libc::memfd_create(c"output".as_ptr(), libc::MFD_CLOEXEC) };
    if fd == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just made `fd` for us, so nobody else owns it.
    Ok(File::from(unsafe { OwnedFd::from_raw_fd(fd) }))
}

/// In the child: be killed when `parent` ends, however it ends, and leave no core file.
fn bound_to(parent: libc::pid_t) -> io::Result<()> {
    // SAFETY: the call takes no pointer.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    // SAFETY: the call takes no pointer.
    if unsafe { libc::getppid() } != parent {
        // The watch-dog has ended. An error of our own would take memory, and so a lock.
        return Err(io::Error::from_raw_os_error(libc::ESRCH));
    }
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the kernel copies `none` before the call returns.
    unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const none) };
    Ok(())
}
