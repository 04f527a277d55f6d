//! How many requests with bytes run at once: more while that makes the whole faster, fewer when the store asks for calm.

use crate::error::{Error, Operation, Result};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A difference between two measurements that is not noise.
const FASTER: f64 = 1.05;
const SLOWER: f64 = 0.8;
/// Between two measurements.
const WINDOW: Duration = Duration::from_millis(500);
/// After the store asked for calm nothing grows for so long, and it is not asked twice for the same crowd.
const CALM: Duration = Duration::from_secs(1);

/// The pace of the whole process.
pub(crate) struct Pace {
    turns: Arc<Semaphore>,
    done: AtomicU64,
    state: Mutex<State>,
}

struct State {
    allowed: usize,
    first: usize,
    most: usize,
    /// Turns that have to be taken away when they are given back.
    owed: usize,
    since: Instant,
    before: f64,
    calm_until: Option<Instant>,
}

/// The right to run one request.
pub(crate) struct Turn {
    pace: Arc<Pace>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Pace {
    /// Begins with `first` at once, and never runs more than `most`.
    pub(crate) fn new(first: usize, most: usize) -> Arc<Self> {
        let most = most.max(1);
        let first = first.clamp(1, most);
        let allowed = first;
        let state = State { allowed, first, most, owed: 0, since: Instant::now(), before: 0.0, calm_until: None };
        Arc::new(Pace { turns: Arc::new(Semaphore::new(allowed)), done: AtomicU64::new(0), state: Mutex::new(state) })
    }

    /// Waits for a turn.
    pub(crate) async fn turn(self: &Arc<Self>) -> Result<Turn> {
        match Arc::clone(&self.turns).acquire_owned().await {
            Ok(permit) => Ok(Turn { pace: Arc::clone(self), permit: Some(permit) }),
            Err(_) => Err(Error::cancelled(Operation::Upload)),
        }
    }

    /// A request has come to its good end: what it is worth is its bytes and what it costs in itself.
    pub(crate) fn finished(&self, bytes: u64) {
        const REQUEST: u64 = 64 * 1024;
        self.done.fetch_add(bytes + REQUEST, Ordering::Relaxed);
        self.measure(Instant::now());
    }

    /// The store asked for calm: half as many from now on.
    pub(crate) fn slow_down(&self) {
        let now = Instant::now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.calm_until.is_some_and(|until| now < until) {
            return;
        }
        state.calm_until = Some(now + CALM);
        let allowed = (state.allowed / 2).max(1);
        self.set(&mut state, allowed);
    }

    fn measure(&self, now: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let time = now.duration_since(state.since);
        if time < WINDOW {
            return;
        }
        let speed = self.done.swap(0, Ordering::Relaxed) as f64 / time.as_secs_f64();
        let (before, calm) = (state.before, state.calm_until.is_some_and(|until| now < until));
        (state.since, state.before) = (now, speed);
        if before == 0.0 || calm {
            return;
        }
        let step = state.first.div_ceil(4);
        // Only a crowd that is as large as it may be says anything about a larger one.
        let full = self.turns.available_permits() == 0;
        let allowed = match speed / before {
            ratio if ratio > FASTER && full => state.allowed + step,
            ratio if ratio < SLOWER => state.allowed.saturating_sub(step).max(state.first.min(state.allowed)),
            _ => state.allowed,
        };
        self.set(&mut state, allowed);
    }

    fn set(&self, state: &mut State, allowed: usize) {
        let allowed = allowed.clamp(1, state.most);
        if allowed > state.allowed {
            let more = allowed - state.allowed;
            let paid = more.min(state.owed);
            state.owed -= paid;
            self.turns.add_permits(more - paid);
        } else {
            let fewer = state.allowed - allowed;
            state.owed += fewer - self.turns.forget_permits(fewer);
        }
        state.allowed = allowed;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.pace.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.owed > 0
            && let Some(permit) = self.permit.take()
        {
            state.owed -= 1;
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: usize = 16;

    fn allowed(pace: &Pace) -> usize {
        pace.state.lock().unwrap().allowed
    }

    #[tokio::test]
    async fn a_store_that_asks_for_calm_gets_half_and_turns_that_run_are_not_given_again() {
        let pace = Pace::new(FIRST, 32);
        let mut turns = Vec::new();
        for _ in 0..FIRST {
            turns.push(pace.turn().await.unwrap());
        }
        pace.slow_down();
        pace.slow_down();
        assert_eq!(allowed(&pace), FIRST / 2, "one crowd is asked once");
        turns.truncate(FIRST / 2);
        assert_eq!(pace.turns.available_permits(), 0);
        turns.pop();
        assert_eq!(pace.turns.available_permits(), 1);
    }

    #[tokio::test]
    async fn more_run_at_once_while_that_is_faster() {
        let pace = Pace::new(FIRST, 20);
        let mut turns = Vec::new();
        for _ in 0..FIRST {
            turns.push(pace.turn().await.unwrap());
        }
        let mut now = pace.state.lock().unwrap().since;
        for bytes in [1000, 2000, 4000, 8000] {
            pace.done.store(bytes, Ordering::Relaxed);
            now += WINDOW;
            pace.measure(now);
        }
        assert_eq!(allowed(&pace), 20, "never more than the most");
    }
}
