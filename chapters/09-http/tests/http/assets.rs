//! Files in memory, and their exchange.

use crate::client::{Client, serve};
use crate::scratch::Scratch;
use http_server::{Assets, SharedAssets};
use pretty_assertions::assert_eq;
use std::sync::Arc;

fn site(text: &str) -> Assets {
    let mut assets = Assets::new();
    for path in ["/index.html", "/a b.css", "/sub/index.html"] {
        assets.insert(path, format!("{text} {path}").into_bytes());
    }
    assets.insert_as("text/x-own", "/own.css", *b"own");
    assets
}

#[test]
fn a_file_comes_with_its_type_and_its_bytes() {
    let server = serve(site("one"));
    let mut client = Client::of(&server);
    for (path, content_type, text) in [
        ("/", "text/html; charset=utf-8", "one /index.html"),
        ("/index.html?x", "text/html; charset=utf-8", "one /index.html"),
        ("/a%20b.css", "text/css; charset=utf-8", "one /a b.css"),
        ("/sub/", "text/html; charset=utf-8", "one /sub/index.html"),
        ("/own.css", "text/x-own", "own"),
    ] {
        let reply = client.get(path);
        assert_eq!((reply.status, reply.field("content-type"), reply.text()), (200, Some(content_type), text));
        assert_eq!(reply.field("cache-control"), Some("no-cache"));
    }
    let reply = client.get("/sub?a");
    assert_eq!((reply.status, reply.field("location")), (301, Some("/sub/?a")));
}

#[test]
fn a_redirect_stays_on_this_host() {
    let mut assets = Assets::new();
    assets.insert("//elsewhere/index.html", *b"x");
    let server = serve(assets);

    let reply = Client::of(&server).get("//elsewhere");

    assert_eq!((reply.status, reply.field("location")), (301, Some("/elsewhere/")));
}

#[test]
fn what_is_missing_has_a_page_if_there_is_one() {
    let mut assets = site("one");
    let bare = serve(assets.clone());
    assets.insert("/404.html", *b"lost?");
    let friendly = serve(assets);
    for path in ["/missing", "/sub/missing", "/missing/", "/../index.html", "/%2e%2e/", "/%zz", "/%ff"] {
        assert_eq!(Client::of(&bare).get(path).status, 404, "{path}");
        let reply = Client::of(&friendly).get(path);
        assert_eq!((reply.status, reply.field("content-type")), (404, Some("text/html; charset=utf-8")), "{path}");
        assert_eq!(reply.text(), "lost?");
    }
}

#[test]
fn files_are_exchanged_all_at_once() {
    let shared = SharedAssets::new(site("one"));
    let server = serve(shared.clone());
    let mut client = Client::of(&server);
    let first = client.get("/");
    let again = format!("GET / HTTP/1.1\r\nHost: x\r\nIf-None-Match: {}\r\n\r\n", first.field("etag").unwrap());
    client.send(&again);
    assert_eq!(client.reply().status, 304);

    shared.replace(site("two"));

    client.send(&again);
    assert_eq!(client.reply().text(), "two /index.html");
    assert_eq!(client.get("/sub/").text(), "two /sub/index.html");
    assert_eq!(shared.now().get("/a b.css").map(|bytes| &bytes[..]), Some(b"two /a b.css".as_slice()));
}

#[test]
fn old_files_are_freed() {
    let shared = SharedAssets::new(site("one"));
    let old = Arc::downgrade(&shared.now());

    shared.replace(Assets::new());

    assert!(old.upgrade().is_none());
}

#[test]
fn a_folder_is_read_into_memory() {
    let scratch = Scratch::new();
    scratch.put("index.html", "top");
    scratch.put("css/a.css", "a");

    let assets = Assets::read(scratch.path()).unwrap();

    let mut paths: Vec<_> = assets.paths().collect();
    paths.sort_unstable();
    assert_eq!(paths, ["/css/a.css", "/index.html"]);
    let missing = Assets::read(scratch.path().join("missing")).unwrap_err();
    assert!(missing.to_string().contains("missing"), "{missing}");
}

#[test]
fn files_in_memory_may_be_read_and_nothing_else() {
    let server = serve(site("one"));
    let mut client = Client::of(&server);

    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx");

    let reply = client.reply();
    assert_eq!((reply.status, reply.field("allow")), (405, Some("GET, HEAD, OPTIONS")));
    client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(client.reply_to_head().field("content-length"), Some("15"));
}
