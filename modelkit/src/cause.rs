//! Why a race was possible: what the one thread had seen of the other, or had not.

use std::sync::atomic::Ordering;

use crate::log::{Log, Step, What};

/// Two threads at one slot, and nothing that puts one before the other.
#[derive(Clone, Debug)]
pub struct Race {
    /// The names of the threads: in front, the one who should have said when it was done.
    pub threads: [String; 2],
    /// What let the other one in.
    pub cause: Cause,
    /// What is wrong with its claim, if slots are claimed by exchanges.
    pub claim: Option<Claim>,
}

/// What is wrong with the claim of a thread that came where another was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Since it was at a slot last, it had exchanged nothing.
    Missing,
    /// It had claimed another position than the other one, and the same slot.
    OtherPosition,
}

/// What let a thread in where another was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It had seen a store of the other's, made when the other was done; but the store does not release.
    StoreIsRelaxed(Step),
    /// It had seen such a store, but the load does not acquire.
    LoadIsRelaxed(Step),
    /// It had seen a store of the other's, made before the other was done.
    StoredTooEarly(Step),
    /// Both had exchanged the same value of one variable: it had come back meanwhile.
    ValueCameBack(Step),
    /// It had seen nothing of the other that says whose the slot is.
    Nothing,
    /// No thread had used an atomic that the model can see.
    NothingToSee,
}

impl Log {
    /// The race that the step `second` loses.
    pub(crate) fn race(&self, second: &Step) -> Race {
        let others = |step: &Step| step.variable == second.variable && step.thread != second.thread;
        let Some(first) = self.steps.iter().rposition(others) else {
            let threads = [self.name_of(second.thread), self.name_of(second.thread)];
            return Race { threads, cause: Cause::Nothing, claim: None };
        };
        let (early, late) = (self.steps[first].thread, second.thread);
        let claim = self.claim(early, late);
        let race =
            |who: usize, other: usize, cause| Race { threads: [self.name_of(who), self.name_of(other)], cause, claim };

        if self.steps.iter().all(|step| step.what == What::Access) {
            return race(early, late, Cause::NothingToSee);
        }
        if let Some(again) = self.came_back(early, late) {
            return race(early, late, Cause::ValueCameBack(again));
        }
        if let Some(cause) = self.let_in(early, late, self.steps.len(), second.variable) {
            return race(early, late, cause);
        }
        // Or the one who was there first had been let in by the other, who then came to finish.
        match self.let_in(late, early, first, second.variable) {
            Some(cause @ Cause::StoredTooEarly(_)) => race(late, early, cause),
            _ => race(early, late, Cause::Nothing),
        }
    }

    /// By which store of `owner`'s the thread `guest` came to the cell `slot`, in the first `end` steps.
    fn let_in(&self, owner: usize, guest: usize, end: usize, slot: usize) -> Option<Cause> {
        let loads = self.steps[..end].iter().enumerate().rev().filter(|(_, step)| step.thread == guest);
        loads.filter_map(|(index, load)| self.flaw(owner, load, index, slot)).next()
    }

    /// What is wrong with the load at `index`, if it saw a store of `owner`'s.
    fn flaw(&self, owner: usize, load: &Step, index: usize, slot: usize) -> Option<Cause> {
        let (value, acquire) = load.what.seen()?;
        let before = &self.steps[..index];
        let saw = |step: &Step| step.variable == load.variable && step.what.stored().is_some_and(|(it, _)| it == value);
        let store = before.iter().rposition(saw)?;
        let (_, release) = before[store].what.stored()?;
        if before[store].thread != owner {
            return None;
        }
        // Was the owner at the slot, before it said so?
        let last = before[..store].iter().rfind(|step| step.variable == slot);
        if last.is_none_or(|step| step.thread != owner) {
            return Some(Cause::StoredTooEarly(before[store]));
        }
        if matches!(release, Ordering::Relaxed | Ordering::Acquire) {
            return Some(Cause::StoreIsRelaxed(before[store]));
        }
        matches!(acquire, Ordering::Relaxed | Ordering::Release).then_some(Cause::LoadIsRelaxed(*load))
    }

    /// The exchange by which `late` got what `early` had got by the same one.
    fn came_back(&self, early: usize, late: usize) -> Option<Step> {
        let exchanges =
            |thread| self.steps.iter().filter(move |step| step.thread == thread && step.what.found().is_some());
        let last = exchanges(late).next_back().copied()?;
        let same = |step: &Step| step.variable == last.variable && step.what.found() == last.what.found();
        exchanges(early).any(same).then_some(last)
    }

    /// What is wrong with the claim of `late`, if threads claim by exchanges.
    fn claim(&self, early: usize, late: usize) -> Option<Claim> {
        let steps = |thread| self.steps.iter().filter(move |step| step.thread == thread);
        let is_store = |step: &&Step| matches!(step.what, What::Store(..));
        // Who claims by a load and a store claims what another has claimed.
        if steps(late).filter(is_store).any(|step| steps(early).filter(is_store).any(|it| it.variable == step.variable))
        {
            return None;
        }
        let mut since = steps(late).rev().take_while(|step| step.what != What::Access);
        let is_update = |step: &&Step| matches!(step.what, What::Update(..));
        match since.find(is_update) {
            Some(claim) => {
                let others = steps(early).filter(is_update).any(|it| it.variable == claim.variable);
                others.then_some(Claim::OtherPosition)
            }
            None => self.steps.iter().any(|step| is_update(&step)).then_some(Claim::Missing),
        }
    }

    fn name_of(&self, thread: usize) -> String {
        self.threads[thread].1.clone()
    }
}
