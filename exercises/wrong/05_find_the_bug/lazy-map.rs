//! Expect: WRONG: each producer ends before the next begins
//!
//! An iterator starts each thread when the one before has been joined.

use std::iter;
use std::sync::Arc;

use super::{Ring, spawn, yield_now};

pub fn model<R: Ring>() {
    let ring = Arc::new(R::new(2));
    let producers = [vec![10], vec![20, 21]].into_iter().map(|items| {
        let ring = Arc::clone(&ring);
        spawn(move || items.into_iter().filter(|item| ring.put(*item)).collect::<Vec<_>>())
    });
    let taking = Arc::clone(&ring);
    let consumer = spawn(move || taking.get());

    let accepted: Vec<Vec<usize>> = producers.map(|producer| producer.join()).collect();
    let mut received: Vec<_> = consumer.join().into_iter().collect();
    received.extend(iter::from_fn(|| ring.get()));

    assert!(accepted.iter().any(|items| !items.is_empty()), "an empty ring accepts an item");
    for accepted in &accepted {
        let received: Vec<_> = received.iter().copied().filter(|item| accepted.contains(item)).collect();
        assert_eq!(&received, accepted, "each producer's items come out once, in their order");
    }
    assert_eq!(received.len(), accepted.concat().len(), "nothing else comes out");
}
