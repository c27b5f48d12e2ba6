//! The chat on the engine. There is no socket in this file, no event, and no byte that is not part of a line.

use std::sync::mpsc::Sender;

use reactor::framing::Lines;
use reactor::{ClientId, Clients, Disconnect, Handler};

// ANCHOR: chat
/// What is said is told to everybody. Questions go to the desk.
#[derive(Debug)]
pub(crate) struct Chat {
    questions: Sender<ClientId>,
}

impl Handler for Chat {
    type Framing = Lines;

    fn framing(&mut self) -> Lines {
        Lines::default()
    }

    fn on_connected(&mut self, clients: &mut Clients, id: ClientId) {
        tell_all(clients, &format!("{id} is here\n"));
    }

    fn on_message(&mut self, clients: &mut Clients, from: ClientId, line: &[u8]) {
        let line = printable(line);
        match line.strip_prefix('?') {
            Some(question) => self.ask(from, question),
            None => tell_all(clients, &format!("{from}: {line}\n")),
        }
    }

    fn on_disconnected(&mut self, clients: &mut Clients, id: ClientId, _: Disconnect) {
        tell_all(clients, &format!("{id} has left\n"));
    }
}

fn tell_all(clients: &mut Clients, line: &str) {
    eprint!("{line}");
    for id in clients.ids().collect::<Vec<_>>() {
        clients.send(id, line.as_bytes());
    }
}
// ANCHOR_END: chat

impl Chat {
    pub(crate) fn new(questions: Sender<ClientId>) -> Self {
        Self { questions }
    }

    fn ask(&self, from: ClientId, question: &str) {
        // Said behind it: whoever reads it may answer at once. If the desk has closed, the question stays open.
        let _ = self.questions.send(from);
        eprintln!("{from} asks:{question}");
    }
}

/// A control character could rewrite the terminal of whoever reads it.
pub(crate) fn printable(line: &[u8]) -> String {
    String::from_utf8_lossy(line).replace(char::is_control, "\u{fffd}")
}
