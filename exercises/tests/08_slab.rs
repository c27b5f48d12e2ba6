//! To prove: a key finds its own value for as long as that is there, and nothing ever after, although slots are used
//! again; and the slab grows no larger than what is in it.
//!
//! The tests go from easy to nasty. `Watched` is a slab beside a map, and compares the two after each step.

#[cfg_attr(feature = "solutions", path = "../../solutions/08_slab.rs")]
#[cfg_attr(not(feature = "solutions"), path = "../src/08_slab.rs")]
#[allow(clippy::todo, missing_docs, unreachable_pub, unused, reason = "it may be a beginning")]
mod answer;

use std::collections::BTreeMap;

use answer::{Key, Slab};
use quickcheck::{Gen, QuickCheck, quickcheck};
use testkit::{Chapter, Evidence, Mistake, Task, Way, check, check_eq, fail, panics};

const VALUE_LOST: Mistake = Mistake::new("a value that is there is not found", Chapter::Engine);
const OTHER_VALUE: Mistake = Mistake::new("a key finds another's value", Chapter::Engine);
const CHANGE_LOST: Mistake = Mistake::new("a change through get_mut is lost", Chapter::Engine);
const STALE_FOUND: Mistake = Mistake::new("a stale key finds the value that came after", Chapter::Engine);
const STALE_REMOVES: Mistake = Mistake::new("a stale key removes the value that came after", Chapter::Engine);
const UNGIVEN_FOUND: Mistake = Mistake::new("a key that was never given finds a value", Chapter::Engine);
const KEY_AGAIN: Mistake = Mistake::new("a key is given again", Chapter::Engine);
const GENERATIONS_FORGOTTEN: Mistake = Mistake::new("a slot that is given up forgets its generation", Chapter::Engine);
const TOO_FEW_GENERATIONS: Mistake = Mistake::new("a generation comes back too soon", Chapter::Engine);
const FREED_TWICE: Mistake = Mistake::new("a slot is given to two values", Chapter::Engine);
const NEVER_REUSED: Mistake = Mistake::new("a free slot is not used again", Chapter::Engine);
const SLOTS_LOST: Mistake = Mistake::new("some of the free slots are lost", Chapter::Engine);
const WRONG_LEN: Mistake = Mistake::new("len is not the number of values", Chapter::Engine);
const LEN_STALE: Mistake = Mistake::new("removing a stale key counts", Chapter::Engine);
const KEYS_FREE: Mistake = Mistake::new("keys lists free slots", Chapter::Engine);
const KEYS_BEYOND: Mistake = Mistake::new("keys lists slots that are not there", Chapter::Engine);
const KEYS_STALE: Mistake = Mistake::new("keys lists stale keys", Chapter::Engine);
const KEYS_MISSING: Mistake = Mistake::new("keys leaves out values", Chapter::Engine);
const KEYS_ORDER: Mistake = Mistake::new("keys is not in the order of the slots", Chapter::Engine);
const HALVES: Mistake = Mistake::new("the two numbers overlap in the 64 bits", Chapter::Engine);
const NO_GENERATION: Mistake = Mistake::new("the generation is lost in the 64 bits", Chapter::Engine);
const SWAPPED: Mistake = Mistake::new("the two numbers change places in the 64 bits", Chapter::Engine);
const GENERATION_CUT: Mistake = Mistake::new("the upper bits of the generation are lost in the 64", Chapter::Engine);
const SHIFTS: Mistake = Mistake::new("a number is shifted by more bits than it has", Chapter::Engine);
const OVERFLOWS: Mistake = Mistake::new("a count in the slab overflows", Chapter::Engine);
const KEYS_UNGIVEN: Mistake = Mistake::new("keys lists keys that were never given", Chapter::Engine);
const WRONG_EMPTY: Mistake = Mistake::new("is_empty says something else than len", Chapter::Engine);
const PANICS: Mistake = Mistake::new("a key makes the slab panic", Chapter::Engine);
const PANICS_UNGIVEN: Mistake = Mistake::new("a key that was never given makes the slab panic", Chapter::Engine);
const PANICS_STALE: Mistake = Mistake::new("a stale key makes the slab panic", Chapter::Engine);
const SEARCHES: Mistake = Mistake::new("the slots are searched rather than found", Chapter::Engine);
const ENDLESS: Mistake = Mistake::new("a call on the slab does not return", Chapter::Engine);

