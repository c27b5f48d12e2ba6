//! Expect: WRONG: who says a name makes it panic

use reactor::framing::Lines;
use reactor::{ClientId, Clients, Disconnect, Handler};

/// Who is here.
#[derive(Debug, Default)]
pub struct Room {
    /// In the order in which they came.
    members: Vec<(ClientId, String)>,
    names: std::collections::HashMap<ClientId, String>,
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
        let line = String::from_utf8_lossy(line);
        let name = Some(self.names[&from].clone()).filter(|name| !name.is_empty());
        match (name, line.strip_prefix('@')) {
            (None, _) => self.enter(clients, from, &line),
            (Some(name), Some(whisper)) => self.whisper(clients, from, &name, whisper),
            (Some(name), None) => self.tell_others(clients, from, &format!("{name}: {line}\n")),
        }
    }

    fn on_disconnected(&mut self, clients: &mut Clients, id: ClientId, _: Disconnect) {
        // Who never said a name is not missed.
        let Some(index) = self.members.iter().position(|(member, _)| *member == id) else { return };
        let (_, name) = self.members.remove(index);
        self.tell_others(clients, id, &format!("{name} has left\n"));
    }
}

impl Room {
    fn enter(&mut self, clients: &mut Clients, id: ClientId, name: &str) {
        if self.find(name).is_some() {
            clients.send(id, format!("{name} is taken\n").as_bytes());
            return;
        }
        self.members.push((id, name.to_string()));
        self.names.insert(id, name.to_string());
        let names: Vec<&str> = self.members.iter().map(|(_, name)| name.as_str()).collect();
        clients.send(id, format!("here: {}\n", names.join(", ")).as_bytes());
        self.tell_others(clients, id, &format!("{name} is here\n"));
    }

    fn whisper(&self, clients: &mut Clients, from: ClientId, name: &str, whisper: &str) {
        let (whom, text) = whisper.split_once(' ').unwrap_or((whisper, ""));
        match self.find(whom) {
            Some(id) => clients.send(id, format!("{name} whispers: {text}\n").as_bytes()),
            None => clients.send(from, format!("{whom} is not here\n").as_bytes()),
        };
    }

    fn tell_others(&self, clients: &mut Clients, who: ClientId, line: &str) {
        for (id, _) in self.members.iter().filter(|(id, _)| *id != who) {
            clients.send(*id, line.as_bytes());
        }
    }

    fn find(&self, name: &str) -> Option<ClientId> {
        self.members.iter().find(|(_, member)| member == name).map(|(id, _)| *id)
    }
}
