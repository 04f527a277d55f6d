//! What a store turned out to be able to do. Learnt from its answers, never from its name.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Everything is believed possible until the store says that it is not.
#[derive(Debug)]
pub(crate) struct Capabilities {
    conditional_writes: AtomicBool,
    conditional_writes_are_sure: AtomicBool,
    unsure_writes: AtomicU32,
    checksums: AtomicBool,
}

impl Default for Capabilities {
    fn default() -> Self {
        Capabilities {
            conditional_writes: AtomicBool::new(true),
            conditional_writes_are_sure: AtomicBool::new(false),
            unsure_writes: AtomicU32::new(0),
            checksums: AtomicBool::new(true),
        }
    }
}

impl Capabilities {
    /// Whether `If-None-Match: *` keeps a name from being taken twice.
    pub(crate) fn conditional_writes(&self) -> bool {
        self.conditional_writes.load(Ordering::Relaxed)
    }

    pub(crate) fn lacks_conditional_writes(&self) {
        self.conditional_writes.store(false, Ordering::Relaxed);
    }

    /// Whether it is known that the condition is kept. Some stores take the header and write all the same.
    pub(crate) fn conditional_writes_are_sure(&self) -> bool {
        self.conditional_writes_are_sure.load(Ordering::Relaxed)
    }

    pub(crate) fn keeps_conditions(&self) {
        self.conditional_writes_are_sure.store(true, Ordering::Relaxed);
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
        self.checksums.store(false, Ordering::Relaxed);
    }
}
