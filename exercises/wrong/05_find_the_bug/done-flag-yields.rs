//! Expect: WRONG: the model waits for what loom does not see
//!
//! A flag of std says that the producers have ended.

use std::iter;
use std::sync::Arc;

use super::{Ring, spawn, yield_now};

pub fn model<R: Ring>() {
    let ring = Arc::new(R::new(2));
    let done = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let producers = [vec![10], vec![20, 21]].map(|items| {
        let ring = Arc::clone(&ring);
        spawn(move || items.into_iter().filter(|item| ring.put(*item)).collect::<Vec<_>>())
    });
    let (taking, is_done) = (Arc::clone(&ring), Arc::clone(&done));
    let consumer = spawn(move || {
        let mut got = Vec::new();
        while !is_done.load(std::sync::atomic::Ordering::SeqCst) {
            match taking.get() {
                Some(item) => got.push(item),
                None => yield_now(),
            }
        }
        got.extend(iter::from_fn(|| taking.get()));
        got
    });
    let accepted = producers.map(|producer| producer.join());
    done.store(true, std::sync::atomic::Ordering::SeqCst);
    let received = consumer.join();
    assert!(accepted.iter().any(|items| !items.is_empty()), "an empty ring accepts an item");
    for accepted in &accepted {
        let received: Vec<_> = received.iter().copied().filter(|item| accepted.contains(item)).collect();
        assert_eq!(&received, accepted, "each producer's items come out once, in their order");
    }
    assert_eq!(received.len(), accepted.concat().len(), "nothing else comes out");
}
