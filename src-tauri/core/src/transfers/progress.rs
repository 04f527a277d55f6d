//! How far a transfer is, counted as bytes are taken by the connection, and what that means for the overall line.
//!
//! A part that is sent again takes its bytes back first. The owner of the queue reads; jobs only add.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Speed is what happened in this time.
const SPEED_WINDOW: Duration = Duration::from_secs(5);
/// Before this a speed is a guess.
const ENOUGH_DATA: Duration = Duration::from_secs(2);

/// How far one transfer is.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    size: AtomicU64,
    moved: AtomicU64,
    checking: AtomicBool,
    confirmed: AtomicBool,
    stored: AtomicU64,
    /// What was safe when it was last looked at: shown until anything is counted.
    recalled: AtomicU64,
}

impl Progress {
    /// The store has kept so much more than before.
    pub(crate) fn stored(&self, bytes: u64) {
        self.stored.fetch_add(bytes, Ordering::Relaxed);
        self.confirm();
    }

    /// Whether anything new was kept in this try.
    pub(crate) fn has_stored(&self) -> bool {
        self.stored.load(Ordering::Relaxed) > 0
    }

    /// So much was safe the last time. It counts for nothing but the picture.
    pub(crate) fn recall(&self, bytes: u64) {
        self.recalled.store(bytes, Ordering::Relaxed);
    }

    /// Counts what was sent before and is still there.
    pub(crate) fn begin_at(&self, bytes: u64) {
        self.recall(0);
        self.moved.store(bytes, Ordering::Relaxed);
    }

    /// The store has answered yes to something: the line is up.
    pub(crate) fn confirm(&self) {
        self.confirmed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_confirmed(&self) -> bool {
        self.confirmed.load(Ordering::Relaxed)
    }

    pub(crate) fn set_size(&self, size: u64) {
        self.size.store(size, Ordering::Relaxed);
    }

    pub(crate) fn size(&self) -> u64 {
        self.size.load(Ordering::Relaxed)
    }

    /// What was taken by the connection, less than everything until it is confirmed.
    pub(crate) fn shown(&self) -> u64 {
        let bytes = self.moved.load(Ordering::Relaxed).max(self.recalled.load(Ordering::Relaxed));
        bytes.min(self.size().saturating_sub(1))
    }

    /// All bytes have gone; what arrived is being confirmed.
    pub(crate) fn set_checking(&self) {
        self.checking.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_checking(&self) -> bool {
        let size = self.size();
        self.checking.load(Ordering::Relaxed) || (size > 0 && self.moved.load(Ordering::Relaxed) >= size)
    }

    /// Starts from nothing.
    pub(crate) fn restart(&self) {
        self.moved.store(0, Ordering::Relaxed);
        self.checking.store(false, Ordering::Relaxed);
    }
}

/// How far one request is. Its bytes count for the transfer until they are taken back.
#[derive(Debug)]
pub(crate) struct PartProgress {
    whole: Arc<Progress>,
    moved: AtomicU64,
    over: AtomicBool,
}

impl PartProgress {
    pub(crate) fn new(whole: &Arc<Progress>) -> Arc<Self> {
        Arc::new(PartProgress { whole: Arc::clone(whole), moved: AtomicU64::new(0), over: AtomicBool::new(false) })
    }

    pub(crate) fn add(&self, bytes: u64) {
        // A connection may still take bytes of a request that nobody waits for any more.
        if self.over.load(Ordering::Relaxed) {
            return;
        }
        self.whole.recall(0);
        self.moved.fetch_add(bytes, Ordering::Relaxed);
        self.whole.moved.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Takes everything back that this request counted.
    pub(crate) fn rewind(&self) {
        let moved = self.moved.swap(0, Ordering::Relaxed);
        // Never below nothing, even if the transfer was started again meanwhile.
        let _ =
            self.whole.moved.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |all| Some(all.saturating_sub(moved)));
    }
}

/// A part on its way. Dropped before it has arrived, it takes back what it counted: that is not safe.
pub(crate) struct OnTheWay<'p>(pub(crate) &'p PartProgress);

impl OnTheWay<'_> {
    pub(crate) fn arrived(self) {
        self.0.moved.store(0, Ordering::Relaxed);
    }
}

