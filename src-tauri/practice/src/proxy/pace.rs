//! How fast a line is. Whoever moves bytes first takes a stretch of time for them; stretches follow each other, so
//! that many connections share one line fairly.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

#[derive(Default)]
pub(crate) struct Pace(Mutex<Line>);

#[derive(Default)]
struct Line {
    bytes_per_second: Option<u64>,
    free_at: Option<Instant>,
}

impl Pace {
    pub(crate) fn of(bytes_per_second: Option<u64>) -> Self {
        Self(Mutex::new(Line { bytes_per_second, free_at: None }))
    }

    pub(crate) fn set(&self, bytes_per_second: Option<u64>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Line { bytes_per_second, free_at: None };
    }

    /// How many bytes may be taken at once, so that they take about a twentieth of a second.
    pub(crate) fn step(&self) -> Option<usize> {
        let speed = self.0.lock().unwrap_or_else(PoisonError::into_inner).bytes_per_second?;
        Some(usize::try_from(speed / 20).unwrap_or(usize::MAX).max(1))
    }

    /// Returns when the line had time for so many bytes.
    pub(crate) async fn pass(&self, bytes: u64) {
        let Some(until) = self.book(bytes) else { return };
        tokio::time::sleep_until(until).await;
    }

    fn book(&self, bytes: u64) -> Option<Instant> {
        let mut line = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let speed = line.bytes_per_second?;
        let takes = Duration::from_secs_f64(bytes as f64 / speed.max(1) as f64);
        let now = Instant::now();
        let until = line.free_at.map_or(now, |free_at| free_at.max(now)) + takes;
        line.free_at = Some(until);
        Some(until)
    }
}
