//! The practice place's own clock. It may be set apart from the machine's, so that a test can see
//! what a client with a wrong clock sees.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use time::OffsetDateTime;

#[derive(Debug, Default)]
pub struct Clock {
    offset_millis: AtomicI64,
}

impl Clock {
    pub fn now(&self) -> OffsetDateTime {
        let offset = time::Duration::milliseconds(self.offset_millis.load(Ordering::Relaxed));
        OffsetDateTime::now_utc().saturating_add(offset)
    }

    pub fn now_millis(&self) -> i64 {
        i64::try_from(self.now().unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
    }

    /// The server runs ahead of the machine's clock by this much.
    pub fn run_ahead(&self, by: Duration) {
        self.offset_millis.store(millis(by), Ordering::Relaxed);
    }

    /// The server runs behind the machine's clock by this much.
    pub fn run_behind(&self, by: Duration) {
        self.offset_millis.store(-millis(by), Ordering::Relaxed);
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

/// A moment kept in the index, as a date.
pub fn from_millis(millis: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
