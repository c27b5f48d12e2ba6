//! What a child tells of itself.

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use crate::lanes::Move;
use crate::wire::{Outcome, Record};

/// The watch-dog's end of the socket, and what has come through it.
#[derive(Debug)]
pub(crate) struct Heard {
    socket: UnixStream,
    buffer: Vec<u8>,
    /// What the test does now.
    pub(crate) step: Option<String>,
    /// What the descriptors are for, by their numbers and links.
    pub(crate) labels: HashMap<(i32, String), String>,
    /// Whose the threads are.
    pub(crate) whose: HashMap<u32, String>,
    /// Numbers that the test knows.
    pub(crate) facts: HashMap<String, u64>,
    /// Where in the answer a thread is.
    pub(crate) place: Option<String>,
    /// How it will end, if no smaller input ends otherwise.
    pub(crate) so_far: Option<Outcome>,
    /// What the threads of a model did.
    pub(crate) moves: Vec<Move>,
    /// How it ended.
    pub(crate) outcome: Option<Outcome>,
    /// Whether the child, and whoever it started, has closed its end.
    pub(crate) is_over: bool,
}

impl Heard {
    pub(crate) fn new(socket: UnixStream) -> Self {
        Self {
            socket,
            buffer: Vec::new(),
            step: None,
            labels: HashMap::new(),
            whose: HashMap::new(),
            facts: HashMap::new(),
            place: None,
            so_far: None,
            moves: Vec::new(),
            outcome: None,
            is_over: false,
        }
    }

    /// Listens until the child says something, for as long as `patience` at most.
    pub(crate) fn listen(&mut self, patience: Duration) -> io::Result<()> {
        let mut chunk = [0; 4096];
        self.socket.set_read_timeout(Some(patience))?;
        match self.socket.read(&mut chunk) {
            Ok(0) => self.is_over = true,
            Ok(count) => self.hear(&chunk[..count]),
            Err(error) if [ErrorKind::Interrupted, ErrorKind::WouldBlock].contains(&error.kind()) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Hears all that has been said until now. On a busy machine that can be much, and what is known of a spinning
    /// thread must not be older than what it does.
    pub(crate) fn catch_up(&mut self) -> io::Result<()> {
        let mut chunk = [0; 4096];
        self.socket.set_nonblocking(true)?;
        while !self.is_over {
            match self.socket.read(&mut chunk) {
                Ok(0) => self.is_over = true,
                Ok(count) => self.hear(&chunk[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        self.socket.set_nonblocking(false)
    }

    fn hear(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        for record in Record::take_all(&mut self.buffer) {
            self.note(record);
        }
    }

    fn note(&mut self, record: Record) {
        match record {
            Record::Step(what) => self.step = Some(what),
            Record::Label(fd, link, what) => drop(self.labels.insert((fd, link), what)),
            Record::Thread(tid, whose) => drop(self.whose.insert(tid, whose)),
            Record::Fact(name, value) => drop(self.facts.insert(name, value)),
            Record::Where(lines) => self.place = Some(lines),
            Record::SoFar(outcome) => self.so_far = Some(outcome),
            Record::Move(step) => self.moves.push(step),
            Record::Outcome(outcome) => self.outcome = Some(outcome),
        }
    }
}
