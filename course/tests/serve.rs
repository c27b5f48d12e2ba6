//! `cargo run` as a reader uses it: the program is started, and its pages are fetched through the engine.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use course::book::Book;
use course::recorder::Recorder;
use course::server::Server;
use pretty_assertions::assert_eq;

/// After this long, what a test waits for will not come.
const DEADLINE: Duration = Duration::from_secs(60);

/// The program, ended when it goes out of scope.
struct Course {
    child: Child,
    address: SocketAddr,
}

/// A response: the first line of its head, its type, and its body.
#[derive(PartialEq, Eq, Debug)]
struct Answer {
    status: String,
    content_type: String,
    body: Vec<u8>,
}

impl Course {
    fn start(root: &Path) -> Self {
        let mut child = command(root, &["--port", "0"]).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("the book: http://").and_then(|rest| rest.strip_suffix('/'));
        let address = address.unwrap_or_else(|| panic!("the first line names the address: {line:?}")).parse().unwrap();
        Self { child, address }
    }

    fn connect(&self) -> TcpStream {
        connect(self.address)
    }

    fn get(&self, path: &str) -> Answer {
        get(self.address, path, usize::MAX)
    }

    /// How long its threads, and this one, were ready to run and did not: the second number of `schedstat`, in
    /// nanoseconds.
    fn waited_for_a_processor(&self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let stats = tasks.flatten().map(|task| task.path().join("schedstat"));
        let stats =
            stats.chain(["/proc/thread-self/schedstat".into()]).filter_map(|file| fs::read_to_string(file).ok());
        let waits = stats.filter_map(|line| line.split_whitespace().nth(1)?.parse().ok());
        waits.map(Duration::from_nanos).sum()
    }
}

