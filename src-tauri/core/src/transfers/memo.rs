//! What was written of a file that is coming in, on its way into the journal.
//!
//! What is read back is believed only as far as it fits together; whoever uses it compares the bytes with their sums.

use super::checksum::Crc;
use super::kept::{KeptPartial, KeptStretch, Note};
use super::ranges::Stretch;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// Notes what is written to one partial file. Noting it is what makes the file outlive its owner.
#[derive(Debug)]
pub(crate) struct Memo {
    note: Note,
    path: PathBuf,
    /// Without it two versions could not be told apart, so nothing is noted.
    etag: Option<String>,
    size: u64,
    begun: OnceCell<()>,
    worth_keeping: Arc<AtomicBool>,
    written: Mutex<Vec<KeptStretch>>,
}

impl Memo {
    /// `worth_keeping` says whether an earlier try has noted the file.
    pub(crate) fn new(
        note: &Note,
        path: PathBuf,
        etag: Option<String>,
        size: u64,
        worth_keeping: &Arc<AtomicBool>,
    ) -> Self {
        let begun = match worth_keeping.load(Ordering::Relaxed) {
            true => OnceCell::new_with(Some(())),
            false => OnceCell::new(),
        };
        let (note, worth_keeping) = (note.clone(), Arc::clone(worth_keeping));
        Memo { note, path, etag, size, begun, worth_keeping, written: Mutex::default() }
    }

    /// Whether the journal knows of the file.
    pub(crate) fn is_begun(&self) -> bool {
        self.begun.initialized()
    }

    /// These last bytes before `end` were written. Noted with the next `save`.
    pub(crate) fn wrote(&self, end: u64, crc: Crc) {
        if crc.length > 0 && self.etag.is_some() {
            let stretch = KeptStretch { start: end - crc.length, end, crc: crc.value };
            self.written.lock().unwrap_or_else(PoisonError::into_inner).push(stretch);
        }
    }

    /// Notes everything that was written.
    ///
    /// # Cancellation
    /// What was not noted is fetched again after a break.
    pub(crate) async fn save(&self) {
        let written = std::mem::take(&mut *self.written.lock().unwrap_or_else(PoisonError::into_inner));
        if written.is_empty() {
            return;
        }
        let begin = || async {
            self.note.partial(&self.path, self.etag.as_deref(), self.size).await;
            self.worth_keeping.store(true, Ordering::Relaxed);
        };
        self.begun.get_or_init(begin).await;
        for stretch in written {
            self.note.stretch(stretch).await;
        }
    }
}

impl KeptPartial {
    /// What may be kept, in order: nothing that overlaps or lies outside the file.
    pub(crate) fn in_order(&self) -> Vec<(Stretch, Crc)> {
        let mut all = self.stretches.clone();
        all.sort_unstable_by_key(|stretch| (stretch.start, stretch.end));
        let mut end_before = 0;
        all.retain(|KeptStretch { start, end, .. }| {
            let fits = *start >= end_before && start < end && *end <= self.size;
            if fits {
                end_before = *end;
            }
            fits
        });
        let crc = |stretch: KeptStretch| Crc { value: stretch.crc, length: stretch.end - stretch.start };
        all.into_iter().map(|kept| (Stretch { start: kept.start, end: kept.end }, crc(kept))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_fits_together_is_kept() {
        let stretches = [(20, 30, 3), (0, 10, 1), (5, 12, 2), (10, 10, 4), (30, 41, 5), (30, 40, 6)];
        let stretches = stretches.map(|(start, end, crc)| KeptStretch { start, end, crc }).to_vec();
        let kept = KeptPartial { path: PathBuf::new(), etag: None, size: 40, stretches };
        let usable = kept.in_order().into_iter().map(|(stretch, crc)| (stretch.start, stretch.end, crc.value));
        assert_eq!(usable.collect::<Vec<_>>(), [(0, 10, 1), (20, 30, 3), (30, 40, 6)]);
    }
}
