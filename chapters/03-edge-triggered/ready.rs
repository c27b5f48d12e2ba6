//! The server's own ready list: whom the kernel has named once, and who is not done.

use std::collections::{HashSet, VecDeque};

use reactor::Token;

/// A queue in which everybody stands once.
#[derive(Default)]
pub(crate) struct Ready {
    queue: VecDeque<Token>,
    listed: HashSet<Token>,
}

impl Ready {
    /// Puts `token` at the end, unless it stands somewhere already.
    pub(crate) fn push(&mut self, token: Token) {
        if self.listed.insert(token) {
            self.queue.push_back(token);
        }
    }

    /// Takes the first.
    pub(crate) fn pop(&mut self) -> Option<Token> {
        let token = self.queue.pop_front()?;
        self.listed.remove(&token);
        Some(token)
    }

    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}
