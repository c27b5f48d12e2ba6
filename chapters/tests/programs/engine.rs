//! What a thread sends to a client who has left reaches nobody, whoever has come since.

use std::io::{self, BufRead, BufReader, ErrorKind, PipeWriter, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Command, Stdio};

use pretty_assertions::assert_eq;

use crate::common::{self, Program};
use crate::crowd::alone;

const EXE: &str = env!("CARGO_BIN_EXE_07-engine");

/// The three programs that are this chapter's chat.
const ENGINE: &[&str] = &[];
const BY_HAND: &[&str] = &["--by-hand"];
const REUSE_IDS: &[&str] = &["--reuse-ids"];

/// The program, and what the desk types.
fn server(flags: &[&str]) -> (Program, PipeWriter) {
    let (stdin, desk) = io::pipe().unwrap();
    (Program::spawn(Command::new(EXE).arg("127.0.0.1:0").args(flags).stdin(stdin)), desk)
}

/// A client who has been told that it is there, and under which name.
struct Client {
    lines: BufReader<TcpStream>,
    name: String,
}

impl Client {
    fn join(server: &Program) -> Self {
        let mut client = Self { lines: BufReader::new(server.connect()), name: String::new() };
        client.name = client.hear().strip_suffix(" is here").expect("its own arrival").into();
        client
    }

