//! Expect: WRONG: not all that waits is offered at once
//!
//! The others wait for an event that will not come.

use std::collections::VecDeque;
use std::io::{self, Write};

#[derive(Debug)]
pub struct Outbox {
    bytes: VecDeque<Vec<u8>>,
    len: usize,
    high_water: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Empty,
    Blocked(usize),
}

impl Outbox {
    pub fn new(high_water: usize) -> Self {
        Self { bytes: VecDeque::new(), len: 0, high_water }
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.push_back(bytes.to_vec());
        self.len += bytes.len();
    }

    pub fn write_to(&mut self, mut socket: impl Write) -> io::Result<Progress> {
        while !self.is_empty() {
            let count = match socket.write(&self.bytes[0]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
                result => result?,
            };
            self.len -= count;
            if count == self.bytes[0].len() {
                self.bytes.pop_front();
            } else {
                self.bytes[0].drain(..count);
            }
            if !self.is_empty() {
                return Ok(Progress::Blocked(count));
            }
        }
        self.clear();
        Ok(Progress::Empty)
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn is_high(&self) -> bool {
        self.len() > self.high_water
    }

    pub fn is_low(&self) -> bool {
        self.len() <= self.high_water / 2
    }

    pub fn is_overfull(&self) -> bool {
        self.len().div_ceil(2) > self.high_water
    }

    pub fn clear(&mut self) {
        self.bytes = VecDeque::new();
        self.len = 0;
    }
}
