//! Which bodies are being read. A body that is deleted meanwhile goes when its last reader has.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Debug, Default)]
struct Held {
    readers: usize,
    doomed: Option<PathBuf>,
}

#[derive(Debug, Clone, Default)]
pub struct Leases {
    held: Arc<Mutex<HashMap<String, Held>>>,
}

/// Keeps bodies on the disk while it lives.
#[derive(Debug)]
pub struct Lease {
    names: Vec<String>,
    leases: Leases,
}

impl Leases {
    pub fn take(&self, names: Vec<String>) -> Lease {
        let mut held = self.held();
        for name in &names {
            held.entry(name.clone()).or_default().readers += 1;
        }
        drop(held);
        Lease { names, leases: self.clone() }
    }

    /// True if the body may go now; else its last reader will see to it.
    pub fn may_remove(&self, name: &str, path: PathBuf) -> bool {
        match self.held().get_mut(name) {
            Some(held) => {
                held.doomed = Some(path);
                false
            }
            None => true,
        }
    }

    fn held(&self) -> MutexGuard<'_, HashMap<String, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut held = self.leases.held();
        for name in &self.names {
            let Some(entry) = held.get_mut(name) else { continue };
            entry.readers = entry.readers.saturating_sub(1);
            if entry.readers > 0 {
                continue;
            }
            if let Some(path) = held.remove(name).and_then(|entry| entry.doomed) {
                // What cannot be removed is found again by nobody and costs only its room.
                let _ = std::fs::remove_file(path);
            }
        }
    }
}
