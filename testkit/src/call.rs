//! System calls by number, as `/proc/PID/syscall` shows them.

use std::fmt;

/// A system call that a thread is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    number: libc::c_long,
    arguments: [u64; 6],
}

/// A system call that a thread has made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The call.
    pub call: Call,
    /// What it returned; `-EAGAIN` and so on, if it failed.
    pub result: i64,
    /// Of an `epoll_wait`, the events: their masks, and the data that they were watched with.
    pub events: Vec<(u32, u64)>,
}

/// What of a call is worth telling: its number, its name, which argument is a descriptor, and when it never returns by
/// itself.
type Row = (libc::c_long, &'static str, Option<usize>, Endless);

#[derive(Clone, Copy)]
enum Endless {
    Always,
    Never,
    /// When this argument, a number of milliseconds, is negative, or more than a day.
    IfLong(usize),
    /// When this argument, a pointer to a time-out, is null.
    IfNull(usize),
}

/// In milliseconds.
const A_DAY: i32 = 24 * 60 * 60 * 1000;

use Endless::{Always, IfLong, IfNull, Never};

const CALLS: &[Row] = &[
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_epoll_wait, "epoll_wait", Some(0), IfLong(3)),
    (libc::SYS_epoll_pwait, "epoll_wait", Some(0), IfLong(3)),
    (libc::SYS_epoll_pwait2, "epoll_wait", Some(0), IfNull(3)),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_poll, "poll", None, IfLong(2)),
    (libc::SYS_ppoll, "poll", None, IfNull(2)),
    (libc::SYS_read, "read", Some(0), Always),
    (libc::SYS_readv, "read", Some(0), Always),
    (libc::SYS_recvfrom, "read", Some(0), Always),
    (libc::SYS_recvmsg, "read", Some(0), Always),
    (libc::SYS_write, "write", Some(0), Always),
    (libc::SYS_writev, "write", Some(0), Always),
    (libc::SYS_sendto, "write", Some(0), Always),
    (libc::SYS_sendmsg, "write", Some(0), Always),
    (libc::SYS_accept, "accept", Some(0), Always),
    (libc::SYS_accept4, "accept", Some(0), Always),
    (libc::SYS_connect, "connect", Some(0), Always),
    (libc::SYS_futex, "futex", None, IfNull(3)),
    (libc::SYS_nanosleep, "sleep", None, Never),
    (libc::SYS_clock_nanosleep, "sleep", None, Never),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_pause, "pause", None, Always),
    (libc::SYS_wait4, "wait", None, Always),
    (libc::SYS_waitid, "wait", None, Always),
    (libc::SYS_epoll_ctl, "epoll_ctl", Some(0), Never),
    (libc::SYS_shutdown, "shutdown", Some(0), Never),
    (libc::SYS_close, "close", Some(0), Never),
    (libc::SYS_sched_yield, "sched_yield", None, Never),
];

impl Call {
    pub(crate) fn new(number: u64, arguments: [u64; 6]) -> Self {
        Self { number: number.cast_signed(), arguments }
    }

    pub(crate) fn argument(self, index: usize) -> u64 {
        self.arguments[index]
    }

    /// Reads `/proc/PID/task/TID/syscall`. `running` is no call.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let number = words.next()?.parse().ok().filter(|&number| number >= 0)?;
        let mut arguments = [0; 6];
        for (argument, word) in arguments.iter_mut().zip(words) {
            *argument = u64::from_str_radix(word.trim_start_matches("0x"), 16).ok()?;
        }
        Some(Self { number, arguments })
    }

    /// The call's name as a learner knows it: `read` also where the C library says `recvfrom`.
    pub fn name(self) -> &'static str {
        self.row().map_or("a system call", |row| row.1)
    }

    /// The descriptor that it is about.
    pub fn fd(self) -> Option<i32> {
        let argument = self.row()?.2?;
        i32::try_from(self.arguments[argument]).ok()
    }

    /// Whether it sleeps for as long as nobody else does something, or for more than a day, which nobody waits for.
    pub fn is_endless(self) -> bool {
        // The standard descriptors lead to the watch-dog, who reads.
        if self.fd().is_some_and(|fd| fd < 3) {
            return false;
        }
        match self.row().map_or(Never, |row| row.3) {
            Always => true,
            Never => false,
            // A C int: only its lower half counts.
            #[expect(clippy::cast_possible_truncation, reason = "a C int: only the lower half is passed")]
            IfLong(argument) => !(0..=A_DAY).contains(&(self.arguments[argument] as i32)),
            IfNull(argument) => self.arguments[argument] == 0,
        }
    }

    fn row(self) -> Option<&'static Row> {
        CALLS.iter().find(|row| row.0 == self.number)
    }
}

