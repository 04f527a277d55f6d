//! The speed limit: one for all bodies that pass through it, in both directions. Off unless somebody sets it.
//!
//! It holds back what is about to go, and never drops anything.

use bytes::Bytes;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// What goes through at once is an eighth of a second's worth, so that the line is used evenly.
const PIECES_A_SECOND: u64 = 8;
const SMALLEST_PIECE: u64 = 1024;
const LARGEST_PIECE: u64 = 128 * 1024;
/// Timers are no finer; shorter waits are added to the next one.
const SHORTEST_WAIT: Duration = Duration::from_millis(2);

/// So many bytes a second for everybody who holds a copy of it.
#[derive(Debug, Clone, Default)]
pub struct Limiter(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// Zero is no limit.
    bytes_per_second: AtomicU64,
    /// When all that was let through so far would have gone at the allowed speed.
    free_at: Mutex<Option<Instant>>,
}

impl Limiter {
    /// A limit, or none.
    pub fn new(bytes_per_second: Option<u64>) -> Self {
        let limiter = Limiter::default();
        limiter.set(bytes_per_second);
        limiter
    }

    /// Changes the limit for everything that moves, from the next piece on.
    pub fn set(&self, bytes_per_second: Option<u64>) {
        let rate = bytes_per_second.map_or(0, |rate| rate.max(1));
        self.0.bytes_per_second.store(rate, Ordering::Relaxed);
        *self.0.free_at.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn piece(&self) -> usize {
        match self.0.bytes_per_second.load(Ordering::Relaxed) {
            0 => usize::MAX,
            rate => {
                usize::try_from((rate / PIECES_A_SECOND).clamp(SMALLEST_PIECE, LARGEST_PIECE)).unwrap_or(usize::MAX)
            }
        }
    }

    /// Counts bytes that go through now, and says until when the next have to wait.
    fn take(&self, bytes: usize, now: Instant) -> Option<Instant> {
        let rate = self.0.bytes_per_second.load(Ordering::Relaxed);
        if rate == 0 {
            return None;
        }
        let cost = Duration::from_secs_f64(bytes as f64 / rate as f64);
        let mut free_at = self.0.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        let next = free_at.map_or(now, |free_at| free_at.max(now)) + cost;
        *free_at = Some(next);
        (next > now + SHORTEST_WAIT).then_some(next)
    }
}

/// Where one body passes the limiter.
pub(crate) struct Gate {
    limiter: Limiter,
    rest: Bytes,
    wait: Option<Pin<Box<Sleep>>>,
    closed: bool,
}

impl Gate {
    pub(crate) fn new(limiter: Limiter) -> Self {
        Gate { limiter, rest: Bytes::new(), wait: None, closed: false }
    }

    /// Ready when the next piece may go.
    pub(crate) fn poll_open(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let (true, Some(wait)) = (self.closed, &mut self.wait) {
            ready!(wait.as_mut().poll(context));
            self.closed = false;
        }
        Poll::Ready(())
    }

    /// What is still here of the bytes that came in last.
    pub(crate) fn rest(&mut self) -> Option<Bytes> {
        let rest = std::mem::take(&mut self.rest);
        (!rest.is_empty()).then(|| self.pass(rest))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn held(&self) -> u64 {
        self.rest.len() as u64
    }

    /// Lets through as much of these bytes as may go at once, and keeps the rest.
    pub(crate) fn pass(&mut self, mut bytes: Bytes) -> Bytes {
        let piece = self.limiter.piece();
        if bytes.len() > piece {
            self.rest = bytes.split_off(piece);
        }
        if piece != usize::MAX
            && let Some(until) = self.limiter.take(bytes.len(), Instant::now())
        {
            self.closed = true;
            match &mut self.wait {
                Some(wait) => wait.as_mut().reset(until),
                None => self.wait = Some(Box::pin(tokio::time::sleep_until(until))),
            }
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_wait_for_all_that_went_before_them_whoever_sent_it() {
        let limiter = Limiter::new(Some(1000));
        let also = limiter.clone();
        let now = Instant::now();
        assert_eq!(limiter.take(500, now), Some(now + Duration::from_millis(500)));
        assert_eq!(also.take(500, now), Some(now + Duration::from_millis(1000)));
        let later = now + Duration::from_secs(5);
        assert_eq!(limiter.take(500, later), Some(later + Duration::from_millis(500)), "idle time is not saved up");
    }

    #[test]
    fn without_a_limit_nothing_is_cut_and_nothing_waits() {
        let mut gate = Gate::new(Limiter::default());
        let bytes = Bytes::from(vec![1; 1 << 20]);
        assert_eq!(gate.pass(bytes.clone()), bytes);
        assert!(gate.is_empty() && !gate.closed);
    }

    #[tokio::test]
    async fn a_large_chunk_passes_in_pieces_at_the_allowed_speed() {
        let mut gate = Gate::new(Limiter::new(Some(640 * 1024)));
        let start = Instant::now();
        let mut passed = gate.pass(Bytes::from(vec![1; 128 * 1024])).len();
        assert_eq!(passed, 80 * 1024);
        while passed < 128 * 1024 {
            std::future::poll_fn(|context| gate.poll_open(context)).await;
            passed += gate.rest().unwrap().len();
        }
        std::future::poll_fn(|context| gate.poll_open(context)).await;
        assert!(start.elapsed() >= Duration::from_millis(195), "{:?}", start.elapsed());
    }
}
