//! Expect: WRONG: the model's own account is wrong

use std::iter;
use std::sync::Arc;

use super::{Ring, spawn};

pub fn model<R: Ring>() {
    let ring = Arc::new(R::new(4));
    let producers = [&[10][..], &[20, 21]].map(|items| {
        let ring = Arc::clone(&ring);
        spawn(move || items.iter().copied().filter(|item| ring.put(*item)).collect::<Vec<_>>())
    });
    let taking = Arc::clone(&ring);
    let consumer = spawn(move || taking.get());

    consumer.join();
    let accepted = producers.map(|producer| producer.join());
    let received: Vec<_> = iter::from_fn(|| ring.get()).collect();

    assert!(accepted.iter().any(|items| !items.is_empty()), "an empty ring accepts an item");
    for accepted in &accepted {
        let received: Vec<_> = received.iter().copied().filter(|item| accepted.contains(item)).collect();
        assert_eq!(&received, accepted, "each producer's items come out once, in their order");
    }
    assert_eq!(received.len(), accepted.concat().len(), "nothing else comes out");
}
