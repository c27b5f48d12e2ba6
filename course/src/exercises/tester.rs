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

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Exercise>,
    running: Option<(String, Stopper)>,
    is_over: bool,
}

impl Tester {
    /// Starts the thread. It calls `tell` with each verdict.
    pub fn start(mut tell: impl FnMut(&Exercise, Result<Judgement, Trouble>) + Send + 'static) -> Self {
        let queue = Arc::<Queue>::default();
        let asked = Arc::clone(&queue);
        let thread = thread::spawn(move || {
            while let Some((exercise, stopper)) = asked.next() {
                match progress::test(&exercise, &stopper) {
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
    fn next(&self) -> Option<(Exercise, Stopper)> {
        let mut state = self.state();
        state.running = None;
        let mut state = self
            .changed
            .wait_while(state, |state| state.waiting.is_empty() && !state.is_over)
            .unwrap_or_else(PoisonError::into_inner);
        if state.is_over {
            return None;
        }
        let exercise = state.waiting.pop_front()?;
        let stopper = Stopper::default();
        state.running = Some((exercise.name.clone(), stopper.clone()));
        Some((exercise, stopper))
    }

    fn ask(&self, exercise: &Exercise) {
        let mut state = self.state();
        if let Some((_, stopper)) = state.running.as_ref().filter(|(name, _)| *name == exercise.name) {
            stopper.stop();
        }
        if state.waiting.iter().all(|waiting| waiting != exercise) {
            state.waiting.push_back(exercise.clone());
        }
        self.changed.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
