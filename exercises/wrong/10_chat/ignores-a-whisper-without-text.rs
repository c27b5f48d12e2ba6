//! Expect: HANGS: in epoll_wait: a whisper without a text is not answered
//!
//! Says nothing to a whisper that has no text.

use reactor::framing::Lines;
use reactor::{ClientId, Clients, Disconnect, Handler};

#[derive(Debug, Default)]
pub struct Room {
    members: Vec<(ClientId, Vec<u8>)>,
}

impl Handler for Room {
    type Framing = Lines;

    fn framing(&mut self) -> Lines {
        Lines::default()
    }

    fn on_connected(&mut self, clients: &mut Clients, id: ClientId) {
        clients.send(id, b"who are you?\n");
    }

    fn on_message(&mut self, clients: &mut Clients, from: ClientId, line: &[u8]) {
        let Some(name) = self.members.iter().find(|(id, _)| *id == from).map(|(_, name)| name.clone()) else {
            let name = line.to_vec();
            if self.members.iter().any(|(_, n)| *n == name) {
                clients.send(from, &[&name[..], b" is taken\n"].concat());
                return;
            }
            for (id, _) in &self.members {
                clients.send(*id, &[&name[..], b" is here\n"].concat());
            }
            self.members.push((from, name));
            let names: Vec<&[u8]> = self.members.iter().map(|(_, n)| &n[..]).collect();
            clients.send(from, &[b"here: ", &names.join(&b", "[..])[..], b"\n"].concat());
            return;
        };
        if let Some(rest) = line.strip_prefix(b"@") {
            let space = rest.iter().position(|b| *b == b' ');
            let (to, text) = match space {
                Some(i) => (&rest[..i], &rest[i + 1..]),
                None => return,
            };
            match self.members.iter().find(|(_, n)| n == to) {
                Some((id, _)) => clients.send(*id, &[&name[..], b" whispers: ", text, b"\n"].concat()),
                None => clients.send(from, &[to, b" is not here\n"].concat()),
            };
            return;
        }
        let said = [&name[..], b": ", line, b"\n"].concat();
        for (id, _) in &self.members {
            if *id != from {
                clients.send(*id, &said);
            }
        }
    }

    fn on_disconnected(&mut self, clients: &mut Clients, id: ClientId, _: Disconnect) {
        let Some(at) = self.members.iter().position(|(m, _)| *m == id) else { return };
        let (_, name) = self.members.remove(at);
        for (id, _) in &self.members {
            clients.send(*id, &[&name[..], b" has left\n"].concat());
        }
    }
}