    fn say(&mut self, line: &str) {
        self.lines.get_ref().write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    fn hear(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line.strip_suffix('\n').expect("a whole line").into()
    }

    /// Says something and hears it. Whatever was on its way before would be heard first.
    fn hears_itself(&mut self) {
        self.say("hello");
        assert_eq!(self.hear(), format!("{}: hello", self.name));
    }
}

/// Somebody asks and leaves; then a stranger comes; then the desk answers. Returns the name of the one who has left, and
/// the stranger.
fn an_answer_too_late(server: &mut Program, desk: &mut PipeWriter) -> (String, Client) {
    let mut forgetful = Client::join(server);
    forgetful.say("? I have lost my password");
    server.until_log("asks: I have lost my password");
    let name = forgetful.name.clone();
    drop(forgetful);
    server.until_log(&format!("{name} has left"));

    let stranger = Client::join(server);
    desk.write_all(b"it is tulip\n").unwrap();
    server.until_log(&format!("answered {name}"));
    (name, stranger)
}

#[test]
fn the_flaw_reuse_ids_tells_a_stranger_what_was_meant_for_one_who_left() {
    let (mut server, mut desk) = server(REUSE_IDS);

    let (name, mut stranger) = an_answer_too_late(&mut server, &mut desk);

    assert_eq!(stranger.hear(), "the desk: it is tulip");
    assert_eq!(stranger.name, name);
}

#[test]
fn with_generations_the_answer_reaches_nobody() {
    let (mut server, mut desk) = server(BY_HAND);

    let (name, mut stranger) = an_answer_too_late(&mut server, &mut desk);

    server.until_log(&format!("{name} has left without its answer"));
    stranger.hears_itself();
    // The same slot, another name.
    assert_eq!((name.as_str(), stranger.name.as_str()), ("0.0", "0.1"));
}

#[test]
fn the_engine_refuses_the_stale_name_and_counts_it() {
    let (mut server, mut desk) = server(ENGINE);

    let (name, mut stranger) = an_answer_too_late(&mut server, &mut desk);

    stranger.hears_itself();
    assert_eq!((name.as_str(), stranger.name.as_str()), ("0.0", "0.1"));
    server.signal(libc::SIGINT);
    assert_eq!(server.ended().code(), Some(0));
    server.until_log("2 clients, 2 lines, 1 answer too late");
}

#[test]
fn an_answer_reaches_the_one_who_asked_and_no_other() {
    for flags in [ENGINE, BY_HAND] {
        let (mut server, mut desk) = server(flags);
        let mut curious = Client::join(&server);
        let mut other = Client::join(&server);
        assert_eq!(curious.hear(), format!("{} is here", other.name));

        curious.say("? what is this");
        server.until_log("asks: what is this");
        desk.write_all(b"a chat\n").unwrap();

        assert_eq!(curious.hear(), "the desk: a chat");
        other.hears_itself();
    }
}

#[test]
fn each_question_is_answered_once_and_in_order() {
    let (mut server, mut desk) = server(ENGINE);
    let mut first = Client::join(&server);
    let mut second = Client::join(&server);
    first.hear();
    for (client, question) in [(&mut first, "? one"), (&mut second, "? two")] {
        client.say(question);
        server.until_log(&question.replace('?', "asks:"));
    }

    desk.write_all(b"1\n2\n3\n").unwrap();

    assert_eq!(first.hear(), "the desk: 1");
    assert_eq!(second.hear(), "the desk: 2");
    server.until_log("nobody has asked");
}

#[test]
fn an_answer_need_not_be_utf_8() {
    for flags in [ENGINE, BY_HAND] {
        let (mut server, mut desk) = server(flags);
        let mut curious = Client::join(&server);
        for (question, typed, answer) in [("what", &b"caf\xe9\n"[..], "caf\u{fffd}"), ("where", b"here\n", "here")] {
            curious.say(&format!("?{question}"));
            server.until_log(&format!("asks:{question}"));
            desk.write_all(typed).unwrap();
            assert_eq!(curious.hear(), format!("the desk: {answer}"));
        }
    }
}

#[test]
fn who_shuts_down_and_reads_late_gets_all_that_was_said() {
    const LINES: usize = 200;
    let (mut server, _desk) = server(BY_HAND);
    let mut client = Client::join(&server);
    let line = "x".repeat(60_000);
    // It takes all that comes, however much waits for the client.
    (0..LINES).for_each(|_| client.say(&line));
    client.lines.get_ref().shutdown(Shutdown::Write).unwrap();
    server.until("all to be read", |server| (server.log().len() > LINES * line.len()).then_some(()));

    let lengths: Vec<_> = (0..LINES).map(|_| client.hear().len()).collect();

    assert_eq!(lengths, ["0.0: ".len() + line.len(); LINES]);
    server.until_log("0.0 has left");
}

#[test]
fn a_client_for_whom_there_is_no_descriptor_waits_until_another_leaves() {
    for flags in [ENGINE, BY_HAND] {
        let (server, _desk) = server(flags);
        server.limit_descriptors(12);
        let mut clients: Vec<_> = (0..12).map(|_| server.connect()).collect();
        let mut first = Client { lines: BufReader::new(clients.remove(0)), name: String::new() };
        assert!(first.hear().ends_with(" is here"));

        let mut last = Client { lines: BufReader::new(clients.pop().unwrap()), name: String::new() };
        drop((first, clients));

        assert!(last.hear().ends_with(" is here"));
    }
}

#[test]
fn all_hear_who_comes_and_speaks_and_leaves() {
    for flags in [ENGINE, BY_HAND] {
        let (server, _desk) = server(flags);
        let mut one = Client::join(&server);
        let mut two = Client::join(&server);
        assert_eq!(one.hear(), "1.0 is here");

        two.say("good morning");
        assert_eq!((one.hear(), two.hear()), ("1.0: good morning".into(), "1.0: good morning".into()));

        drop(two);
        assert_eq!(one.hear(), "1.0 has left");
    }
}

#[test]
fn what_a_client_says_cannot_rewrite_a_terminal() {
    for flags in [ENGINE, BY_HAND] {
        let (server, _desk) = server(flags);
        let mut client = Client::join(&server);
        client.say("\x1b[2Jgone");
        assert_eq!(client.hear(), "0.0: \u{fffd}[2Jgone");
    }
}

#[test]
fn the_end_of_stdin_ends_the_desk_alone() {
    for flags in [ENGINE, BY_HAND] {
        let server = Program::spawn(Command::new(EXE).arg("127.0.0.1:0").args(flags).stdin(Stdio::null()));
        let mut client = Client::join(&server);
        client.say("? is anybody there");
        client.hears_itself();
    }
}

#[test]
fn lines_may_come_a_byte_at_a_time() {
    for flags in [ENGINE, BY_HAND] {
        let (server, _desk) = server(flags);
        let mut client = Client::join(&server);
        client.lines.get_ref().set_nodelay(true).unwrap();
        for _ in 0..10 {
            for letter in b"one at a time\n".chunks(1) {
                client.lines.get_ref().write_all(letter).unwrap();
            }
            assert_eq!(client.hear(), "0.0: one at a time");
        }
    }
}

#[test]
fn who_sends_a_line_and_shuts_down_is_heard() {
    for flags in [ENGINE, BY_HAND] {
        let (server, _desk) = server(flags);
        let mut one = Client::join(&server);
        let two = Client::join(&server);
        assert_eq!(one.hear(), "1.0 is here");

        two.lines.get_ref().write_all(b"I must go\nnow").unwrap();
        two.lines.get_ref().shutdown(Shutdown::Write).unwrap();

        assert_eq!(one.hear(), "1.0: I must go");
        assert_eq!(one.hear(), "1.0 has left");
    }
}

#[test]
fn a_reset_ends_its_client_and_no_other() {
    for flags in [ENGINE, BY_HAND] {
        let (server, _desk) = server(flags);
        let mut one = Client::join(&server);
        let mut two = Client::join(&server);
        assert_eq!(one.hear(), "1.0 is here");
        one.say("read this");
        one.hear();

        // Closing a socket with bytes unread sends a reset instead of an end.
        two.lines.get_mut().peek(&mut [0]).unwrap();
        drop(two);

        assert_eq!(one.hear(), "1.0 has left");
        one.hears_itself();
    }
}

#[test]
fn one_who_never_reads_stops_nobody() {
    for flags in [ENGINE, BY_HAND] {
        let (server, _desk) = server(flags);
        let deaf = Client::join(&server);
        let mut one = Client::join(&server);
        let line = "x".repeat(60_000);
        // More than the kernel holds for the deaf one, both ends together.
        for _ in 0..400 {
            one.say(&line);
            while one.hear().len() != "1.0: ".len() + line.len() {}
        }
        drop(deaf);
    }
}

#[test]
fn the_engine_lets_go_of_one_who_never_reads() {
    let (mut server, _desk) = server(ENGINE);
    let deaf = Client::join(&server);
    let mut one = Client::join(&server);
    let line = "x".repeat(60_000);

    // The kernel holds some of it, and the engine twice its mark; then it is enough.
    let let_go = (0..1000).any(|_| {
        one.say(&line);
        one.hear();
        server.log().contains("0.0 has left")
    });

    assert!(let_go, "60 MB are queued for a client that reads nothing");
    let end = io::copy(&mut deaf.lines.into_inner(), &mut io::sink()).map_err(|error| error.kind());
    assert!(matches!(end, Ok(_) | Err(ErrorKind::ConnectionReset)), "{end:?}");
    server.signal(libc::SIGINT);
    assert_eq!(server.ended().code(), Some(0));
}

#[test]
fn a_thousand_clients_hear_each_other() {
    let _alone = alone();
    for flags in [ENGINE, BY_HAND] {
        let (server, _desk) = server(flags);
        let mut clients: Vec<_> = (0..1000).map(|_| Client::join(&server)).collect();
        let count = clients.len();
        clients[0].say("is everybody here");
        for (number, client) in clients.iter_mut().enumerate() {
            for _ in number + 1..count {
                assert!(client.hear().ends_with(" is here"));
            }
            assert_eq!(client.hear(), "0.0: is everybody here");
        }
    }
}

#[test]
fn ctrl_c_ends_the_program_with_status_0() {
    for flags in [ENGINE, BY_HAND] {
        for signal in [libc::SIGINT, libc::SIGTERM] {
            let (mut server, _desk) = server(flags);
            Client::join(&server).hears_itself();
            server.signal(signal);
            assert_eq!(server.ended().code(), Some(0));
        }
    }
}

/// The server's terminal. What is typed there comes before what it answers to it.
fn terminal(server: &Program, flags: &str) -> String {
    let log = server.log().replace("answered 0.0\n", "it is tulip\nanswered 0.0\n");
    format!("$ cargo run --bin 07-engine{flags}\nlistening on 127.0.0.1:5555\n{log}")
}

#[test]
fn the_book_shows_what_the_terminals_show() {
    let (mut server, mut desk) = server(REUSE_IDS);
    let (name, mut stranger) = an_answer_too_late(&mut server, &mut desk);
    let reuse = terminal(&server, " -- --reuse-ids");
    let asked = format!("$ nc 127.0.0.1 5555\n{name} is here\n? I have lost my password\n^C\n");
    let secret = stranger.hear();
    let heard = format!("$ nc 127.0.0.1 5555\n{} is here\n{secret}\n", stranger.name);

    let (mut server, mut desk) = self::server(ENGINE);
    let (_, stranger) = an_answer_too_late(&mut server, &mut desk);
    server.signal(libc::SIGINT);
    server.ended();
    server.until_log("too late");
    drop(stranger);
    let engine = terminal(&server, "").replace("0.1 has left", "^C0.1 has left");

    let parts = [("forgetful", asked), ("stranger", heard), ("reuse-server", reuse), ("server", engine)];
    let text = parts.map(|(name, text)| format!("# ANCHOR: {name}\n{text}# ANCHOR_END: {name}\n")).concat();
    common::transcript("07-engine.txt", &text);
}
