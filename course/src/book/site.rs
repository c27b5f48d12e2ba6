//! The finished book, held in memory.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::Path;

/// One file of the finished book.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct File {
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// What is sent.
    pub bytes: Vec<u8>,
}

/// Every file of a finished book under the path that a browser asks for.
///
/// It never changes: a server holds one in an `Arc`, and swaps the `Arc` when the book was built anew. So nobody ever
/// sees half of one book and half of the next, and no file is opened while a client waits.
#[derive(Debug, Clone)]
pub struct Site {
    files: BTreeMap<String, File>,
    id: String,
}

impl Site {
    /// A site of these files. Each path starts with `/`; the content type follows from its ending.
    pub fn new(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let files: BTreeMap<_, _> = files
            .into_iter()
            .map(|(path, bytes)| {
                let content_type = content_type(&path);
                (path, File { content_type, bytes })
            })
            .collect();
        let mut hasher = DefaultHasher::new();
        files.hash(&mut hasher);
        Self { id: format!("{:016x}", hasher.finish()), files }
    }

    /// Reads all files below `folder`.
    ///
    /// # Errors
    /// Any error of reading a folder or a file.
    pub fn load(folder: &Path) -> io::Result<Self> {
        let mut files = Vec::new();
        collect(folder, "", &mut files)?;
        Ok(Self::new(files))
    }

    /// The same site with each of its pages put through `change`.
    pub(crate) fn map_pages(self, change: impl Fn(&str) -> String) -> Self {
        let changed = self.files.into_iter().map(|(path, file)| match str::from_utf8(&file.bytes) {
            Ok(page) if path.ends_with(".html") => (path, change(page).into_bytes()),
            _ => (path, file.bytes),
        });
        Self::new(changed)
    }

    /// The same site, with its id in the head of each page, where a script finds which book a page is from.
    pub(crate) fn name_itself(self) -> Self {
        let id = self.id.clone();
        let head = format!("<meta name=\"book\" content=\"{id}\">\n</head>");
        Self { id, ..self.map_pages(|page| page.replacen("</head>", &head, 1)) }
    }

    /// The file that answers `path`, an absolute path without query, percent-decoded. A folder is answered by its
    /// `index.html`.
    pub fn get(&self, path: &str) -> Option<&File> {
        match path.strip_suffix('/') {
            Some(folder) => self.files.get(&format!("{folder}/index.html")),
            None => self.files.get(path),
        }
    }

    /// The page for a path that is not there.
    pub fn not_found(&self) -> Option<&File> {
        self.files.get("/404.html")
    }

    /// All paths with their files, in the order of the alphabet.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &File)> {
        self.files.iter().map(|(path, file)| (path.as_str(), file))
    }

    /// A name for the contents: two sites have the same one only if they are equal, byte for byte.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Writes all files below `folder`, which is created if it is missing.
    ///
    /// # Errors
    /// Any error of creating a folder or of writing a file.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        for (path, file) in self.iter() {
            let to = folder.join(path.trim_start_matches('/'));
            fs::create_dir_all(to.parent().unwrap_or(folder))?;
            fs::write(to, &file.bytes)?;
        }
        Ok(())
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
        let path = format!("{prefix}/{name}");
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &path, files)?;
        } else {
            files.push((path, fs::read(entry.path())?));
        }
    }
    Ok(())
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("txt" | "csv" | "rs") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn small() -> Site {
        Site::new([("/index.html".into(), b"home".to_vec()), ("/css/a.css".into(), b"a{}".to_vec())])
    }

    #[test]
    fn a_folder_is_answered_by_its_index() {
        assert_eq!(small().get("/").map(|file| file.bytes.as_slice()), Some(b"home".as_slice()));
        assert_eq!(small().get("/css/"), None);
        assert_eq!(small().get("/nowhere"), None);
    }

    #[test]
    fn the_type_follows_from_the_ending() {
        assert_eq!(small().get("/css/a.css").unwrap().content_type, "text/css; charset=utf-8");
        assert_eq!(content_type("/fonts/x-1234.woff2"), "font/woff2");
        assert_eq!(content_type("/no-ending"), "application/octet-stream");
    }

    #[test]
    fn what_was_saved_loads_as_the_same_site() {
        let folder = tempfile::tempdir().unwrap();

        small().save(folder.path()).unwrap();
        let loaded = Site::load(folder.path()).unwrap();

        assert_eq!(loaded.id(), small().id());
        assert_eq!(loaded.iter().collect::<Vec<_>>(), small().iter().collect::<Vec<_>>());
    }

    #[test]
    fn another_byte_is_another_id() {
        let other = Site::new([("/index.html".into(), b"Home".to_vec()), ("/css/a.css".into(), b"a{}".to_vec())]);
        assert!(other.id() != small().id());
    }
}
