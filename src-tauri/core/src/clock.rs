//! What time it is, here and at the store.
//!
//! Links are signed with the store's time, because pre-signing switches the SDK's own correction off.

use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

/// How far this computer's clock is from the store's, measured from the store's answers.
#[derive(Debug, Default)]
pub struct ClockOffset(AtomicI64);

impl ClockOffset {
    /// Under this a difference is only the answer's way back and the `Date` header's whole seconds.
    const NOISE_SECONDS: i64 = 30;

    /// Learns from the `Date` header of an answer (RFC 9110) that has just come in.
    pub fn learn(&self, date_header: &str) {
        if let Some(offset) = offset_from(date_header, Timestamp::now()) {
            self.0.store(offset, Ordering::Relaxed);
        }
    }

    /// Store's time minus ours. Zero while the difference is noise.
    pub fn get(&self) -> SignedDuration {
        let seconds = self.0.load(Ordering::Relaxed);
        if seconds.abs() < Self::NOISE_SECONDS { SignedDuration::ZERO } else { SignedDuration::from_secs(seconds) }
    }

    /// The store's time now.
    pub fn store_now(&self) -> Timestamp {
        Timestamp::now().saturating_add(self.get()).unwrap_or_else(|_| Timestamp::now())
    }
}

/// Seconds from `now` to what the `Date` header says.
pub(crate) fn offset_from(date_header: &str, now: Timestamp) -> Option<i64> {
    let store = jiff::fmt::rfc2822::parse(date_header).ok()?.timestamp();
    Some(store.as_second() - now.as_second())
}

/// For the SDK, which counts in `SystemTime`.
pub(crate) fn to_system_time(timestamp: Timestamp) -> SystemTime {
    SystemTime::try_from(timestamp).unwrap_or(SystemTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_is_read_from_the_date_header() {
        let now: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        assert_eq!(offset_from("Mon, 23 Nov 2026 12:20:00 GMT", now), Some(1200));
        assert_eq!(offset_from("not a date", now), None);
    }
}
