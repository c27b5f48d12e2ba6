//! The chapter's ring with sequence numbers, and the models of the one that ships upon it.

#[expect(unsafe_code, reason = "the ring hands values from thread to thread without a lock")]
#[path = "../../../chapters/05-mpsc-queue/queue.rs"]
pub(crate) mod queue;
#[allow(dead_code, unreachable_pub, reason = "some of the models, as the package `models` has them")]
#[path = "../../src/ring.rs"]
pub(crate) mod ring;
