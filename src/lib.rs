//! A small edge-triggered epoll TCP engine, written to be read.

pub mod sys;
mod sync;
#[expect(unsafe_code, reason = "epoll is reached through three system calls")]
pub mod epoll;
#[expect(unsafe_code, reason = "an eventfd is made by a system call")]
pub mod waker;
#[expect(unsafe_code, reason = "the ring hands values from thread to thread without a lock")]
pub mod queue;
pub mod mailbox;
pub mod framing;
