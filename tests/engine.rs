//! The engine from outside: what a client and a handler may rely on.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use pretty_assertions::assert_eq;
use reactor::framing::Lines;
use reactor::{ClientId, Clients, Engine, Handler};

struct Echo;

impl Handler for Echo {
    type Framing = Lines;

    fn framing(&mut self) -> Lines {
        Lines::default()
    }

    fn on_message(&mut self, clients: &mut Clients, from: ClientId, line: &[u8]) {
        clients.send(from, line);
        clients.send(from, b"\n");
    }
}

#[test]
fn a_half_closing_client_gets_all_its_replies() {
    let engine = Engine::bind("127.0.0.1:0", Echo).unwrap().start().unwrap();
    let mut client = TcpStream::connect(engine.local_addr()).unwrap();

    client.write_all(b"one\ntwo\nthr").unwrap();
    client.write_all(b"ee\r\nlost").unwrap();
    client.shutdown(Shutdown::Write).unwrap();

    let mut replies = String::new();
    client.read_to_string(&mut replies).unwrap();
    assert_eq!(replies, "one\ntwo\nthree\n");
    engine.stop().unwrap();
}
