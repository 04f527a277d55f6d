//! What a store turned out to be able to do. Learnt from its answers, never from its name.

use std::sync::atomic::{AtomicBool, Ordering};

/// Everything is believed possible until the store says that it is not.
#[derive(Debug)]
pub(crate) struct Capabilities {
    conditional_writes: AtomicBool,
    checksums: AtomicBool,
}

impl Default for Capabilities {
    fn default() -> Self {
        Capabilities { conditional_writes: AtomicBool::new(true), checksums: AtomicBool::new(true) }
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

    /// Whether CRC64NVME is taken and answered.
    pub(crate) fn checksums(&self) -> bool {
        self.checksums.load(Ordering::Relaxed)
    }

    pub(crate) fn lacks_checksums(&self) {
        self.checksums.store(false, Ordering::Relaxed);
    }
}
