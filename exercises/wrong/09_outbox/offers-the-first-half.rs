//! Expect: WRONG: not all that waits is offered at once
//!
//! A ring has two halves, and only one of them is written: no event will come for the other.

use std::collections::VecDeque;
use std::io::{self, Write};

#[derive(Debug)]
pub struct Outbox {
    bytes: VecDeque<u8>,
    high_water: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Empty,
    Blocked(usize),
}

impl Outbox {
    pub fn new(high_water: usize) -> Self {
        Self { bytes: VecDeque::new(), high_water }
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    pub fn write_to(&mut self, mut socket: impl Write) -> io::Result<Progress> {
        while !self.is_empty() {
            let count = match socket.write(self.bytes.as_slices().0) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
                result => result?,
            };
            self.bytes.drain(..count);
            if !self.is_empty() {
                return Ok(Progress::Blocked(count));
            }
        }
        self.clear();
        Ok(Progress::Empty)
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
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
    }
}