impl Drop for Course {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

/// Sends a request in pieces of `piece` bytes, and reads until the server closes.
fn get(address: SocketAddr, path: &str, piece: usize) -> Answer {
    let mut stream = connect(address);
    stream.set_nodelay(true).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    for bytes in request.as_bytes().chunks(piece) {
        stream.write_all(bytes).unwrap();
    }
    let mut response = Vec::new();
    stream.read_to_end(&mut response).unwrap();
    let end = response.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = str::from_utf8(&response[..end]).unwrap();
    let content_type = head.lines().find_map(|line| line.strip_prefix("Content-Type: ")).unwrap_or_default();
    Answer {
        status: head.lines().next().unwrap().to_owned(),
        content_type: content_type.to_owned(),
        body: response[end + 4..].to_vec(),
    }
}

fn command(root: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_course"));
    command.arg("--root").arg(root).args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A book of one page, in a folder of its own.
fn small_book() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let book = folder.path().join("book");
    fs::create_dir_all(book.join("src")).unwrap();
    fs::create_dir_all(book.join("theme")).unwrap();
    fs::copy(workspace().join("book/theme/live.js"), book.join("theme/live.js")).unwrap();
    fs::write(book.join("book.toml"), "[book]\ntitle = \"Small\"\n").unwrap();
    fs::write(book.join("src/SUMMARY.md"), "# Summary\n\n- [One](one.md)\n").unwrap();
    fs::write(book.join("src/one.md"), "# One\n\nThe first words.\n").unwrap();
    folder
}

/// By another program: while this one writes to a file, a child that another thread starts holds it open for writing as
/// well, for a moment, and it cannot be run (ETXTBSY).
fn copy_of_the_program(folder: &Path) -> PathBuf {
    let program = folder.join("course");
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_course")).arg(&program).status().unwrap();
    assert!(copied.success(), "cp failed");
    program
}

fn signal(child: &Child, signal: &str) {
    let status = Command::new("kill").arg(format!("-{signal}")).arg(child.id().to_string()).status().unwrap();
    assert!(status.success(), "kill -{signal} failed");
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn every_file_of_the_book_comes_whole_and_with_its_type() {
    let recorder = Recorder::new(env!("CARGO_BIN_EXE_course")).record_all(&workspace());
    let site = Book::at(workspace()).lab(&recorder).live(true).build().unwrap();
    let server = Server::start(0, &site).unwrap();

    for (path, file) in site.iter() {
        // That the request comes a byte at a time must make no difference.
        for piece in [1, usize::MAX] {
            let expected = Answer {
                status: "HTTP/1.1 200 OK".to_owned(),
                content_type: file.content_type.to_owned(),
                body: file.bytes.clone(),
            };
            let answer = get(server.address(), path, piece);
            assert!(answer == expected, "{path} differs when asked for in pieces of {piece} bytes");
        }
    }
    assert!(site.iter().count() > 10, "the book has pages, styles, scripts and fonts");
    server.stop().unwrap();
}

#[test]
fn the_start_page_is_answered_for_the_root() {
    let course = Course::start(&workspace());

    assert!(course.get("/") == course.get("/index.html"), "/ is not /index.html");
    assert_eq!(course.get("/nowhere").status, "HTTP/1.1 404 Not Found");
}

#[test]
fn the_pages_hear_the_counters_of_the_engine() {
    let folder = small_book();
    let course = Course::start(folder.path());
    let mut stream = course.connect();
    stream.write_all(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();

    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    let data = lines.find(|line| line.starts_with("data: ")).unwrap();
    for counter in ["connections", "messages", "wakeups", "eagains", "bytes"] {
        assert!(data.contains(&format!("\"{counter}\":")), "{counter} is missing: {data}");
    }
}

#[test]
fn a_saved_page_is_served_and_announced_within_two_seconds() {
    let folder = small_book();
    let course = Course::start(folder.path());
    let mut stream = course.connect();
    stream.write_all(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    let mut heard = || lines.find(|line| line.starts_with("data: ")).map(|data| book_of(&data)).unwrap();
    let before = heard();

    let (saved, waited) = (Instant::now(), course.waited_for_a_processor());
    fs::write(folder.path().join("book/src/one.md"), "# One\n\nOther words.\n").unwrap();
    while heard() == before {}

    // What others on this machine have kept from the program is not its fault.
    let took = saved.elapsed().saturating_sub(course.waited_for_a_processor().saturating_sub(waited));
    let page = course.get("/one.html").body;
    assert!(String::from_utf8_lossy(&page).contains("Other words."), "the new page is not served");
    assert!(took < Duration::from_secs(2), "the page was announced after {took:?}");
}

#[test]
fn each_page_names_the_book_that_it_is_from() {
    let folder = small_book();
    let course = Course::start(folder.path());
    let mut stream = course.connect();
    stream.write_all(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();

    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    let book = lines.find(|line| line.starts_with("data: ")).map(|data| book_of(&data)).unwrap();

    let page = String::from_utf8(course.get("/one.html").body).unwrap();
    assert!(page.contains(&format!("<meta name=\"book\" content=\"{book}\">")), "the page does not name {book}");
}

#[test]
fn what_the_book_quotes_is_watched() {
    // Each of these is in the small book, and a change to it changes a page.
    let folder = small_book();
    let quoted = ["chapters/one.rs", "course/src/server.rs", "exercises/stubs/01_one.rs", "src/lib.rs"];
    let mut page = String::from("# One\n");
    for file in quoted {
        fs::create_dir_all(folder.path().join(file).parent().unwrap()).unwrap();
        fs::write(folder.path().join(file), "// The first words.\n").unwrap();
        page += &format!("\n```rust\n{{{{#include ../../{file}}}}}\n```\n");
    }
    fs::write(folder.path().join("book/src/one.md"), page).unwrap();
    let course = Course::start(folder.path());
    let mut stream = course.connect();
    stream.write_all(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    let mut heard = || lines.find(|line| line.starts_with("data: ")).map(|data| book_of(&data)).unwrap();
    let mut book = heard();

    for file in quoted {
        fs::write(folder.path().join(file), "// Other words.\n").unwrap();
        let before = book.clone();
        let asked = Instant::now();
        while book == before {
            assert!(asked.elapsed() < DEADLINE, "{file} is not watched");
            book = heard();
        }
    }
}

#[test]
fn what_only_answers_questions_takes_no_others() {
    let folder = small_book();
    let course = Course::start(folder.path());
    for (method, path) in [("POST", "/events"), ("DELETE", "/exercises")] {
        let mut stream = course.connect();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "HTTP/1.1 405 Method Not Allowed", "{method} {path}");
    }
}

#[test]
fn a_book_that_breaks_while_it_is_served_stays_as_it_was() {
    let folder = small_book();
    let mut course = Course::start(folder.path());
    let stderr = course.child.stderr.take().unwrap();
    let (sender, errors) = mpsc::channel();
    thread::spawn(move || BufReader::new(stderr).lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));

    fs::write(folder.path().join("book/src/one.md"), "# One\n\n```rust\n{{#include nowhere.rs}}\n```\n").unwrap();

    let mut error = String::new();
    while !error.contains("one.md:3") {
        error = errors.recv_timeout(DEADLINE).unwrap();
    }
    assert!(error.contains("nowhere.rs"), "{error}");
    let page = course.get("/one.html").body;
    assert!(String::from_utf8_lossy(&page).contains("The first words."), "the old page is gone");
}

#[test]
fn an_experiment_is_run_again_for_its_own_pages_only() {
    let folder = small_book();
    let course = Course::start(folder.path());
    let ask = |host: &str, field: &str| {
        let mut stream = course.connect();
        let request = format!("POST /lab/default_lt HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{field}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        line.trim().to_owned()
    };
    let mut stream = course.connect();
    stream.write_all(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    lines.find(|line| line == "event: stats").unwrap();

    assert_eq!(ask("localhost", ""), "HTTP/1.1 403 Forbidden");
    assert_eq!(ask("elsewhere.example", "X-Lab: 1\r\n"), "HTTP/1.1 403 Forbidden");
    assert_eq!(ask("127.0.0.1:3000", "X-Lab: 1\r\n"), "HTTP/1.1 204 No Content");

    lines.find(|line| line == "event: lab").unwrap();
    let data = lines.next().unwrap();
    assert!(data.contains("default_lt") && data.contains("epoll_wait("), "{data}");
    assert_eq!(course.get("/lab/default_lt").status, "HTTP/1.1 405 Method Not Allowed");
    assert_eq!(course.get("/lab/nothing").status, "HTTP/1.1 404 Not Found");
}

#[test]
fn ctrl_c_ends_it_with_status_0() {
    let folder = small_book();
    for name in ["INT", "TERM"] {
        let mut course = Course::start(folder.path());
        // Somebody listens, and somebody has asked for nothing yet.
        let mut listener = course.connect();
        listener.write_all(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        assert_eq!(listener.read(&mut [0; 1]).unwrap(), 1);
        let _silent = course.connect();

        signal(&course.child, name);

        assert_eq!(course.child.wait().unwrap().code(), Some(0), "after SIG{name}");
    }
}

#[test]
fn ctrl_c_during_a_build_leaves_no_folder_behind() {
    let folder = small_book();
    // The program as it stands alone builds in the folder of its book.
    let program = copy_of_the_program(folder.path());
    let target = folder.path().join("target");
    let built_in = || {
        let entries = fs::read_dir(&target).into_iter().flatten().flatten();
        let mut names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.find(|name| name.starts_with("book-"))
    };
    let mut course = Command::new(program);
    course.arg("--root").arg(folder.path()).args(["--port", "0"]);
    let mut child = course.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let started = Instant::now();
    while built_in().is_none() && started.elapsed() < DEADLINE {}

    signal(&child, "INT");

    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(built_in(), None);
}

#[test]
fn a_port_in_use_is_named_with_what_to_do() {
    let folder = small_book();
    let course = Course::start(folder.path());
    let port = course.address.port().to_string();

    let output = command(folder.path(), &["--port", &port]).output().unwrap();

    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains(&format!("127.0.0.1:{port}")), "{}", said(&output));
    assert!(said(&output).contains("cargo run -- --port 0"), "{}", said(&output));

    let output = command(folder.path(), &["--port", &port]).env("USING_EPOLL_YOURS", "waker").output().unwrap();

    assert!(said(&output).contains("cargo run -- --yours --port 0"), "{}", said(&output));
}

#[test]
fn a_target_folder_that_cannot_be_written_is_named_with_what_to_do() {
    let folder = small_book();
    // The program as it stands alone, outside cargo's target folder, builds in the repository's; a file in its place
    // refuses root too.
    let program = copy_of_the_program(folder.path());
    fs::write(folder.path().join("target"), "").unwrap();

    let output = Command::new(program).arg("--root").arg(folder.path()).args(["--port", "0"]).output().unwrap();

    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("target") && said(&output).contains("CARGO_TARGET_DIR"), "{}", said(&output));
}

#[test]
fn a_broken_book_is_told_where_it_is_broken() {
    let folder = small_book();
    fs::remove_file(folder.path().join("book/src/one.md")).unwrap();

    let output = command(folder.path(), &["--port", "0"]).output().unwrap();

    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("book/src/SUMMARY.md:3"), "{}", said(&output));
}

#[test]
fn a_mistake_in_the_arguments_is_named() {
    for (args, named) in [(["--prot", "1"], "--prot"), (["--port", "many"], "many")] {
        let output = command(Path::new("."), &args).output().unwrap();

        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains(named), "{}", said(&output));
    }
}

/// The name of the book that a `stats` event tells of.
fn book_of(data: &str) -> String {
    let (_, rest) = data.split_once("\"book\":\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}
