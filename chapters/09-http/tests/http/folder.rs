//! The files of a folder, as they are on disk.

use crate::client::{Client, Server, serve};
use crate::scratch::Scratch;
use http_server::Folder;
use pretty_assertions::assert_eq;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

fn server(scratch: &Scratch) -> Server<Folder> {
    serve(Folder::open(scratch.path()).unwrap())
}

#[test]
fn a_file_comes_with_its_type_and_its_bytes() {
    let scratch = Scratch::new();
    let bytes: Vec<u8> = (0..=255).collect();
    for (name, content_type) in [
        ("a.html", "text/html; charset=utf-8"),
        ("b.CSS", "text/css; charset=utf-8"),
        ("c/d/e.min.js", "text/javascript; charset=utf-8"),
        ("f.svg", "image/svg+xml"),
        ("g.woff2", "font/woff2"),
        ("h", "application/octet-stream"),
        ("a b?#%.png", "image/png"),
    ] {
        scratch.put(name, &bytes);
        let path = name.replace('%', "%25").replace(' ', "%20").replace('?', "%3f").replace('#', "%23");

        let reply = Client::of(&server(&scratch)).get(&format!("/{path}?query"));

        assert_eq!((reply.status, reply.field("content-type")), (200, Some(content_type)), "{name}");
        assert_eq!(reply.body, bytes, "{name}");
    }
}

#[test]
fn an_empty_file_is_a_file() {
    let scratch = Scratch::new();
    scratch.put("empty.txt", "");

    let reply = Client::of(&server(&scratch)).get("/empty.txt");

    assert_eq!((reply.status, reply.field("content-length")), (200, Some("0")));
}

#[test]
fn a_folder_is_its_index() {
    let scratch = Scratch::new();
    scratch.put("index.html", "the top");
    scratch.put("in/side/index.html", "inside");
    let server = server(&scratch);
    let mut client = Client::of(&server);

    assert_eq!(client.get("/").text(), "the top");
    assert_eq!(client.get("/in/side/").text(), "inside");
    let reply = client.get("/in/side?a=b");
    assert_eq!((reply.status, reply.field("location")), (301, Some("/in/side/?a=b")));
    assert_eq!(client.get("/index.html/").status, 404);
    assert_eq!(client.get("/index.html/more").status, 404);
}

#[test]
fn a_folder_without_an_index_is_a_list() {
    let scratch = Scratch::new();
    scratch.put("list/<b>&\"a: b\".txt", "x");
    scratch.put("list/sub/x", "x");
    let server = server(&scratch);
    let mut client = Client::of(&server);

    let page = client.get("/list/");

    assert_eq!(page.field("content-type"), Some("text/html; charset=utf-8"));
    let link = "./%3Cb%3E%26%22a%3A%20b%22.txt";
    assert!(page.text().contains(&format!("<a href=\"{link}\">&lt;b&gt;&amp;&quot;a: b&quot;.txt</a>")));
    assert!(page.text().contains("<a href=\"./sub/\">sub/</a>"));
    assert_eq!(client.get(&format!("/list/{}", &link[2..])).text(), "x");
}

#[test]
fn what_the_client_has_is_not_sent_again_until_it_changes() {
    let scratch = Scratch::new();
    let path = scratch.put("a.txt", "one");
    let server = server(&scratch);
    let mut client = Client::of(&server);
    let first = client.get("/a.txt");
    let tag = first.field("etag").unwrap().to_owned();
    let again = format!("GET /a.txt HTTP/1.1\r\nHost: x\r\nIf-None-Match: {tag}\r\n\r\n");
    assert_eq!(first.field("cache-control"), Some("no-cache"));

    client.send(&again);
    let known = client.reply();
    assert_eq!((known.status, known.field("etag"), known.field("cache-control")), (304, Some(&*tag), Some("no-cache")));

    fs::write(path, "three").unwrap();
    client.send(&again);
    assert_eq!(client.reply().text(), "three");
}

#[test]
fn head_knows_the_length_of_a_file() {
    let scratch = Scratch::new();
    scratch.put("a.txt", "hello");
    let server = server(&scratch);
    let mut client = Client::of(&server);

    let get = client.get("/a.txt");
    client.send("HEAD /a.txt HTTP/1.1\r\nHost: x\r\n\r\n");

    assert_eq!(client.reply_to_head().head, get.head);
    assert_eq!(get.field("content-length"), Some("5"));
}

#[test]
fn a_file_may_be_read_and_nothing_else() {
    let scratch = Scratch::new();
    let path = scratch.put("a.txt", "hello");
    let server = server(&scratch);
    let mut client = Client::of(&server);
    for (method, status) in
        [("POST", 405), ("PUT", 405), ("DELETE", 405), ("PATCH", 405), ("TRACE", 405), ("OPTIONS", 204)]
    {
        client.send(format!("{method} /a.txt HTTP/1.1\r\nHost: x\r\n\r\n"));
        let reply = client.reply();
        assert_eq!((reply.status, reply.field("allow")), (status, Some("GET, HEAD, OPTIONS")), "{method}");
    }
    assert_eq!(fs::read(path).unwrap(), b"hello");
}

#[test]
fn twenty_megabytes_arrive() {
    let scratch = Scratch::new();
    let bytes: Vec<u8> = (0..20_000_000_u32).map(|i| (i / 11) as u8).collect();
    scratch.put("big", &bytes);
    let server = server(&scratch);
    let (mut early, mut late) = (Client::of(&server), Client::of(&server));

    late.send("GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    late.wait_for_bytes();

    assert!(early.get("/big").body == bytes, "the file came otherwise");
    assert!(late.reply().body == bytes, "the file came otherwise");
    late.has_ended();
}

#[test]
fn a_file_too_long_for_memory_is_not_served() {
    let scratch = Scratch::new();
    // Without blocks: it takes no room on the disk.
    File::create(scratch.path().join("huge")).unwrap().set_len(1 << 40).unwrap();
    let server = server(&scratch);
    let mut client = Client::of(&server);

    assert_eq!(client.get("/huge").status, 500);
    assert_eq!(client.get("/").status, 200);
}

#[test]
fn what_is_no_file_is_not_opened() {
    let scratch = Scratch::new();
    let fifo = scratch.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(scratch.path().join("socket")).unwrap();
    let server = server(&scratch);
    let mut client = Client::of(&server);

    // To open the FIFO would be to wait for a writer, with everybody else.
    assert_eq!(client.get("/fifo").status, 403);
    assert_eq!(client.get("/socket").status, 403);
    assert_eq!(client.get("/").status, 200);
}

#[test]
fn a_file_that_may_not_be_read_is_forbidden() {
    let scratch = Scratch::new();
    let path = scratch.put("secret", "x");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    let server = server(&scratch);

    let status = Client::of(&server).get("/secret").status;

    // Root may read it all the same.
    assert_eq!(status, if File::open(&path).is_ok() { 200 } else { 403 });
}

#[test]
fn the_served_folder_must_be_one() {
    let scratch = Scratch::new();
    let file = scratch.put("file", "x");

    assert_eq!(Folder::open(scratch.path().join("missing")).unwrap_err().raw_os_error(), Some(libc::ENOENT));
    assert_eq!(Folder::open(file).unwrap_err().raw_os_error(), Some(libc::ENOTDIR));
}
