//! Files in memory as a service: no disk in the event loop.

use crate::etag::ETag;
use crate::method::Method;
use crate::path::{content_type, percent_decode};
use crate::request::Request;
use crate::response::{Body, Response};
use crate::service::Service;
use crate::status::Status;
use std::borrow::Cow;
use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// A set of files by the path that they are asked for with, which begins with `/`.
///
/// A folder is answered with its `index.html`; what is missing with `/404.html`, if that is there.
#[derive(Clone, Debug, Default)]
pub struct Assets {
    files: HashMap<String, Asset>,
}

#[derive(Clone, Debug)]
struct Asset {
    content_type: Cow<'static, str>,
    bytes: Arc<[u8]>,
    tag: ETag,
}

impl Assets {
    /// No files.
    pub fn new() -> Self {
        Self::default()
    }

    /// All files of a folder and the folders in it, as they are now. Symbolic links are followed.
    ///
    /// # Errors
    /// What `read_dir` and `read` answer, with the name of the file.
    pub fn read(folder: impl AsRef<Path>) -> io::Result<Self> {
        let mut assets = Self::new();
        assets.add_folder(folder.as_ref(), "")?;
        Ok(assets)
    }

    /// Adds a file, or replaces it. Its type follows from the end of its path.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Arc<[u8]>>) {
        let path = path.into();
        self.insert_as(content_type(&path), path, bytes);
    }

    /// Adds a file of this type, or replaces it.
    pub fn insert_as(
        &mut self,
        content_type: impl Into<Cow<'static, str>>,
        path: impl Into<String>,
        bytes: impl Into<Arc<[u8]>>,
    ) {
        let bytes = bytes.into();
        let asset = Asset { content_type: content_type.into(), tag: ETag::of(&bytes), bytes };
        self.files.insert(path.into(), asset);
    }

    /// The bytes of a file.
    pub fn get(&self, path: &str) -> Option<&Arc<[u8]>> {
        self.files.get(path).map(|asset| &asset.bytes)
    }

    /// The paths of all files, in no order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Answers a request. It changes nothing, so that many can share the files.
    pub fn answer(&self, request: &Request<'_>) -> Response {
        if !matches!(request.method(), Method::Get | Method::Head) {
            return Response::allows("GET, HEAD, OPTIONS", request);
        }
        self.find(request).field("Cache-Control", "no-cache")
    }

    fn find(&self, request: &Request<'_>) -> Response {
        // Nothing is looked up but what was put in, so no path can lead out.
        let decoded = percent_decode(request.path()).and_then(|path| String::from_utf8(path).ok());
        let Some(path) = decoded else { return self.missing() };
        if let Some(asset) = self.files.get(&path) {
            return asset.answer(request);
        }
        if path.ends_with('/') {
            return self.files.get(&format!("{path}index.html")).map_or_else(|| self.missing(), |a| a.answer(request));
        }
        if self.files.contains_key(&format!("{path}/index.html")) {
            return Response::moved(request.path_with_slash());
        }
        self.missing()
    }

    fn missing(&self) -> Response {
        match self.files.get("/404.html") {
            Some(page) => page.with_status(Status::NotFound),
            None => Response::status(Status::NotFound),
        }
    }

    fn add_folder(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        let named =
            |path: &Path, error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        for entry in folder.read_dir().map_err(|error| named(folder, error))? {
            let entry = entry.map_err(|error| named(folder, error))?;
            let (path, name) = (entry.path(), format!("{prefix}/{}", entry.file_name().to_string_lossy()));
            if path.is_dir() {
                self.add_folder(&path, &name)?;
            } else {
                self.insert(name, std::fs::read(&path).map_err(|error| named(&path, error))?);
            }
        }
        Ok(())
    }
}

impl Asset {
    fn answer(&self, request: &Request<'_>) -> Response {
        if self.tag.is_known_to(request) {
            return Response::not_modified(&self.tag);
        }
        self.with_status(Status::Ok).field("ETag", self.tag.to_string())
    }

    fn with_status(&self, status: Status) -> Response {
        Response::with(status, self.content_type.clone(), Body::Shared(Arc::clone(&self.bytes)))
    }
}

impl Service for Assets {
    fn respond(&mut self, request: &Request<'_>) -> Response {
        self.answer(request)
    }
}

/// Files that another thread may exchange for others, all at once. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct SharedAssets {
    // Locked to take or to exchange one pointer. Who reads goes on with the files that it took.
    now: Arc<Mutex<Arc<Assets>>>,
}

impl SharedAssets {
    /// Shares `assets`.
    pub fn new(assets: Assets) -> Self {
        Self { now: Arc::new(Mutex::new(Arc::new(assets))) }
    }

    /// The files as they are now.
    pub fn now(&self) -> Arc<Assets> {
        // A pointer is exchanged whole, so even a lock that is poisoned guards a good one.
        Arc::clone(&self.now.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Exchanges the files. Whoever asks from now on gets these.
    pub fn replace(&self, assets: Assets) {
        let new = Arc::new(assets);
        let old = std::mem::replace(&mut *self.now.lock().unwrap_or_else(PoisonError::into_inner), new);
        // Freed here, after the lock and off the reactor's thread, unless a response still holds it.
        drop(old);
    }
}

impl Service for SharedAssets {
    fn respond(&mut self, request: &Request<'_>) -> Response {
        self.now().answer(request)
    }
}
