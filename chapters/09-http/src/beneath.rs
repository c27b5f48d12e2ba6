//! Opening files of one folder and no other, with the kernel as the judge.
//!
//! To compare paths (`canonicalize`, then `starts_with`) is to ask twice: between the question and the `open` somebody
//! can put a symbolic link where a file was. `openat2(2)` with `RESOLVE_BENEATH` asks once: the kernel refuses the step
//! of the walk that would leave the folder, whether by `..`, by a link or by a magic link of `/proc`.
//! (A link with an absolute path is refused too, wherever it leads: it starts outside.)

use reactor::sys::cvt;
use std::ffi::CString;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A folder that is a world of its own. It stays the same folder, even if it is renamed.
#[derive(Debug)]
pub(crate) struct Root(File);

/// Something in the folder, found but not opened: to open a FIFO waits for a writer, to open a device may do anything.
#[derive(Debug)]
pub(crate) struct Found(File);

/// `struct open_how` of openat2(2). The kernel's fields, in its order.
#[repr(C)]
struct OpenHow {
    flags: u64,
    mode: u64,
    resolve: u64,
}

impl Root {
    /// # Errors
    /// `ENOENT`, `ENOTDIR`, `EACCES` as `open` has them; `ENOSYS` before Linux 5.6, and `EPERM` in a sandbox that
    /// does not know openat2(2).
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        let flags = libc::O_PATH | libc::O_DIRECTORY;
        let root = Self(OpenOptions::new().read(true).custom_flags(flags).open(folder)?);
        // Better now than at the first request.
        match root.find(Path::new(".")) {
            Err(error) if error.raw_os_error() == Some(libc::ENOSYS) => {
                Err(io::Error::new(error.kind(), "the kernel has no openat2, which came with Linux 5.6"))
            }
            found => found.map(|_| root),
        }
    }

    /// # Errors
    /// `ENOENT`, `ENOTDIR`, `EACCES` as `open` has them; `EXDEV` for what lies outside of the folder; `ELOOP` for links
    /// that lead in a circle.
    pub(crate) fn find(&self, relative: &Path) -> io::Result<Found> {
        let path = if relative.as_os_str().is_empty() { Path::new(".") } else { relative };
        let path = CString::new(path.as_os_str().as_bytes())?;
        let flags = (libc::O_PATH | libc::O_CLOEXEC) as u64;
        let resolve = libc::RESOLVE_BENEATH | libc::RESOLVE_NO_MAGICLINKS;
        let how = OpenHow { flags, mode: 0, resolve };
        loop {
            // SAFETY: `path` ends with a NUL and `how` is as long as we say; the kernel reads both before it returns.
            let result = unsafe {
                libc::syscall(
                    libc::SYS_openat2,
                    self.0.as_raw_fd(),
                    path.as_ptr(),
                    &raw const how,
                    size_of::<OpenHow>(),
                )
            };
            match cvt(result as libc::c_int) {
                // SAFETY: the kernel has just made this descriptor, and nobody else knows of it.
                Ok(fd) => return Ok(Found(unsafe { File::from_raw_fd(fd) })),
                // A signal, or a folder on the way was renamed meanwhile and the kernel cannot vouch for a `..`.
                Err(error) if matches!(error.raw_os_error(), Some(libc::EINTR | libc::EAGAIN)) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Found {
    pub(crate) fn metadata(&self) -> io::Result<std::fs::Metadata> {
        self.0.metadata()
    }

    /// Opens it for reading: the very thing that was found, wherever its name leads by now.
    pub(crate) fn open(&self) -> io::Result<File> {
        File::open(self.path())
    }

    /// A name for it that lasts as long as this does.
    pub(crate) fn path(&self) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", self.0.as_raw_fd()))
    }
}
