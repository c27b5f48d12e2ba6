//! The rings that exercise 5's models judge: the article's, others that are broken, and sound ones.
//!
//! Each is noted by [`Watched`], so that a verdict can say what a model has seen of it and what not.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use loom::sync::Mutex;

use crate::calls::{self, Call};

#[expect(unsafe_code, reason = "the ring hands values from thread to thread without a lock")]
#[expect(unreachable_pub, dead_code, reason = "it is a module of the engine")]
#[path = "../../src/queue.rs"]
mod queue;

mod plain;
mod published;
mod relaxed;

pub use plain::Article as PlainArticle;
pub use published::{Article as PublishedArticle, TestingFirst};
pub use relaxed::Article as RelaxedArticle;

/// A ring for many producers and one consumer.
pub trait Ring: 'static {
    /// Makes a ring of `size` slots, two at least. It may keep one of them empty.
    #[track_caller]
    fn new(size: usize) -> Self;

    /// Puts `item` behind the others. `false`: the ring was full, and has not taken it.
    #[track_caller]
    fn put(&self, item: usize) -> bool;

    /// Takes the oldest item, if there is one and its producer has finished. One thread at a time may call this.
    #[track_caller]
    fn get(&self) -> Option<usize>;
}

/// A ring, and who calls it.
#[derive(Debug)]
pub struct Watched<R>(R);

impl<R: Ring> Ring for Watched<R> {
    #[track_caller]
    fn new(size: usize) -> Self {
        calls::note_size(size);
        Self(R::new(size))
    }

    #[track_caller]
    fn put(&self, item: usize) -> bool {
        calls::note_begin(item);
        calls::note(|| self.0.put(item), |taken| Call::Put(item, *taken))
    }

    #[track_caller]
    fn get(&self) -> Option<usize> {
        calls::note(|| self.0.get(), |item| Call::Get(*item))
    }
}

/// Sound: the ring with sequence numbers.
#[derive(Debug)]
pub struct Sequenced {
    producer: queue::Producer<usize>,
    consumer: RefCell<queue::Consumer<usize>>,
}

impl Ring for Sequenced {
    fn new(size: usize) -> Self {
        let (producer, consumer) = queue::ring(size.next_power_of_two().max(2));
        Self { producer, consumer: RefCell::new(consumer) }
    }

    fn put(&self, item: usize) -> bool {
        self.producer.push(item).is_ok()
    }

    fn get(&self) -> Option<usize> {
        self.consumer.borrow_mut().pop()
    }
}

/// Sound: a lock around a deque.
#[derive(Debug)]
pub struct Locked {
    items: Mutex<VecDeque<usize>>,
    size: usize,
}

impl Locked {
    fn with<T>(&self, act: impl FnOnce(&mut VecDeque<usize>) -> T) -> T {
        act(&mut self.items.lock().expect("nobody panics with the lock"))
    }
}

impl Ring for Locked {
    fn new(size: usize) -> Self {
        Self { items: Mutex::new(VecDeque::new()), size }
    }

    fn put(&self, item: usize) -> bool {
        self.with(|items| {
            let has_room = items.len() < self.size;
            if has_room {
                items.push_back(item);
            }
            has_room
        })
    }

    fn get(&self) -> Option<usize> {
        self.with(VecDeque::pop_front)
    }
}

/// Broken: the newest item comes first.
#[derive(Debug)]
pub struct NewestFirst(Locked);

impl Ring for NewestFirst {
    fn new(size: usize) -> Self {
        Self(Locked::new(size))
    }

    fn put(&self, item: usize) -> bool {
        self.0.put(item)
    }

    fn get(&self) -> Option<usize> {
        self.0.with(VecDeque::pop_back)
    }
}

/// Broken: the second item comes twice. (A model may look at the first in a way of its own, before all else.)
#[derive(Debug)]
pub struct TwiceTheSame {
    ring: Locked,
    got: Cell<usize>,
}

impl Ring for TwiceTheSame {
    fn new(size: usize) -> Self {
        Self { ring: Locked::new(size), got: Cell::new(0) }
    }

    fn put(&self, item: usize) -> bool {
        self.ring.put(item)
    }

    fn get(&self) -> Option<usize> {
        let first = self.ring.with(|items| items.front().copied());
        self.got.set(self.got.get() + usize::from(first.is_some()));
        if self.got.get() == 2 { first } else { self.ring.get() }
    }
}

/// Broken: it is always full.
#[derive(Debug)]
pub struct AlwaysFull(Locked);

impl Ring for AlwaysFull {
    fn new(_: usize) -> Self {
        Self(Locked::new(0))
    }

    fn put(&self, item: usize) -> bool {
        self.0.put(item)
    }

    fn get(&self) -> Option<usize> {
        self.0.get()
    }
}
