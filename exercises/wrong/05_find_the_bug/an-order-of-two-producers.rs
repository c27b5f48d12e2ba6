//! Expect: WRONG: an order is expected between two producers

use std::iter;
use std::sync::Arc;

use super::{Ring, spawn};

pub fn model<R: Ring>() {
    let ring = Arc::new(R::new(2));
    let producers = [&[10][..], &[20, 21]].map(|items| {
        let ring = Arc::clone(&ring);
        spawn(move || items.iter().copied().filter(|item| ring.put(*item)).collect::<Vec<_>>())
    });
    let taking = Arc::clone(&ring);
    let consumer = spawn(move || taking.get());

    let mut received: Vec<_> = consumer.join().into_iter().collect();
    let accepted = producers.map(|producer| producer.join());
    received.extend(iter::from_fn(|| ring.get()));

    assert!(accepted.iter().any(|items| !items.is_empty()), "an empty ring accepts an item");
    let mut sorted = received.clone();
    sorted.sort_unstable();
    assert_eq!(received, sorted, "the items come out in their order");
    assert_eq!(received.len(), accepted.concat().len(), "nothing else comes out");
}
