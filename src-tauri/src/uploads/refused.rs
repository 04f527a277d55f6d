//! Files that never became transfers: a device, a link loop, a name that no store keeps, a folder that can't be read.

use super::Uploads;
use super::folders::Opened;
use satchel_core::Error;
use satchel_core::storage::Storage;
use satchel_core::transfers::{Group, Line, Snapshot};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::watch;

/// Numbers of refused files start here: the engine never counts that far.
pub(super) const FIRST_REFUSED: u64 = 1 << 40;

#[derive(Debug, Default, Clone)]
pub(super) struct Refusals {
    pub(super) revision: u64,
    ever: u64,
    pub(super) files: Vec<Arc<Refused>>,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) id: u64,
    pub(super) path: PathBuf,
    pub(super) storage: Storage,
    /// The folder of the place that it would have come into, under its own name.
    pub(super) folder: String,
    pub(super) error: Arc<Error>,
    /// The folder that it came with.
    pub(super) group: Option<Arc<Group>>,
}

/// What a walk left out, and into which folder of the place it would have come.
pub(super) struct LeftOut {
    pub(super) path: PathBuf,
    pub(super) into: String,
    pub(super) error: Error,
    pub(super) group: Option<Arc<Group>>,
}

impl Uploads {
    pub(super) fn refuse(&self, storage: &Storage, left_out: Vec<LeftOut>) {
        if left_out.is_empty() {
            return;
        }
        self.0.refused.send_modify(|refused| {
            refused.revision += 1;
            for LeftOut { path, into, error, group } in left_out {
                let id = FIRST_REFUSED + refused.ever;
                refused.ever += 1;
                let (storage, error) = (storage.clone(), Arc::new(error));
                refused.files.push(Arc::new(Refused { id, path, storage, folder: into, error, group }));
            }
        });
    }

    pub(super) fn take_refused(&self, wanted: impl Fn(&Refused) -> bool) -> Vec<Arc<Refused>> {
        let mut taken = Vec::new();
        self.0.refused.send_if_modified(|refused| {
            let (gone, kept) = std::mem::take(&mut refused.files).into_iter().partition(|file| wanted(file));
            (taken, refused.files) = (gone, kept);
            refused.revision += u64::from(!taken.is_empty());
            !taken.is_empty()
        });
        taken
    }

    /// How many of those that were refused since the first `told` still need the person, and how many there were ever.
    pub fn refused_since(&self, told: u64) -> (usize, u64) {
        let refused = self.0.refused.borrow();
        let later = refused.files.iter().filter(|file| file.id >= FIRST_REFUSED + told).count();
        (later, refused.ever)
    }
}

/// A line with those that were refused: they need the person like transfers that do.
pub fn with_refused(line: &Line, refused: usize) -> Line {
    Line { total: line.total + refused, needs_you: line.needs_you + refused, ..line.clone() }
}

/// News of transfers, of what was refused, and of which folders are open, for whoever tells about all of it.
pub struct News {
    pub(super) pictures: watch::Receiver<Arc<Snapshot>>,
    pub(super) refused: watch::Receiver<Refusals>,
    pub(super) opened: watch::Receiver<Opened>,
}

impl News {
    /// Waits for the next. False: there will be none any more.
    ///
    /// # Cancellation
    /// Nothing is lost.
    pub async fn next(&mut self) -> bool {
        let alive = tokio::select! {
            changed = self.pictures.changed() => changed.is_ok(),
            changed = self.refused.changed() => changed.is_ok(),
            changed = self.opened.changed() => changed.is_ok(),
        };
        self.pictures.mark_unchanged();
        self.refused.mark_unchanged();
        self.opened.mark_unchanged();
        alive
    }
}
