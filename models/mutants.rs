//! The mistakes that the models must find: each is the text that ships with one passage exchanged.

/// A change to a file of the engine.
pub(crate) struct Mutant {
    pub(crate) name: &'static str,
    pub(crate) file: &'static str,
    /// What stands there, exactly once, and what stands there instead.
    pub(crate) edits: &'static [(&'static str, &'static str)],
}

pub(crate) const QUEUE: &str = "queue.rs";
pub(crate) const MAILBOX: &str = "mailbox.rs";

pub(crate) const MUTANTS: &[Mutant] = &[
    // The ring: one ordering too weak.
    Mutant {
        name: "push_loads_the_sequence_relaxed",
        file: QUEUE,
        edits: &[("let sequence = slot.sequence.load(Acquire);", "let sequence = slot.sequence.load(Relaxed);")],
    },
    Mutant {
        name: "push_stores_the_sequence_relaxed",
        file: QUEUE,
        edits: &[(
            "slot.sequence.store(tail.wrapping_add(1), Release);",
            "slot.sequence.store(tail.wrapping_add(1), Relaxed);",
        )],
    },
    Mutant {
        name: "pop_loads_the_sequence_relaxed",
        file: QUEUE,
        edits: &[("if slot.sequence.load(Acquire) != self", "if slot.sequence.load(Relaxed) != self")],
    },
    Mutant {
        name: "pop_stores_the_sequence_relaxed",
        file: QUEUE,
        edits: &[(
            "slot.sequence.store(self.head.wrapping_add(self.ring.slots.len()), Release);",
            "slot.sequence.store(self.head.wrapping_add(self.ring.slots.len()), Relaxed);",
        )],
    },
    // The ring: a step left out, or out of order.
    Mutant {
        name: "a_slot_is_claimed_without_compare_and_swap",
        file: QUEUE,
        edits: &[(
            "match ring.tail.0.compare_exchange_weak(tail, tail.wrapping_add(1), Relaxed, Relaxed) {",
            "match Ok::<(), usize>(ring.tail.0.store(tail.wrapping_add(1), Relaxed)) {",
        )],
    },
    Mutant {
        name: "full_is_tested_after_the_claim",
        file: QUEUE,
        edits: &[(
            "..0 => return Err(Full(value)),",
            "..0 => match ring.tail.0.compare_exchange_weak(tail, tail.wrapping_add(1), Relaxed, Relaxed) {
                    Ok(_) => return Err(Full(value)),
                    Err(now) => tail = now,
                },",
        )],
    },
    Mutant {
        name: "the_sequence_is_stored_before_the_value",
        file: QUEUE,
        edits: &[
            ("                        slot.put(value);\n", ""),
            (
                "slot.sequence.store(tail.wrapping_add(1), Release);",
                "slot.sequence.store(tail.wrapping_add(1), Release); slot.put(value);",
            ),
        ],
    },
    Mutant {
        name: "the_slot_is_freed_before_the_value_is_taken",
        file: QUEUE,
        edits: &[
            ("        let value = slot.take();\n", ""),
            (
                "slot.sequence.store(self.head.wrapping_add(self.ring.slots.len()), Release);",
                "slot.sequence.store(self.head.wrapping_add(self.ring.slots.len()), Release); let value = slot.take();",
            ),
        ],
    },
    Mutant {
        name: "the_slot_is_not_freed_for_the_next_lap",
        file: QUEUE,
        edits: &[("self.head.wrapping_add(self.ring.slots.len()), Release", "self.head, Release")],
    },
    Mutant { name: "values_left_in_the_ring_are_forgotten", file: QUEUE, edits: &[("drop(slot.take());", "")] },
    Mutant {
        name: "a_ring_may_have_one_slot",
        file: QUEUE,
        edits: &[("capacity.is_power_of_two() && capacity >= 2", "capacity.is_power_of_two()")],
    },
    // The mailbox: an access of the flag that is no swap, or one with too weak an ordering.
    Mutant {
        name: "send_loads_and_stores_the_flag",
        file: MAILBOX,
        edits: &[(
            "if !self.shared.pending.swap(true, AcqRel) {",
            "let was_pending = self.shared.pending.load(Acquire);
        self.shared.pending.store(true, Release);
        if !was_pending {",
        )],
    },
    Mutant {
        name: "send_swaps_the_flag_relaxed",
        file: MAILBOX,
        edits: &[(
            "if !self.shared.pending.swap(true, AcqRel) {",
            "if !self.shared.pending.swap(true, crate::sync::Ordering::Relaxed) {",
        )],
    },
    Mutant {
        name: "send_swaps_the_flag_without_release",
        file: MAILBOX,
        edits: &[("if !self.shared.pending.swap(true, AcqRel) {", "if !self.shared.pending.swap(true, Acquire) {")],
    },
    Mutant {
        name: "prepare_to_sleep_stores_the_flag",
        file: MAILBOX,
        edits: &[("self.shared.pending.swap(false, AcqRel);", "self.shared.pending.store(false, Release);")],
    },
    Mutant {
        name: "prepare_to_sleep_swaps_the_flag_relaxed",
        file: MAILBOX,
        edits: &[(
            "self.shared.pending.swap(false, AcqRel);",
            "self.shared.pending.swap(false, crate::sync::Ordering::Relaxed);",
        )],
    },
    Mutant {
        name: "prepare_to_sleep_swaps_the_flag_without_acquire",
        file: MAILBOX,
        edits: &[("self.shared.pending.swap(false, AcqRel);", "self.shared.pending.swap(false, Release);")],
    },
    Mutant {
        name: "awake_stores_the_flag",
        file: MAILBOX,
        edits: &[("self.shared.pending.swap(true, AcqRel);\n", "self.shared.pending.store(true, Release);\n")],
    },
    // The mailbox: a step left out, or out of order.
    Mutant {
        name: "no_second_look_before_sleeping",
        file: MAILBOX,
        edits: &[("self.consumer.is_empty()\n", "true\n")],
    },
    Mutant {
        name: "the_flag_is_cleared_after_the_second_look",
        file: MAILBOX,
        edits: &[
            ("self.shared.pending.swap(false, AcqRel);\n", ""),
            (
                "self.consumer.is_empty()\n",
                "let empty = self.consumer.is_empty(); self.shared.pending.swap(false, AcqRel); empty\n",
            ),
        ],
    },
    Mutant { name: "nobody_is_woken", file: MAILBOX, edits: &[("            self.wake();\n", "")] },
    Mutant {
        name: "the_wake_up_comes_before_the_value",
        file: MAILBOX,
        edits: &[
            ("self.producer.push(value).map_err(|Full(value)| SendError::Full(value))?;", ""),
            (
                "            self.wake();\n        }\n        Ok(())",
                "            self.wake();\n        }\n        self.producer.push(value).map_err(|Full(value)| SendError::Full(value))",
            ),
        ],
    },
    Mutant {
        name: "every_send_wakes",
        file: MAILBOX,
        edits: &[(
            "if !self.shared.pending.swap(true, AcqRel) {",
            "if !self.shared.pending.swap(true, AcqRel) || true {",
        )],
    },
    Mutant {
        name: "awake_does_not_set_the_flag",
        file: MAILBOX,
        edits: &[("self.shared.pending.swap(true, AcqRel);\n", "")],
    },
    Mutant {
        name: "send_loads_closed_relaxed",
        file: MAILBOX,
        edits: &[("self.shared.closed.load(Acquire)", "self.shared.closed.load(crate::sync::Ordering::Relaxed)")],
    },
    Mutant {
        name: "drop_stores_closed_relaxed",
        file: MAILBOX,
        edits: &[(
            "self.shared.closed.store(true, Release);",
            "self.shared.closed.store(true, crate::sync::Ordering::Relaxed);",
        )],
    },
    Mutant { name: "drop_does_not_close", file: MAILBOX, edits: &[("self.shared.closed.store(true, Release);", "")] },
    // Changes that are no mistakes, which the models must accept.
    //
    // A swap carries on the release sequence of the swaps before it, whatever its own ordering is. So the reactor, when
    // it clears the flag with Acquire, sees what every sender did before its swap with Release.
    Mutant {
        name: "weaker_orderings_that_are_enough",
        file: MAILBOX,
        edits: &[
            ("if !self.shared.pending.swap(true, AcqRel) {", "if !self.shared.pending.swap(true, Release) {"),
            ("self.shared.pending.swap(false, AcqRel);", "self.shared.pending.swap(false, Acquire);"),
            (
                "self.shared.pending.swap(true, AcqRel);\n",
                "self.shared.pending.swap(true, crate::sync::Ordering::Relaxed);\n",
            ),
        ],
    },
    // The swap before it has made the pushes visible that matter, and `pop` loads the sequence again.
    Mutant {
        name: "is_empty_loads_the_sequence_relaxed",
        file: QUEUE,
        edits: &[(
            "sequence.load(Acquire) != self.head.wrapping_add(1)\n",
            "sequence.load(Relaxed) != self.head.wrapping_add(1)\n",
        )],
    },
    // The ring as it is after many years.
    Mutant {
        name: "positions_about_to_overflow",
        file: QUEUE,
        edits: &[
            (
                "|position| Slot { sequence: AtomicUsize::new(position),",
                "|position: usize| Slot { sequence: AtomicUsize::new(position.wrapping_sub(capacity)),",
            ),
            ("OwnCacheLine(AtomicUsize::new(0))", "OwnCacheLine(AtomicUsize::new(0_usize.wrapping_sub(capacity)))"),
            ("Consumer { ring, head: 0 }", "Consumer { ring, head: 0_usize.wrapping_sub(capacity) }"),
        ],
    },
];
