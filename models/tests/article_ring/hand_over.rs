//! Models of the article's ring: what `put` accepts, `get` returns.

use loom::sync::Arc;
use pretty_assertions::assert_eq;

use super::article_ring::ArticleRing;
use crate::explore::{Witness, explore, threads};

/// What was seen over all executions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// A `get` found an item while its producer may still have run.
    pub(crate) concurrent_get: Witness,
    /// A `put` found the ring full.
    pub(crate) full: Witness,
}

/// One producer, one item.
pub(crate) fn one_value() -> Seen {
    hand_over(|| ArticleRing::new(4), &[&[10]], None)
}

/// One producer, two items, and room for three.
pub(crate) fn room_for_all() -> Seen {
    hand_over(|| ArticleRing::new(4), &[&[10, 11]], None)
}

/// One producer, three items, and room for two.
pub(crate) fn overflow() -> Seen {
    hand_over(|| ArticleRing::new(3), &[&[10, 11, 12]], None)
}

/// The same, with the test for "full" before the claim.
pub(crate) fn overflow_testing_first() -> Seen {
    hand_over(|| ArticleRing::testing_first(3), &[&[10, 11, 12]], None)
}

/// Two producers, three items, and room for one: while the first is between its test and its claim, the second may
/// fill the ring, see it emptied, and fill it again. Then `tail` is where it was, and the ring is full.
pub(crate) fn aba(preemptions: usize) -> Seen {
    hand_over(|| ArticleRing::testing_first(2), &[&[10], &[20, 21]], Some(preemptions))
}

fn hand_over(ring: fn() -> ArticleRing, puts: &'static [&'static [usize]], preemptions: Option<usize>) -> Seen {
    let seen = Seen::default();
    let noted = seen.clone();
    explore(preemptions, move |place| {
        let ring = Arc::new(ring());
        let producers = puts.iter().map(|items| {
            let ring = Arc::clone(&ring);
            move || items.iter().copied().filter(|item| ring.put(*item)).collect::<Vec<_>>()
        });
        let taking = Arc::clone(&ring);

        let (accepted, mut received) =
            threads(place, producers.collect::<Vec<_>>(), move || taking.get().into_iter().collect::<Vec<_>>());

        noted.concurrent_get.note_if(!received.is_empty());
        received.extend(std::iter::from_fn(|| ring.get()));
        let mut accepted = accepted.concat();
        noted.full.note_if(accepted.len() < puts.concat().len());
        accepted.sort_unstable();
        received.sort_unstable();
        assert_eq!(received, accepted, "what was accepted is received");
    });
    seen
}