#[test]
fn a_key_finds_its_value() {
    run(|| {
        let mut slab = Watched::new();
        for value in ["ann", "bob", "cid"] {
            slab.insert(value);
        }
    });
}

#[test]
fn what_is_removed_is_gone() {
    run(|| {
        let mut slab = Watched::new();
        let keys = ["ann", "bob", "cid"].map(|value| slab.insert(value));
        for place in [1, 0, 2] {
            slab.remove(keys[place]);
        }
    });
}

#[test]
fn a_change_stays() {
    run(|| {
        calm(|| {
            let mut slab = Slab::new();
            let keys = [1, 2, 3].map(|value| slab.insert(value));
            for (key, value) in keys.into_iter().zip([1, 2, 3]) {
                let got = slab.get_mut(key).map(|value| {
                    *value += 10;
                    *value
                });
                check_eq!(got, Some(value + 10), CHANGE_LOST, "10 was added to a value, through get_mut({key})");
                check_eq!(
                    slab.get(key),
                    Some(&(value + 10)),
                    CHANGE_LOST,
                    "10 was added through get_mut; get({key}) says"
                );
            }
        })
    });
}

#[test]
fn who_comes_after_has_another_key() {
    run(|| {
        let mut slab = Watched::new();
        let ann = slab.insert("ann");
        slab.remove(ann);
        slab.insert("bob");
        // The key of ann, who has left.
        slab.remove(ann);
    });
}

#[test]
fn nobody_is_removed_twice() {
    run(|| {
        let mut slab = Watched::new();
        let (ann, bob) = (slab.insert("ann"), slab.insert("bob"));
        for stale in [ann, ann, bob, ann, bob] {
            slab.remove(stale);
        }
        for value in ["cid", "dan", "eve"] {
            slab.insert(value);
        }
    });
}

#[test]
fn slots_are_used_again() {
    run(|| {
        let mut slab = Watched::new();
        for _ in 0..100 {
            let key = slab.insert("ann");
            slab.remove(key);
        }
        slab.check_slots(NEVER_REUSED, "100 values have come and gone, one at a time");
        for round in 0..40 {
            let keys = [0, 1, 2, 3].map(|number| slab.insert(format!("{round}, {number}")));
            for place in [2, 0, 3, 1] {
                slab.remove(keys[place]);
            }
            slab.forget();
        }
        slab.check_slots(SLOTS_LOST, "160 values have come and gone, four at a time");
        for places in [[3, 2, 1, 0], [0, 1, 2, 3]] {
            let mut slab = Watched::new();
            let keys = [0, 1, 2, 3].map(|number| slab.insert(number.to_string()));
            places.into_iter().for_each(|place| slab.remove(keys[place]));
            for key in keys {
                slab.insert(key.to_string());
            }
            let highest = slab.highest;
            check!(
                highest < 4,
                SLOTS_LOST,
                "4 values have gone, 4 others have come, and the slab has used slot {highest}"
            );
        }
    });
}

#[test]
fn a_slot_that_was_used_last_remembers_too() {
    run(|| {
        let mut slab = Watched::new();
        let stays = slab.insert("ann");
        let (bob, cid) = (slab.insert("bob"), slab.insert("cid"));
        slab.remove(cid);
        slab.remove(bob);
        for value in ["dan", "eve"] {
            slab.insert(value);
        }
        slab.remove(stays);
    });
}

#[test]
fn a_key_fits_into_64_bits() {
    run(|| {
        calm(|| {
            let mut slab = Slab::new();
            let mut keys: Vec<Key> = (0..300).map(|number| slab.insert(number)).collect();
            for _ in 0..300 {
                slab.remove(keys[299]);
                keys[299] = slab.insert(299);
                check_bits(keys[299]);
            }
            keys.into_iter().for_each(check_bits);
        })
    });
}

