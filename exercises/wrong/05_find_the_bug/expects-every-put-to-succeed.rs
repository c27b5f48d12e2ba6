//! Expect: WRONG: a full ring is taken for a broken one

use std::iter;
use std::sync::Arc;

use super::{Ring, spawn};

pub fn model<R: Ring>() {
    let ring = Arc::new(R::new(2));
    let producers = [&[10][..], &[20, 21]].map(|items| {
        let ring = Arc::clone(&ring);
        spawn(move || items.iter().copied().inspect(|item| assert!(ring.put(*item), "{item} is refused")).collect::<Vec<_>>())
    });
    let taking = Arc::clone(&ring);
    let consumer = spawn(move || taking.get());

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
