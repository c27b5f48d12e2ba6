//! Expect: WRONG: the model has one thread only

use super::Ring;

pub fn model<R: Ring>() {
    let ring = R::new(4);
    let accepted: Vec<_> = (1..6).filter(|item| ring.put(*item)).collect();
    let received: Vec<_> = std::iter::from_fn(|| ring.get()).collect();
    assert!(!accepted.is_empty(), "an empty ring accepts an item");
    assert_eq!(received, accepted, "what was accepted comes out, in its order");
}
