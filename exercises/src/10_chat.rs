//! Exercise 10: a room.
//!
//! Everybody who connects is asked for a name, and then hears what the others say. There is no socket in this file and no
//! event: the engine calls you when something has happened, and you tell it what to send to whom. All lines that you
//! send end in `\n`; those that you are given have lost their ends.
//!
//! | what happens | who hears what |
//! |---|---|
//! | somebody connects | they hear `who are you?` |
//! | their first line is `ann` | they hear `here: bob, ann`, all names in the order of arrival; the others, `ann is here` |
//! | ... but somebody here is called so | they hear `ann is taken`, and may send another |
//! | ann says `hello` | the others hear `ann: hello` |
//! | ann says `@bob hello` | bob alone hears `ann whispers: hello` |
//! | ... but bob is not here | ann hears `bob is not here` |
//! | ann disconnects | the others hear `ann has left`, and her name is free |
//!
//! Who has no name yet is not here: nobody hears of them, and they hear nothing of the rest. A line may hold any bytes;
//! those that are not UTF-8 may come out as `\u{fffd}`. Who whispers to themselves hears it. The text may be missing:
//! `@bob` is a whisper of nothing. Chapter 7 has all that is needed.

use reactor::framing::Lines;
use reactor::{ClientId, Clients, Disconnect, Handler};

/// Who is here. What it keeps is yours to change.
#[derive(Debug, Default)]
pub struct Room {
    /// In the order in which they came.
    members: Vec<(ClientId, String)>,
}

impl Handler for Room {
    type Framing = Lines;

    fn framing(&mut self) -> Lines {
        Lines::default()
    }

    fn on_connected(&mut self, clients: &mut Clients, id: ClientId) {
        todo!("ask for a name")
    }

    fn on_message(&mut self, clients: &mut Clients, from: ClientId, line: &[u8]) {
        todo!("a name, a whisper, or something for all others to hear")
    }

    fn on_disconnected(&mut self, clients: &mut Clients, id: ClientId, _: Disconnect) {
        todo!("tell the others, if they knew them")
    }
}