impl Made {
    /// Whether it failed with this `errno`.
    pub fn failed_with(&self, errno: i32) -> bool {
        self.result == -i64::from(errno)
    }
}

/// As in `epoll_wait(fd 4) = 1 [{OUT, data 7}]`.
impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = ", self.call)?;
        match ERRORS.iter().find(|(errno, _)| self.failed_with(*errno)) {
            Some((_, name)) => f.write_str(name)?,
            None => write!(f, "{}", self.result)?,
        }
        if !self.events.is_empty() {
            let events: Vec<_> =
                self.events.iter().map(|(mask, data)| format!("{{{}, data {data}}}", mask_names(*mask))).collect();
            write!(f, " [{}]", events.join(", "))?;
        }
        Ok(())
    }
}

const ERRORS: [(i32, &str); 11] = [
    (libc::EAGAIN, "EAGAIN"),
    (libc::EINTR, "EINTR"),
    (libc::EBADF, "EBADF"),
    (libc::EINVAL, "EINVAL"),
    (libc::ECONNRESET, "ECONNRESET"),
    (libc::EPIPE, "EPIPE"),
    (libc::ENOTCONN, "ENOTCONN"),
    (libc::EMFILE, "EMFILE"),
    (libc::ENOENT, "ENOENT"),
    (libc::EEXIST, "EEXIST"),
    (libc::EPERM, "EPERM"),
];

/// The names of what a mask of epoll holds: `IN|RDHUP|ET`.
pub(crate) fn mask_names(mask: u32) -> String {
    const NAMES: [(i32, &str); 9] = [
        (libc::EPOLLIN, "IN"),
        (libc::EPOLLPRI, "PRI"),
        (libc::EPOLLOUT, "OUT"),
        (libc::EPOLLERR, "ERR"),
        (libc::EPOLLHUP, "HUP"),
        (libc::EPOLLRDHUP, "RDHUP"),
        (libc::EPOLLEXCLUSIVE, "EXCLUSIVE"),
        (libc::EPOLLONESHOT, "ONESHOT"),
        (libc::EPOLLET, "ET"),
    ];
    let names: Vec<_> =
        NAMES.iter().filter(|(bit, _)| mask & bit.cast_unsigned() != 0).map(|(_, name)| *name).collect();
    names.join("|")
}

/// As in `epoll_wait(fd 4)`.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.row(), self.fd()) {
            (None, _) => write!(f, "system call {}", self.number),
            (Some(row), None) => f.write_str(row.1),
            (Some(row), Some(fd)) => write!(f, "{}(fd {fd})", row.1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_without_time_out_is_endless() {
        let text =
            |timeout| format!("{} 0x4 0x7f6716df9000 0x20 {timeout} 0x0 0x8 0x7ffe 0x7f67", libc::SYS_epoll_pwait);

        assert!(Call::parse(&text("0xffffffff")).unwrap().is_endless());
        assert!(!Call::parse(&text("0x3e8")).unwrap().is_endless());
        assert!(Call::parse(&text("0x7fffffff")).unwrap().is_endless(), "24 days");
        assert_eq!(Call::parse(&text("0x0")).unwrap().to_string(), "epoll_wait(fd 4)");
    }

    #[test]
    fn running_is_no_call() {
        assert_eq!(Call::parse("running"), None);
        assert_eq!(Call::parse("-1 0x0 0x0"), None);
    }
}
