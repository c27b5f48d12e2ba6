//! There is no way out of the folder.

use crate::client::{Client, serve};
use crate::scratch::Scratch;
use http_server::Folder;
use pretty_assertions::assert_eq;
use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// A folder `in` with a file, and beside it what nobody may get.
fn world() -> Scratch {
    let scratch = Scratch::new();
    scratch.put("in/file.txt", "served");
    scratch.put("in/sub/file.txt", "served");
    scratch.put("secret.txt", "secret");
    scratch.put("in-secret/file.txt", "secret");
    scratch
}

const PATHS: [&str; 31] = [
    "/../secret.txt",
    "/sub/../../secret.txt",
    "/sub/../file.txt",
    "/./file.txt",
    "/..",
    "/../",
    "/../in-secret/file.txt",
    "/%2e%2e/secret.txt",
    "/%2E./secret.txt",
    "/.%2e/secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e%2fsecret.txt",
    "/sub%2f..%2f..%2fsecret.txt",
    "/sub%2ffile.txt",
    "/%2fetc/passwd",
    "//etc/passwd",
    "///etc/passwd",
    "//sub/",
    "/sub//file.txt",
    "/%252e%252e/secret.txt",
    "/..%5csecret.txt",
    "/%c0%ae%c0%ae/secret.txt",
    "/file.txt%00",
    "/file.txt%00.html",
    "/%00",
    "/file.txt%",
    "/file.txt%2",
    "/%zz",
    "/%+1",
    "/../../../../../../../../etc/passwd",
    "http://x/../secret.txt",
];

#[test]
fn no_path_leads_out() {
    let scratch = world();
    let server = serve(Folder::open(scratch.path().join("in")).unwrap());
    let mut client = Client::of(&server);
    for path in PATHS {
        let reply = client.get(path);
        assert_eq!((reply.status, reply.field("location")), (404, None), "{path}: {}", reply.text());
    }
    assert_eq!(client.get("/%66ile%2Etxt").text(), "served");
    let long = format!("/{}", "x".repeat(5000));
    assert_eq!(client.get(&long).status, 404, "a name longer than any file's");
}

#[test]
fn no_link_leads_out() {
    let scratch = world();
    let inside = scratch.path().join("in");
    for (target, name) in [
        ("../secret.txt", "up"),
        ("sub/../../secret.txt", "around"),
        ("/etc/passwd", "absolute"),
        ("/proc/self/environ", "magic"),
        ("..", "folder"),
        ("/", "top"),
        ("circle", "circle"),
        ("missing", "dangling"),
    ] {
        symlink(target, inside.join(name)).unwrap();
    }
    symlink("sub/file.txt", inside.join("within")).unwrap();
    symlink("sub", inside.join("folder-within")).unwrap();
    symlink("../../secret.txt", inside.join("sub/index.html")).unwrap();
    let server = serve(Folder::open(&inside).unwrap());
    let mut client = Client::of(&server);

    for path in [
        "/up",
        "/around",
        "/absolute",
        "/magic",
        "/folder",
        "/folder/",
        "/folder/secret.txt",
        "/top/etc/passwd",
        "/circle",
        "/dangling",
        "/sub/",
        "/folder-within/",
    ] {
        let reply = client.get(path);
        assert_eq!((reply.status, reply.field("location")), (404, None), "{path}: {}", reply.text());
    }
    // A link that stays inside is as good as a file.
    assert_eq!(client.get("/within").text(), "served");
    assert_eq!(client.get("/folder-within/file.txt").text(), "served");
    // The page that lists them only names them.
    assert_eq!(client.get("/").status, 200);
}

#[test]
fn a_link_put_in_at_the_right_moment_leads_nowhere_either() {
    let scratch = world();
    let inside = scratch.path().join("in");
    symlink("../secret.txt", inside.join("link")).unwrap();
    let server = serve(Folder::open(&inside).unwrap());
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let swapper = scope.spawn(|| {
            let (now, spare) = (inside.join("now.txt"), inside.join("spare"));
            let mut swaps = 0;
            while !done.load(Relaxed) {
                for from in ["file.txt", "link"] {
                    let _ = fs::remove_file(&spare);
                    match from {
                        "link" => symlink("../secret.txt", &spare).unwrap(),
                        _ => fs::write(&spare, "served").unwrap(),
                    }
                    fs::rename(&spare, &now).unwrap();
                    swaps += 1;
                }
            }
            swaps
        });
        let mut client = Client::of(&server);
        let (mut served, mut refused) = (0, 0);
        while served < 50 || refused < 50 {
            match client.get("/now.txt") {
                reply if reply.status == 200 => {
                    assert_eq!(reply.text(), "served");
                    served += 1;
                }
                reply => {
                    assert_eq!(reply.status, 404);
                    refused += 1;
                }
            }
        }
        done.store(true, Relaxed);
        assert!(swapper.join().unwrap() > 0);
    });
}

#[test]
fn no_query_and_no_host_matter() {
    let scratch = world();
    let server = serve(Folder::open(scratch.path().join("in")).unwrap());
    let mut client = Client::of(&server);

    assert_eq!(client.get("/file.txt?/../../secret.txt").text(), "served");
    assert_eq!(client.get("http://elsewhere/file.txt").text(), "served");
}