#[test]
fn any_64_bits_are_a_key() {
    run(|| {
        let mut slab = Watched::new();
        let keys = ["ann", "bob"].map(|value| slab.insert(value));
        slab.remove(keys[0]);
        // The engine watches its own descriptors under such numbers, and an event may bring anything.
        for bits in [u64::MAX, u64::MAX - 1, 1 << 32, u64::from(u32::MAX), u64::from(u32::MAX) << 32, 2, 77 << 32 | 77]
        {
            slab.check_ungiven(bits);
        }
        // What slots will be called: a free one, a full one, and two that are not there.
        for key in slab.next_keys() {
            slab.check_ungiven(key.to_u64());
        }
        for value in ["cid", "dan", "eve"] {
            slab.insert(value);
        }
    });
}

#[test]
fn a_key_is_stale_for_good() {
    run(|| {
        calm(|| {
            // More than 16 bits can count. 32 bits would take too long to see; see chapter 7.
            let mut slab = Slab::new();
            let first = slab.insert(0);
            let mut last = first;
            for tenant in 1..70_000 {
                slab.remove(last);
                last = slab.insert(tenant);
                if last == first || slab.get(first).is_some() {
                    let mistake = match tenant {
                        1 if last == first => KEY_AGAIN,
                        1 => STALE_FOUND,
                        _ => TOO_FEW_GENERATIONS,
                    };
                    fail(mistake, format_args!("{first} was removed, and {tenant} values later it finds one again"));
                }
            }
        })
    });
}

#[test]
fn many_values_cost_no_more_than_few() {
    run(|| {
        calm(|| {
            const MANY: usize = 50_000;
            testkit::fact("values", MANY);
            let mut slab = Slab::new();
            let mut keys: Vec<Key> = (0..MANY)
                .map(|number| {
                    check_eq!(slab.len(), number, WRONG_LEN, "so many values were put in");
                    slab.insert(number)
                })
                .collect();
            for (number, key) in keys.iter().enumerate() {
                check_eq!(slab.get(*key), Some(&number), VALUE_LOST, "there are {MANY} values; get({key}) says");
            }
            // One slot is free, at either end.
            for _ in 0..50_000 {
                for place in [0, MANY - 1] {
                    slab.remove(keys[place]);
                    keys[place] = slab.insert(place);
                }
            }
            for (number, key) in keys.iter().enumerate() {
                check_eq!(slab.remove(*key), Some(number), VALUE_LOST, "there are many values; remove({key}) says");
            }
            check!(slab.is_empty(), WRONG_LEN, "all values were removed, and len is {}", slab.len());
        })
    });
}

#[test]
fn any_64_bits_come_back() {
    fn property(bits: u64) {
        let mut got = None;
        panics(|| got = Some((Key::from_u64(bits), Key::from_u64(bits).to_u64())));
        let Some((key, again)) = got else { fail(PANICS, format_args!("from_u64({bits:#x}).to_u64() panicked")) };
        let is_wide = Key::from_u64(u64::from(u32::MAX)).index() == u32::MAX as usize;
        let mistake = if is_wide { GENERATION_CUT } else { HALVES };
        check!(again == bits, mistake, "from_u64({bits:#x}) is {key}, and {key} in 64 bits is {again:#x}");
    }
    run(|| testkit::property(|| quickcheck(property as fn(u64))));
}

#[test]
fn any_order_of_steps_does_as_a_map_does() {
    /// Puts a value in, or removes what a key names that was given before.
    fn property(steps: Vec<Option<u8>>) {
        let mut slab = Watched::new();
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Some(which) if !slab.given.is_empty() => {
                    let key = slab.given[usize::from(which) % slab.given.len()];
                    slab.remove(key);
                }
                _ => drop(slab.insert(number.to_string())),
            }
        }
    }
    let mut small = QuickCheck::new().rng(Gen::new(40)).tests(50);
    run(|| testkit::property(|| small.quickcheck(property as fn(Vec<Option<u8>>))));
}

/// A slab, and the map that it must be like.
struct Watched {
    slab: Slab<String>,
    twin: BTreeMap<Key, String>,
    /// All keys so far, the stale ones too.
    given: Vec<Key>,
    /// The highest slot so far, and how many values there were at the most.
    highest: usize,
    most: usize,
}

impl Watched {
    fn new() -> Self {
        Self { slab: Slab::new(), twin: BTreeMap::new(), given: Vec::new(), highest: 0, most: 0 }
    }

