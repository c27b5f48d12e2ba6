//! Tests answers in the background, one after the other.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use super::catalogue::Exercise;
use super::error::Trouble;
use super::judgement::Judgement;
use super::process::Stopper;
use super::progress;

/// A thread that tests what it is asked to. Dropping it ends what runs.
pub struct Tester {
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
}

/// An exercise, and whether its tests are to run although their verdict is known.
type Job = (Exercise, bool);

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    running: Option<(String, Stopper)>,
    is_over: bool,
}

impl Tester {
    /// Starts the thread. It calls `tell` with each verdict.
    pub fn start(mut tell: impl FnMut(&Exercise, Result<Judgement, Trouble>) + Send + 'static) -> Self {
        let queue = Arc::<Queue>::default();
        let asked = Arc::clone(&queue);
        let thread = thread::spawn(move || {
            while let Some(((exercise, anew), stopper)) = asked.next() {
                let test = if anew { progress::test } else { progress::test_saved };
                match test(&exercise, &stopper) {
                    // It was saved again meanwhile, or this is the end.
                    Err(Trouble::Stopped) => {}
                    result => tell(&exercise, result),
                }
            }
        });
        Self { queue, thread: Some(thread) }
    }

    /// Tests this answer as soon as those before it are tested. If it is being tested, that begins anew.
    pub fn ask(&self, exercise: &Exercise) {
        self.queue.ask(exercise);
    }

    /// Tests this answer now, instead of whatever is being tested or waits for it.
    pub fn ask_instead(&self, exercise: &Exercise, anew: bool) {
        let mut state = self.queue.state();
        if let Some((_, stopper)) = &state.running {
            stopper.stop();
        }
        state.waiting = [(exercise.clone(), anew)].into();
        self.queue.changed.notify_one();
    }

    /// [`ask`](Self::ask) for another thread, which may outlive this.
    pub fn asker(&self) -> impl Fn(&Exercise) + Send + use<> {
        let queue = Arc::clone(&self.queue);
        move |exercise| queue.ask(exercise)
    }
}

impl Drop for Tester {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        state.is_over = true;
        if let Some((_, stopper)) = &state.running {
            stopper.stop();
        }
        drop(state);
        self.queue.changed.notify_one();
        // Its panic has been shown, and nothing more is to be told.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl fmt::Debug for Tester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tester").finish_non_exhaustive()
    }
}

impl Queue {
    /// Waits for something to test; `None` at the end.
    fn next(&self) -> Option<(Job, Stopper)> {
        let mut state = self.state();
        state.running = None;
        let mut state = self
            .changed
            .wait_while(state, |state| state.waiting.is_empty() && !state.is_over)
            .unwrap_or_else(PoisonError::into_inner);
        if state.is_over {
            return None;
        }
        let job = state.waiting.pop_front()?;
        let stopper = Stopper::default();
        state.running = Some((job.0.name.clone(), stopper.clone()));
        Some((job, stopper))
    }

    fn ask(&self, exercise: &Exercise) {
        let mut state = self.state();
        if let Some((_, stopper)) = state.running.as_ref().filter(|(name, _)| *name == exercise.name) {
            stopper.stop();
        }
        if state.waiting.iter().all(|(waiting, _)| waiting != exercise) {
            state.waiting.push_back((exercise.clone(), false));
        }
        self.changed.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
