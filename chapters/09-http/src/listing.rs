//! What a folder without an `index.html` looks like.

use crate::beneath::Found;
use crate::response::{Body, Response};
use crate::status::Status;
use std::fmt::Write;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;

/// A page with a link to each thing in `folder`, which is served as `path`.
pub(crate) fn of(folder: &Found, path: &str) -> io::Result<Response> {
    let mut entries = fs::read_dir(folder.path())?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    let path = escape(path);
    let mut page = format!("<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>{path}</title>\n<h1>{path}</h1>\n<ul>\n");
    for entry in entries {
        let slash = if entry.file_type()?.is_dir() { "/" } else { "" };
        let name = entry.file_name();
        let (link, text) = (percent_encode(name.as_bytes()), escape(&name.to_string_lossy()));
        // `./`, or a name with a colon would be a link to another scheme. Writing to a String cannot fail.
        let _ = writeln!(page, "<li><a href=\"./{link}{slash}\">{text}{slash}</a>");
    }
    page.push_str("</ul>\n");
    Ok(Response::with(Status::Ok, "text/html; charset=utf-8", Body::Bytes(page.into_bytes().into())))
}

/// A file may be called `<script>`.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn percent_encode(name: &[u8]) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(*byte)),
            byte => _ = write!(encoded, "%{byte:02X}"),
        }
    }
    encoded
}