    #[track_caller]
    fn insert(&mut self, value: impl Into<String>) -> Key {
        let value = value.into();
        let mut key = None;
        panics(|| key = Some(self.slab.insert(value.clone())));
        let Some(key) = key else { fail(PANICS, format_args!("insert({value:?}) panicked")) };
        let shares = self.twin.keys().find(|other| other.index() == key.index());
        if let Some(other) = shares {
            fail(FREED_TWICE, format_args!("insert({value:?}) says {key}, and the value of {other} is still there"));
        }
        if self.given.contains(&key) {
            fail(
                why_again(),
                format_args!("insert({value:?}) says {key}, as did an insert before; that value was removed"),
            );
        }
        self.twin.insert(key, value);
        self.given.push(key);
        self.highest = self.highest.max(key.index());
        self.most = self.most.max(self.twin.len());
        self.check(&format!("after insert, which said {key}"), WRONG_LEN);
        key
    }

    #[track_caller]
    fn remove(&mut self, key: Key) {
        let want = self.twin.remove(&key);
        let mut got = None;
        panics(|| got = Some(self.slab.remove(key)));
        let seen = format!("remove({key}) says {}", said(got.as_ref()));
        match (got, want) {
            (None, None) => fail(PANICS_STALE, format_args!("{seen}; the key is stale")),
            (None, Some(_)) => fail(PANICS, format_args!("{seen}; the value is there")),
            (Some(Some(_)), None) => fail(STALE_REMOVES, format_args!("{seen}; the key is stale")),
            (Some(None), Some(_)) => fail(VALUE_LOST, format_args!("{seen}; the value is there")),
            (Some(Some(got)), Some(want)) => check_eq!(got, want, OTHER_VALUE, "{seen}"),
            (Some(None), None) => return self.check(&format!("after remove({key}), which is stale"), LEN_STALE),
        }
        self.check(&format!("after remove({key})"), WRONG_LEN);
    }

    /// Compares all that can be seen of the slab with the map.
    #[track_caller]
    fn check(&mut self, when: &str, wrong_len: Mistake) {
        for key in self.given.clone() {
            self.check_key(key, when);
        }
        let len = self.slab.len();
        check_eq!(len, self.twin.len(), wrong_len, "len, {when}");
        check_eq!(self.slab.is_empty(), self.twin.is_empty(), WRONG_EMPTY, "is_empty, {when}");
        self.check_keys(when);
    }

    #[track_caller]
    fn check_key(&mut self, key: Key, when: &str) {
        let want = self.twin.get(&key);
        let (mut get, mut get_mut) = (None, None);
        panics(|| get = Some(self.slab.get(key).cloned()));
        panics(|| get_mut = Some(self.slab.get_mut(key).cloned()));
        for (call, got) in [("get", get), ("get_mut", get_mut)] {
            let seen = format!("{when}: {call}({key}) says {}", said(got.as_ref()));
            match (got, want) {
                (None, Some(_)) => fail(PANICS, format_args!("{seen}; the value is there")),
                (None, None) => fail(PANICS_STALE, format_args!("{seen}; the key is stale")),
                (Some(Some(_)), None) => fail(STALE_FOUND, format_args!("{seen}; the key is stale")),
                (Some(None), Some(want)) => fail(VALUE_LOST, format_args!("{seen}, and not {want:?}")),
                (Some(Some(got)), Some(want)) => check_eq!(&got, want, OTHER_VALUE, "{seen}"),
                (Some(None), None) => {}
            }
        }
    }

    #[track_caller]
    fn check_keys(&self, when: &str) {
        let mut got = Vec::new();
        if panics(|| got.extend(self.slab.keys())) {
            fail(PANICS, format_args!("{when}: keys panicked"));
        }
        let mut want: Vec<Key> = self.twin.keys().copied().collect();
        want.sort_by_key(|key| key.index());
        let has_value = |key: &Key| want.iter().any(|other| other.index() == key.index());
        let mistake = match got.iter().find(|key| !want.contains(key)) {
            Some(key) if key.index() > self.highest => KEYS_BEYOND,
            Some(key) if has_value(key) && self.given.contains(key) => KEYS_STALE,
            Some(key) if has_value(key) => KEYS_UNGIVEN,
            Some(_) => KEYS_FREE,
            None if got.len() < want.len() => KEYS_MISSING,
            None => KEYS_ORDER,
        };
        let text = |keys: &[Key]| keys.iter().map(Key::to_string).collect::<Vec<_>>();
        check_eq!(text(&got), text(&want), mistake, "keys, {when}");
    }

