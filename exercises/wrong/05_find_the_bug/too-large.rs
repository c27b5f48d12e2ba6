//! Expect: WRONG: the model is too large: loom does not come to the fault

use std::iter;
use std::sync::Arc;

use super::{Ring, spawn};

pub fn model<R: Ring>() {
    let ring = Arc::new(R::new(4));
    let taking = Arc::clone(&ring);
    let consumer = spawn(move || [taking.get(), taking.get()].into_iter().flatten().collect::<Vec<_>>());
    let producers = [&[10, 11][..], &[20, 21], &[30, 31]].map(|items| {
        let ring = Arc::clone(&ring);
        spawn(move || items.iter().copied().filter(|item| ring.put(*item)).collect::<Vec<_>>())
    });

    let mut received: Vec<_> = consumer.join().into_iter().collect();
    let accepted = producers.map(|producer| producer.join());
    received.extend(iter::from_fn(|| ring.get()));

    assert!(accepted.iter().any(|items| !items.is_empty()), "an empty ring accepts an item");
    for accepted in &accepted {
        let received: Vec<_> = received.iter().copied().filter(|item| accepted.contains(item)).collect();
        assert_eq!(&received, accepted, "each producer's items come out once, in their order");
    }
    assert_eq!(received.len(), accepted.concat().len(), "nothing else comes out");
}
