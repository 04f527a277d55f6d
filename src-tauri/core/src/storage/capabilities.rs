//! What a store turned out to be able to do. Learnt from its answers, never from its name.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Stores learn too: after so long they are asked again.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Everything is believed possible until the store says that it is not.
#[derive(Debug)]
pub(crate) struct Capabilities {
    conditional_writes: AtomicBool,
    conditional_writes_are_sure: AtomicBool,
    unsure_writes: AtomicU32,
    checksums: AtomicBool,
    /// Something was learnt that is not written down.
    news: AtomicBool,
    recalled: AtomicBool,
}

/// What is written down of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Learnt {
    conditional_writes: bool,
    sure: bool,
    checksums: bool,
    at: Timestamp,
}

impl Default for Capabilities {
    fn default() -> Self {
        Capabilities {
            conditional_writes: AtomicBool::new(true),
            conditional_writes_are_sure: AtomicBool::new(false),
            unsure_writes: AtomicU32::new(0),
            checksums: AtomicBool::new(true),
            news: AtomicBool::new(false),
            recalled: AtomicBool::new(false),
        }
    }
}

impl Capabilities {
    /// Whether `If-None-Match: *` keeps a name from being taken twice.
    pub(crate) fn conditional_writes(&self) -> bool {
        self.conditional_writes.load(Ordering::Relaxed)
    }

    pub(crate) fn lacks_conditional_writes(&self) {
        self.learn(&self.conditional_writes, false);
    }

    /// Whether it is known that the condition is kept. Some stores take the header and write all the same.
    pub(crate) fn conditional_writes_are_sure(&self) -> bool {
        self.conditional_writes_are_sure.load(Ordering::Relaxed)
    }

    pub(crate) fn keeps_conditions(&self) {
        self.learn(&self.conditional_writes_are_sure, true);
    }

    /// Whether it is time to find out. A single file is not worth it; among many it saves a question for each.
    pub(crate) fn wants_to_be_sure(&self) -> bool {
        const UNSURE_WRITES: u32 = 3;
        self.unsure_writes.fetch_add(1, Ordering::Relaxed) + 1 == UNSURE_WRITES
    }

    /// Whether CRC64NVME is taken and answered.
    pub(crate) fn checksums(&self) -> bool {
        self.checksums.load(Ordering::Relaxed)
    }

    pub(crate) fn lacks_checksums(&self) {
        self.learn(&self.checksums, false);
    }

    fn learn(&self, what: &AtomicBool, value: bool) {
        if what.swap(value, Ordering::Relaxed) != value {
            self.news.store(true, Ordering::Relaxed);
        }
    }

    /// What has been learnt since this was asked last, to be written down.
    pub(crate) fn news(&self, now: Timestamp) -> Option<String> {
        if !self.news.swap(false, Ordering::Relaxed) {
            return None;
        }
        let learnt = Learnt {
            conditional_writes: self.conditional_writes(),
            sure: self.conditional_writes_are_sure(),
            checksums: self.checksums(),
            at: now,
        };
        serde_json::to_string(&learnt).ok()
    }

    /// Whether what was written down has yet to be read. Says yes once.
    pub(crate) fn wants_recall(&self) -> bool {
        !self.recalled.swap(true, Ordering::Relaxed)
    }

    /// Believes what was written down, unless it is too old to be.
    pub(crate) fn recall(&self, text: &str, now: Timestamp) {
        let Ok(learnt) = serde_json::from_str::<Learnt>(text) else { return };
        if now.duration_since(learnt.at) > REMEMBERED {
            return;
        }
        self.conditional_writes.store(learnt.conditional_writes, Ordering::Relaxed);
        self.checksums.store(learnt.checksums, Ordering::Relaxed);
        if learnt.sure {
            self.conditional_writes_are_sure.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_learnt_is_told_once_and_believed_for_a_month() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let able = Capabilities::default();
        assert_eq!(able.news(now), None);
        able.lacks_checksums();
        able.keeps_conditions();
        let text = able.news(now).unwrap();
        assert_eq!(able.news(now), None);
        let other = Capabilities::default();
        other.recall(&text, now + SignedDuration::from_hours(29 * 24));
        assert!(!other.checksums() && other.conditional_writes() && other.conditional_writes_are_sure());
        let late = Capabilities::default();
        late.recall(&text, now + SignedDuration::from_hours(31 * 24));
        assert!(late.checksums());
    }
}
