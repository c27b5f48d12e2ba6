//! The program, as a reader starts it.

use crate::client::Client;
use crate::scratch::Scratch;
use pretty_assertions::assert_eq;
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

fn program(args: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_09-http"));
    command.args(args).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(args: &[&str]) -> Output {
    program(args, Path::new(".")).output().unwrap()
}

/// A program that serves. It does not outlive its test.
struct Served {
    child: Child,
    addr: SocketAddr,
}

impl Served {
    fn start(args: &[&str], folder: &Path) -> Self {
        let mut child = program(args, folder).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let addr = line.trim_end().strip_prefix("listening on ").expect("the first line").parse().unwrap();
        Self { child, addr }
    }

    fn end(mut self, signal: &str) -> (Option<i32>, String) {
        let kill = Command::new("sh").args(["-c", &format!("kill -{signal} {}", self.child.id())]).status().unwrap();
        assert!(kill.success());
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap().code(), log)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_serves_a_folder_until_ctrl_c() {
    let scratch = Scratch::new();
    scratch.put("sub/a.txt", "hello");
    for signal in ["INT", "TERM"] {
        let sub = scratch.path().join("sub");
        let served = Served::start(&["127.0.0.1:0", sub.to_str().unwrap()], Path::new("."));

        let mut client = Client::connect(served.addr);
        assert_eq!(client.get("/a.txt").text(), "hello");
        assert_eq!(client.get("/b.txt").status, 404);

        let (code, log) = served.end(signal);
        assert_eq!((code, log.as_str()), (Some(0), "GET /a.txt 200 OK\nGET /b.txt 404 Not Found\n"));
        client.has_ended();
    }
}

#[test]
fn the_current_folder_is_served_unless_another_is_named() {
    let scratch = Scratch::new();
    scratch.put("a.txt", "hello");

    let served = Served::start(&["[::1]:0"], scratch.path());

    assert!(served.addr.is_ipv6());
    assert_eq!(Client::connect(served.addr).get("/a.txt").text(), "hello");
}

#[test]
fn a_mistake_in_the_arguments_is_named() {
    for (args, named) in [
        (["localhost", "."].as_slice(), "localhost"),
        (&["--port", "1"], "--port"),
        (&["127.0.0.1:0", ".", "extra"], "extra"),
    ] {
        let output = run(args);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(named) && message.contains("usage: 09-http [ADDR] [FOLDER]"), "{message}");
    }
    let help = run(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(String::from_utf8(help.stdout).unwrap().starts_with("usage: 09-http"));
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();

    let output = run(&[&addr]);

    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout), (Some(1), vec![]));
    assert!(message.contains(&addr), "{message}");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let output = run(&["127.0.0.1:0", "/no/such/folder"]);

    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("/no/such/folder"), "{message}");
}
