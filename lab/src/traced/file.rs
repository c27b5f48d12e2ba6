//! Calls that any descriptor understands, traced.

use crate::sys::{Result, file as sys};
use crate::transcript::Transcript;
use crate::words::{Fd, Mask, summary};

impl Transcript {
    pub(crate) fn close(&mut self, fd: Fd) -> Result<()> {
        let answer = sys::close(fd);
        self.epolls.retain(|epoll| *epoll != fd);
        self.call(format_args!("close({fd})"), &answer);
        answer
    }

    pub(crate) fn dup(&mut self, fd: Fd) -> Result<Fd> {
        let answer = sys::dup(fd);
        self.call(format_args!("dup({fd})"), &answer);
        answer
    }

    pub(crate) fn dup2(&mut self, fd: Fd, number: Fd) -> Result<Fd> {
        let answer = sys::dup2(fd, number);
        self.call(format_args!("dup2({fd}, {})", number.0), &answer);
        answer
    }

    pub(crate) fn read(&mut self, fd: Fd, max: usize) -> Result<Vec<u8>> {
        let answer = sys::read(fd, max);
        self.call(format_args!("read({fd}, {max})"), &answer);
        answer
    }

    pub(crate) fn write(&mut self, fd: Fd, bytes: &[u8]) -> Result<usize> {
        let answer = sys::write(fd, bytes);
        self.call(format_args!("write({fd}, {})", summary(bytes)), &answer);
        answer
    }

    pub(crate) fn poll(&mut self, fd: Fd, events: Mask, timeout_ms: i32) -> Result<Mask> {
        let answer = sys::poll(fd, events, timeout_ms);
        self.call(format_args!("poll({fd}, {events}, timeout={timeout_ms}ms)"), &answer);
        answer
    }

    /// An eventfd that does not block.
    pub(crate) fn eventfd(&mut self) -> Result<Fd> {
        let answer = sys::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC);
        self.call("eventfd(0, NONBLOCK|CLOEXEC)", &answer);
        answer
    }

    /// Adds `number` to the counter of an eventfd.
    pub(crate) fn write_counter(&mut self, eventfd: Fd, number: u64) -> Result<()> {
        let answer = sys::write(eventfd, &number.to_ne_bytes());
        self.call(format_args!("write({eventfd}, counter {number})"), &answer);
        answer.map(drop)
    }

    /// Takes the counter of an eventfd.
    pub(crate) fn read_counter(&mut self, eventfd: Fd) -> Result<usize> {
        let answer =
            sys::read(eventfd, 8).map(|bytes| u64::from_ne_bytes(bytes.try_into().unwrap_or_default()) as usize);
        match answer {
            Ok(number) => self.call(format_args!("read({eventfd}, counter {number})"), &Ok(8_usize)),
            Err(_) => self.call(format_args!("read({eventfd}, counter)"), &answer),
        }
        answer
    }

    /// A pipe that does not block: the end to read from, the end to write to.
    pub(crate) fn pipe(&mut self) -> Result<(Fd, Fd)> {
        let answer = sys::pipe2(libc::O_NONBLOCK | libc::O_CLOEXEC);
        self.call("pipe2(NONBLOCK|CLOEXEC)", &answer);
        answer
    }
}
