//! The engine as an echo server for messages of 64 bytes. Prints its address, and serves until it is killed.

use std::io;

use reactor::framing::Fixed;
use reactor::{ClientId, Clients, Engine, Handler};

struct Echo;

impl Handler for Echo {
    type Framing = Fixed;

    fn framing(&mut self) -> Fixed {
        Fixed::new(64)
    }

    fn on_message(&mut self, clients: &mut Clients, from: ClientId, message: &[u8]) {
        clients.send(from, message);
    }
}

fn main() -> io::Result<()> {
    let engine = Engine::bind("127.0.0.1:0", Echo)?;
    println!("listening on {}", engine.local_addr()?);
    engine.run().map(drop)
}
