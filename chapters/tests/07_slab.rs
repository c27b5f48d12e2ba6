//! The slab of chapter 7 against a map that never forgets a key.

#[allow(dead_code, reason = "the program's other half")]
#[path = "../07-engine/slab.rs"]
mod slab;

use std::collections::HashMap;

use pretty_assertions::assert_eq;
use quickcheck::quickcheck;

use slab::{Key, Slab};

quickcheck! {
    /// `Some(n)` removes by the n-th key that there ever was, `None` inserts.
    fn it_is_a_map_whose_keys_are_never_used_again(steps: Vec<Option<u8>>) -> () {
        let mut slab = Slab::new(false);
        let mut map = HashMap::new();
        let mut keys: Vec<Key> = Vec::new();
        for (value, step) in steps.into_iter().enumerate() {
            match step {
                None => {
                    let key = slab.insert(value);
                    assert!(!keys.contains(&key), "{key} is back");
                    keys.push(key);
                    map.insert(key, value);
                }
                Some(n) if !keys.is_empty() => {
                    let key = keys[usize::from(n) % keys.len()];
                    assert_eq!(slab.remove(key), map.remove(&key));
                }
                Some(_) => {}
            }
            for &key in &keys {
                assert_eq!(slab.get_mut(key), map.get_mut(&key));
                assert_eq!(Key::from_u64(key.to_u64()), key);
            }
            assert_eq!(slab.iter_mut().map(|(key, value)| (key, *value)).collect::<HashMap<_, _>>(), map);
        }
    }
}

#[test]
fn the_flaw_reuse_ids_gives_a_key_to_two_values() {
    let mut slab = Slab::new(true);
    let first = slab.insert("first");
    slab.remove(first);

    let second = slab.insert("second");

    assert_eq!(first, second);
    assert_eq!(slab.get_mut(first), Some(&mut "second"));
}
