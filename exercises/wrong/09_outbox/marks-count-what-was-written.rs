//! Expect: WRONG: the marks do not tell how much waits
//!
//! All that is in the vector weighs.

use std::io::{self, Write};

#[derive(Debug)]
pub struct Outbox {
    bytes: Vec<u8>,
    written: usize,
    high_water: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Empty,
    Blocked(usize),
}

impl Outbox {
    pub fn new(high_water: usize) -> Self {
        Self { bytes: Vec::new(), written: 0, high_water }
    }

    pub fn push(&mut self, bytes: &[u8]) {
        if self.written > self.len() {
            self.bytes.drain(..self.written);
            self.written = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    pub fn write_to(&mut self, mut socket: impl Write) -> io::Result<Progress> {
        while !self.is_empty() {
            let count = match socket.write(&self.bytes[self.written..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
                result => result?,
            };
            self.written += count;
            if !self.is_empty() {
                return Ok(Progress::Blocked(count));
            }
        }
        self.clear();
        Ok(Progress::Empty)
    }

    pub fn len(&self) -> usize {
        self.bytes.len() - self.written
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn is_high(&self) -> bool {
        self.bytes.len() > self.high_water
    }

    pub fn is_low(&self) -> bool {
        self.len() <= self.high_water / 2
    }

    pub fn is_overfull(&self) -> bool {
        self.len().div_ceil(2) > self.high_water
    }

    pub fn clear(&mut self) {
        self.bytes = Vec::new();
        self.written = 0;
    }
}
