//! Expect: WRONG: the room of what was written is never used again
//!
//! Keeps a mebibyte of written bytes, however little waits.

use std::io::{self, ErrorKind, Write};

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
        if self.written > 1 << 20 {
            self.bytes.drain(..self.written);
            self.written = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    pub fn write_to(&mut self, mut socket: impl Write) -> io::Result<Progress> {
        while !self.is_empty() {
            match socket.write(&self.bytes[self.written..]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => {
                    self.written += n;
                    if self.is_empty() {
                        self.clear();
                        return Ok(Progress::Empty);
                    }
                    return Ok(Progress::Blocked(n));
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(Progress::Blocked(0)),
                Err(e) => return Err(e),
            }
        }
        Ok(Progress::Empty)
    }

    pub fn len(&self) -> usize {
        self.bytes.len() - self.written
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
        self.len() > self.high_water.saturating_mul(2)
    }

    pub fn clear(&mut self) {
        *self = Self::new(self.high_water);
    }
}