    /// Checks that there are no more slots than values were there at a time, or not many more.
    #[track_caller]
    fn check_slots(&self, mistake: Mistake, seen: &str) {
        let (highest, most) = (self.highest, self.most);
        check!(highest < 2 * most + 32, mistake, "{seen}, and the slab has used slot {highest}");
    }

    /// No longer compares what stale keys find, of which there are many.
    fn forget(&mut self) {
        self.given.clear();
    }

    #[track_caller]
    fn check_ungiven(&mut self, bits: u64) {
        let key = Key::from_u64(bits);
        if self.given.contains(&key) {
            return;
        }
        let mut got = [None, None, None];
        panics(|| got[0] = Some(self.slab.get(key).cloned()));
        panics(|| got[1] = Some(self.slab.get_mut(key).cloned()));
        panics(|| got[2] = Some(self.slab.remove(key)));
        for (call, got) in ["get", "get_mut", "remove"].into_iter().zip(got) {
            let seen = format!("{call}({key}) says {}; nobody was given this key", said(got.as_ref()));
            check!(got.is_some(), PANICS_UNGIVEN, "{seen}");
            check!(got == Some(None), UNGIVEN_FOUND, "{seen}");
        }
        self.check(&format!("after remove({key}), which was never given"), LEN_STALE);
    }

    /// The keys that the next values would be given, also those of values that are there.
    fn next_keys(&self) -> Vec<Key> {
        let mut ahead = Slab::new();
        let keys = ["ann", "bob"].map(|value| ahead.insert(value));
        for key in keys {
            ahead.remove(key);
        }
        (0..4).map(|_| ahead.insert("ahead")).filter(|key| !self.given.contains(key)).collect()
    }
}

/// Why is a key given again? If that never happens to a slot that is not the last, the slab gives up the last one.
fn why_again() -> Mistake {
    let mut slab = Slab::new();
    let (mut key, _last) = (slab.insert(0), slab.insert(0));
    let mut given = Vec::new();
    for tenant in 1..300 {
        given.push(key);
        slab.remove(key);
        key = slab.insert(tenant);
        if given.contains(&key) {
            return if tenant == 1 { KEY_AGAIN } else { TOO_FEW_GENERATIONS };
        }
    }
    GENERATIONS_FORGOTTEN
}

/// Runs what shall not panic. Not for a property: there a failed check is a panic.
fn calm(body: impl FnOnce()) {
    testkit::panic_means(|words| {
        Some(match words {
            words if words.contains("shift") && words.contains("with overflow") => SHIFTS,
            words if words.contains("with overflow") => OVERFLOWS,
            _ => PANICS,
        })
    });
    body();
}

#[track_caller]
fn check_bits(key: Key) {
    let bits = key.to_u64();
    let back = Key::from_u64(bits);
    let turned = back.to_string().split_once('.').map(|(index, generation)| format!("{generation}.{index}"));
    let mistake = match turned {
        _ if back.index() == key.index() => NO_GENERATION,
        Some(turned) if turned == key.to_string() => SWAPPED,
        _ => HALVES,
    };
    check!(back == key, mistake, "{key} in 64 bits is {bits:#x}, and from_u64 makes {back} of it");
}

fn said(got: Option<&Option<String>>) -> String {
    got.map_or("nothing: it panicked".into(), |got| format!("{got:?}"))
}

/// Runs a test that knows what its hangs mean.
#[track_caller]
fn run<F: FnOnce()>(body: F) {
    Task::new().yours().explain(explain).run(body);
}

/// Which mistake leaves this trace?
fn explain(evidence: &Evidence) -> Option<(Mistake, String)> {
    // A slab that grows asks for memory now and then, so it may be seen in a system call.
    if evidence.way != Way::Spinning {
        return None;
    }
    let computed = evidence.your_thread()?.computed.as_millis();
    match evidence.fact("values") {
        Some(values) => {
            let seen =
                format!("{values} values have taken {computed} ms so far: the more there are, the longer takes each.");
            Some((SEARCHES, seen))
        }
        None => Some((ENDLESS, format!("Your thread has computed for {computed} ms, with a handful of values."))),
    }
}
