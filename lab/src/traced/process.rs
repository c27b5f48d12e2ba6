//! Processes, traced.

use crate::experiment::Unproven;
use crate::sys::process::{self, End};
use crate::transcript::Transcript;

impl Transcript {
    /// Sees to it that this process may open `count` files.
    pub(crate) fn need_files(&mut self, count: u64) -> Result<(), Unproven> {
        let (now, most) = process::open_files()?;
        if now >= count {
            return Ok(());
        }
        if most < count {
            return Err(Unproven::Unavailable(format!("this process may open only {most} files, and needs {count}")));
        }
        Ok(process::limit_open_files(count)?)
    }

    /// A child that holds a copy of every descriptor, and sleeps until it is ended.
    pub(crate) fn fork_sleeper(&mut self) -> Result<i32, Unproven> {
        let child = process::fork(|| {
            loop {
                std::thread::park();
            }
        })?;
        self.note("fork(): a child holds a copy of every descriptor, and sleeps");
        Ok(child)
    }

    /// Ends a child.
    pub(crate) fn end(&mut self, child: i32) -> Result<End, Unproven> {
        process::kill(child, libc::SIGKILL)?;
        let end = process::wait_for(child)?;
        self.note("the child is ended");
        Ok(end)
    }
}