impl Drop for OnTheWay<'_> {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::Relaxed);
        self.0.rewind();
    }
}

/// The speed of everything together, calm: over the last seconds, and only once there is something to say.
#[derive(Debug, Default)]
pub(crate) struct Speed {
    samples: VecDeque<(Instant, u64)>,
    since: Option<Instant>,
}

impl Speed {
    /// Notes how many bytes have gone in all, now.
    pub(crate) fn note(&mut self, now: Instant, bytes: u64) {
        self.since.get_or_insert(now);
        // What was taken back would be a speed below nothing.
        if self.samples.back().is_some_and(|(_, before)| bytes < *before) {
            self.samples.clear();
        }
        self.samples.push_back((now, bytes));
        while self.samples.front().is_some_and(|(at, _)| now.duration_since(*at) > SPEED_WINDOW) {
            self.samples.pop_front();
        }
    }

    pub(crate) fn forget(&mut self) {
        *self = Speed::default();
    }

    pub(crate) fn bytes_per_second(&self) -> Option<u64> {
        let ((first, before), (last, after)) = (self.samples.front()?, self.samples.back()?);
        let time = last.duration_since(*first).as_secs_f64();
        let long_enough = last.duration_since(self.since?) >= ENOUGH_DATA && time >= 1.0;
        long_enough.then(|| ((after - before) as f64 / time) as u64)
    }
}

/// A size as people write it.
pub(crate) fn size_text(bytes: u64) -> String {
    const STEPS: [&str; 6] = ["bytes", "KB", "MB", "GB", "TB", "PB"];
    let mut value = bytes as f64;
    let mut step = 0;
    while value >= 999.5 && step + 1 < STEPS.len() {
        value /= 1000.0;
        step += 1;
    }
    let unit = STEPS.get(step).copied().unwrap_or_default();
    if step == 0 || value >= 99.5 { format!("{value:.0} {unit}") } else { format!("{value:.1} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_is_dropped_on_the_way_counts_for_nothing_and_one_that_arrived_stays() {
        let progress = Arc::new(Progress::default());
        progress.set_size(100);
        let (first, second) = (PartProgress::new(&progress), PartProgress::new(&progress));
        let (arrives, is_dropped) = (OnTheWay(&first), OnTheWay(&second));
        first.add(40);
        second.add(30);
        arrives.arrived();
        drop(is_dropped);
        second.add(30);
        assert_eq!(progress.shown(), 40);
    }

    #[test]
    fn a_part_that_is_sent_again_goes_back_and_the_bar_never_says_everything() {
        let progress = Arc::new(Progress::default());
        progress.set_size(100);
        let part = PartProgress::new(&progress);
        part.add(60);
        assert_eq!(progress.shown(), 60);
        part.rewind();
        assert_eq!(progress.shown(), 0);
        part.add(100);
        assert_eq!(progress.shown(), 99);
        assert!(progress.is_checking());
    }

    #[test]
    fn a_speed_is_said_only_after_enough_time() {
        let mut speed = Speed::default();
        let start = Instant::now();
        speed.note(start, 0);
        speed.note(start + Duration::from_millis(500), 500);
        assert_eq!(speed.bytes_per_second(), None);
        speed.note(start + Duration::from_secs(3), 3000);
        assert_eq!(speed.bytes_per_second(), Some(1000));
    }

    #[test]
    fn sizes_are_written_as_people_write_them() {
        assert_eq!(size_text(7), "7 bytes");
        assert_eq!(size_text(1_500), "1.5 KB");
        assert_eq!(size_text(999_600), "1.0 MB");
        assert_eq!(size_text(150_000_000), "150 MB");
    }
}
