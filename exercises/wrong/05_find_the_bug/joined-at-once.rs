//! Expect: WRONG: no producer has two items in the ring at once
//!
//! Each producer is joined where it was started.

use std::iter;
use std::sync::Arc;

use super::{Ring, spawn, yield_now};

pub fn model<R: Ring>() {
    let ring = Arc::new(R::new(2));
    let other = Arc::clone(&ring);
    let one = spawn(move || [10].into_iter().filter(|item| other.put(*item)).collect::<Vec<_>>()).join();
    let other = Arc::clone(&ring);
    let two = spawn(move || [20, 21].into_iter().filter(|item| other.put(*item)).collect::<Vec<_>>()).join();
    let other = Arc::clone(&ring);
    let mut received: Vec<_> = spawn(move || other.get()).join().into_iter().collect();
    received.extend(iter::from_fn(|| ring.get()));
    assert!(!one.is_empty(), "an empty ring accepts an item");
    for accepted in [&one, &two] {
        let received: Vec<_> = received.iter().copied().filter(|item| accepted.contains(item)).collect();
        assert_eq!(&received, accepted, "each producer's items come out once, in their order");
    }
    assert_eq!(received.len(), one.len() + two.len(), "nothing else comes out");
}
