//! A folder on disk as a service.

use crate::beneath::{Found, Root};
use crate::etag::ETag;
use crate::listing;
use crate::method::Method;
use crate::path::{content_type, relative};
use crate::request::Request;
use crate::response::{Body, Response};
use crate::service::Service;
use crate::status::Status;
use std::fs::Metadata;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// Longer files are not served: each client that asks holds one in memory, and two while it is queued.
const LARGEST: u64 = 64 << 20;

/// Serves the files of a folder, and nothing outside of it, not even through a symbolic link.
///
/// A folder is answered with its `index.html`, or a list of what is in it. `ETag` and 304 spare the client what it has.
///
/// *Still wrong:* the disk is read by the reactor's thread, which serves nobody else meanwhile. For a regular file
/// epoll is no help (`EPERM`, chapter 2): it counts as always ready, and `read` waits for the disk. Files that are asked
/// for often are in memory anyway; a slow disk takes a thread of its own, and [`reactor::Handle::send`].
#[derive(Debug)]
pub struct Folder {
    root: Root,
}

impl Folder {
    /// Serves `folder`.
    ///
    /// # Errors
    /// `ENOENT`, `ENOTDIR` or `EACCES` if there is no such folder, or none that may be looked into; `ENOSYS` if the
    /// kernel is older than Linux 5.6.
    pub fn open(folder: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self { root: Root::open(folder.as_ref())? })
    }

    fn answer(&self, request: &Request<'_>) -> io::Result<Response> {
        // A path that cannot name a file names none.
        let relative = relative(request.path()).ok_or(ErrorKind::NotFound)?;
        let found = self.root.find(&relative)?;
        let metadata = found.metadata()?;
        match (metadata.is_dir(), request.path().ends_with('/')) {
            // A page's links are relative to what stands before the last slash, so a folder's address ends with one.
            (true, false) => Ok(Response::moved(request.path_with_slash())),
            (false, true) => Err(ErrorKind::NotFound.into()),
            (false, false) => file(request, &relative, &found, &metadata),
            (true, true) => {
                let index = relative.join("index.html");
                match self.root.find(&index) {
                    Err(error) if error.kind() == ErrorKind::NotFound => listing::of(&found, request.path()),
                    index_found => {
                        let found = index_found?;
                        file(request, &index, &found, &found.metadata()?)
                    }
                }
            }
        }
    }
}

impl Service for Folder {
    fn respond(&mut self, request: &Request<'_>) -> Response {
        if !matches!(request.method(), Method::Get | Method::Head) {
            return Response::allows("GET, HEAD, OPTIONS", request);
        }
        let response = self.answer(request).unwrap_or_else(|error| Response::status(status_of(&error)));
        // Keep it, but ask before you show it: the file may have been edited.
        response.field("Cache-Control", "no-cache")
    }
}

fn file(request: &Request<'_>, name: &Path, found: &Found, metadata: &Metadata) -> io::Result<Response> {
    if !metadata.is_file() {
        return Err(ErrorKind::PermissionDenied.into());
    }
    let tag = ETag::of_file(metadata.len(), metadata.modified()?);
    if tag.is_known_to(request) {
        return Ok(Response::not_modified(&tag));
    }
    if metadata.len() > LARGEST {
        return Ok(Response::text(Status::InternalServerError, "The file is longer than this server can send.\n"));
    }
    let body = match request.method() {
        Method::Head => Body::Omitted(metadata.len()),
        _ => {
            let mut bytes = Vec::with_capacity(metadata.len() as usize);
            // No further than it was long a moment ago: a log may grow as fast as it is read.
            found.open()?.take(metadata.len()).read_to_end(&mut bytes)?;
            Body::Bytes(bytes.into())
        }
    };
    let name = name.to_string_lossy();
    Ok(Response::with(Status::Ok, content_type(&name), body).field("ETag", tag.to_string()))
}

/// What to tell the client, who has no business with our errors. What lies outside of the folder does not exist.
fn status_of(error: &io::Error) -> Status {
    match (error.kind(), error.raw_os_error()) {
        (ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::CrossesDevices, _) => Status::NotFound,
        (_, Some(libc::ELOOP | libc::ENAMETOOLONG)) => Status::NotFound,
        (ErrorKind::PermissionDenied, _) => Status::Forbidden,
        (_, Some(libc::EMFILE | libc::ENFILE)) => Status::ServiceUnavailable,
        _ => Status::InternalServerError,
    }
}
