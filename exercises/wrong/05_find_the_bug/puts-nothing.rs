//! Expect: WRONG: the model puts nothing into the ring

use super::Ring;

pub fn model<R: Ring>() {
    let ring = R::new(2);
    assert_eq!(ring.get(), None, "a new ring is empty");
}
