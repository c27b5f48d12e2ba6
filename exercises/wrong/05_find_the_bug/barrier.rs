//! Expect: HANGS: in futex: the model waits for what loom does not see
//!
//! A barrier of std holds the threads until both are there.

use std::iter;
use std::sync::Arc;

use super::{Ring, spawn};

/// Two producers, three items, and little room: while the first producer is between its look at the ring and its claim,
/// the second may fill the ring, see it emptied, and fill it again.
///
/// # Panics
/// If the ring is broken.
pub fn model<R: Ring>() {
    let ring = Arc::new(R::new(2));
    let barrier = Arc::new(std::sync::Barrier::new(3));
    let producers = [&[10][..], &[20, 21]].map(|items| {
        let ring = Arc::clone(&ring);
        let start = Arc::clone(&barrier);
        spawn(move || { start.wait(); items.iter().copied().filter(|item| ring.put(*item)).collect::<Vec<_>>() })
    });
    let taking = Arc::clone(&ring);
    // Last: loom lets it meet the producers only so.
    let consumer = spawn(move || { barrier.wait(); taking.get() });

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
