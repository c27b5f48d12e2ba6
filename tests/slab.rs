//! A key finds its own value or nothing; it never comes back.

use std::collections::{HashMap, HashSet};

use pretty_assertions::assert_eq;
use quickcheck::quickcheck;
use reactor::slab::{Key, Slab};

quickcheck! {
    fn a_slab_does_as_a_hash_map_does(steps: Vec<Option<u8>>) -> () {
        let (mut slab, mut twin, mut given) = (Slab::new(), HashMap::new(), Vec::new());

        for (value, step) in steps.into_iter().enumerate() {
            match step {
                None => {
                    let key = slab.insert(value);
                    assert!(!given.contains(&key), "{key} has been given before");
                    given.push(key);
                    twin.insert(key, value);
                }
                // Any key ever given, so also a stale one.
                Some(which) if !given.is_empty() => {
                    let key = given[usize::from(which) % given.len()];
                    assert_eq!(slab.remove(key), twin.remove(&key), "{key}");
                }
                Some(_) => {}
            }
            for key in &given {
                assert_eq!(slab.get(*key), twin.get(key), "{key}");
                assert_eq!(slab.get_mut(*key), twin.get_mut(key), "{key}");
            }
            assert_eq!((slab.len(), slab.is_empty()), (twin.len(), twin.is_empty()));
            assert_eq!(slab.keys().collect::<HashSet<_>>(), twin.keys().copied().collect());
        }
    }

    fn no_two_values_have_the_same_index(steps: Vec<Option<u8>>) -> () {
        let mut slab = Slab::new();

        for step in steps {
            let keys: Vec<_> = slab.keys().collect();
            match step {
                Some(which) if !keys.is_empty() => drop(slab.remove(keys[usize::from(which) % keys.len()])),
                _ => drop(slab.insert(())),
            }
        }

        let indices: HashSet<_> = slab.keys().map(Key::index).collect();
        assert_eq!(indices.len(), slab.len());
    }

    fn a_key_survives_being_carried_as_a_number(bits: u64) -> bool {
        Key::from_u64(bits).to_u64() == bits
    }
}

#[test]
fn a_place_is_used_again_under_another_key() {
    let mut slab = Slab::new();
    let old = slab.insert("old");
    assert_eq!(slab.remove(old), Some("old"));

    let new = slab.insert("new");

    assert_eq!(new.index(), old.index());
    assert_eq!(slab.get(old), None);
    assert_eq!(slab.get_mut(old), None);
    assert_eq!(slab.remove(old), None);
    assert_eq!(slab.get(new), Some(&"new"));
}

#[test]
fn a_key_that_was_never_given_finds_nothing() {
    let mut slab = Slab::new();
    slab.insert(());

    for bits in [1, 1 << 32, u64::MAX] {
        assert_eq!(slab.get(Key::from_u64(bits)), None);
        assert_eq!(slab.remove(Key::from_u64(bits)), None);
    }

    assert_eq!(slab.len(), 1);
}
