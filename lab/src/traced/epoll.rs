//! The calls of epoll, traced.

use crate::sys::epoll::Op;
use crate::sys::{Result, epoll as sys};
use crate::transcript::Transcript;
use crate::words::{Event, Fd, Mask, NOTHING};
use std::time::Duration;

impl Transcript {
    /// A new epoll instance, closed when another program is executed.
    pub(crate) fn epoll(&mut self) -> Result<Fd> {
        let answer = sys::epoll_create1(libc::EPOLL_CLOEXEC);
        self.made_epoll(&answer);
        self.call("epoll_create1(CLOEXEC)", &answer);
        answer
    }

    pub(crate) fn epoll_create1(&mut self, flags: i32) -> Result<Fd> {
        let answer = sys::epoll_create1(flags);
        self.made_epoll(&answer);
        self.call(format_args!("epoll_create1({flags:#x})"), &answer);
        answer
    }

    pub(crate) fn add(&mut self, epoll: Fd, fd: Fd, mask: Mask) -> Result<()> {
        self.epoll_ctl(epoll, Op::Add, fd, mask)
    }

    pub(crate) fn modify(&mut self, epoll: Fd, fd: Fd, mask: Mask) -> Result<()> {
        self.epoll_ctl(epoll, Op::Mod, fd, mask)
    }

    pub(crate) fn delete(&mut self, epoll: Fd, fd: Fd) -> Result<()> {
        self.epoll_ctl(epoll, Op::Del, fd, NOTHING)
    }

    fn epoll_ctl(&mut self, epoll: Fd, op: Op, fd: Fd, mask: Mask) -> Result<()> {
        let answer = sys::epoll_ctl(epoll, op, fd, mask);
        let which = self.which(epoll);
        match op {
            Op::Add => self.call(format_args!("epoll_ctl({which}ADD, {fd}, {mask})"), &answer),
            Op::Mod => self.call(format_args!("epoll_ctl({which}MOD, {fd}, {mask})"), &answer),
            Op::Del => self.call(format_args!("epoll_ctl({which}DEL, {fd})"), &answer),
        }
        answer
    }

    pub(crate) fn epoll_wait(&mut self, epoll: Fd, max: i32, timeout_ms: i32) -> Result<Vec<Event>> {
        let answer = sys::epoll_wait(epoll, max, timeout_ms);
        let which = self.which(epoll);
        self.call(format_args!("epoll_wait({which}max={max}, timeout={timeout_ms}ms)"), &answer);
        answer
    }

    pub(crate) fn epoll_pwait2(&mut self, epoll: Fd, max: i32, timeout: Duration) -> Result<Vec<Event>> {
        let answer = sys::epoll_pwait2(epoll, max, timeout);
        let which = self.which(epoll);
        self.call(format_args!("epoll_pwait2({which}max={max}, timeout={}us)", timeout.as_micros()), &answer);
        answer
    }

    fn made_epoll(&mut self, answer: &Result<Fd>) {
        self.epolls.extend(answer.iter().copied());
    }

    /// The number of the epoll instance, where there is more than one to mean.
    fn which(&self, epoll: Fd) -> String {
        if self.epolls == [epoll] { String::new() } else { format!("{epoll}, ") }
    }
}
