//! Expect: WRONG: what is still in the ring is taken for lost

use std::sync::Arc;

use super::{Ring, spawn, yield_now};

pub fn model<R: Ring>() {
    let ring = Arc::new(R::new(2));
    assert!(ring.put(1), "an empty ring accepts");
    assert_eq!(ring.get(), Some(1));
    let other = Arc::clone(&ring);
    let one = spawn(move || if other.put(10) { vec![10] } else { vec![] });
    let other = Arc::clone(&ring);
    let two = spawn(move || {
        let mut accepted = vec![];
        for item in [20, 21] {
            if other.put(item) {
                accepted.push(item);
            }
        }
        accepted
    });
    let other = Arc::clone(&ring);
    let consumer = spawn(move || {
        let mut got = vec![];
        for _ in 0..2 {
            match other.get() {
                Some(item) => got.push(item),
                None => yield_now(),
            }
        }
        got
    });
    let mut got = consumer.join();
    let mut accepted = one.join();
    accepted.extend(two.join());
    let twos: Vec<_> = got.iter().filter(|&&i| i >= 20).collect();
    assert!(twos.is_sorted(), "order");
    accepted.sort();
    got.sort();
    assert_eq!(accepted, got);
}
