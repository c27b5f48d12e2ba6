//! The system calls, traced: the methods of a [`Transcript`](crate::Transcript) that ask the kernel.

mod epoll;
mod file;
mod process;
mod socket;
