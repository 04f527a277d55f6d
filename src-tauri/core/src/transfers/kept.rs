//! What is known of a transfer from before it was paused, or from an earlier life of the program.

use super::TransferId;
use super::checksum::{Crc, Md5Sum};
use super::journal::Journal;
use std::path::{Path, PathBuf};

/// All that is known of one transfer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept {
    /// The same for all tries of this transfer.
    pub(crate) token: String,
    /// The name under which it was being sent when both were to be kept.
    pub(crate) trying_name: Option<String>,
    /// It was tried before, and how that ended may not be known: the object may be there already.
    pub(crate) may_be_stored: bool,
    pub(crate) upload: Option<KeptUpload>,
    pub(crate) partial: Option<KeptPartial>,
}

impl Kept {
    /// How much of it was confirmed before.
    pub(crate) fn safe_bytes(&self) -> u64 {
        let sent = self.upload.iter().flat_map(|upload| &upload.parts).map(|part| part.crc.length);
        let saved = self.partial.iter().flat_map(|partial| &partial.stretches).map(|one| one.end - one.start);
        sent.chain(saved).sum()
    }
}

/// An unfinished upload that the store still has, unless it swept it.
#[derive(Debug, Clone)]
pub(crate) struct KeptUpload {
    pub(crate) key: String,
    pub(crate) upload: String,
    pub(crate) part_bytes: u64,
    /// What the file was like, as `Identity::text` says it.
    pub(crate) source: String,
    pub(crate) checksums: bool,
    pub(crate) parts: Vec<KeptPart>,
}

/// A part that the store has confirmed.
#[derive(Debug, Clone)]
pub(crate) struct KeptPart {
    pub(crate) number: u32,
    pub(crate) etag: String,
    pub(crate) crc: Crc,
    pub(crate) md5: Option<Md5Sum>,
    pub(crate) proven: bool,
}

/// A download that is not whole yet.
#[derive(Debug, Clone)]
pub(crate) struct KeptPartial {
    pub(crate) path: PathBuf,
    pub(crate) etag: Option<String>,
    pub(crate) size: u64,
    pub(crate) stretches: Vec<KeptStretch>,
}

/// What of it has been written, as far as the system keeps its word: whoever goes on compares the bytes with the sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeptStretch {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) crc: u64,
}

/// Where a job notes what has to be known if it does not come to its end. A note that can't be written is said in the
/// log and changes nothing else: it would only have saved time.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    journal: Journal,
    id: TransferId,
}

impl Note {
    pub(crate) fn new(journal: Journal, id: TransferId) -> Self {
        Note { journal, id }
    }

    /// Whether what is noted is there after this process.
    pub(crate) fn lasts(&self) -> bool {
        self.journal.lasts()
    }

    /// What is known from before; nothing if the journal can't be read.
    pub(crate) async fn kept(&self) -> Option<Kept> {
        self.journal.kept(self.id).await.ok()
    }

    /// The name that is tried now.
    pub(crate) async fn trying(&self, name: &str) {
        told(self.journal.note_name(self.id, name).await);
    }

    /// An upload was begun.
    pub(crate) async fn begun(&self, upload: KeptUpload) {
        told(self.journal.note_upload(self.id, upload).await);
    }

    /// One more part of it is there.
    pub(crate) async fn sent(&self, part: KeptPart) {
        told(self.journal.note_part(self.id, part).await);
    }

    /// The upload is no more: it became an object, or was taken back.
    pub(crate) async fn ended(&self, upload: &str) {
        told(self.journal.forget_upload(upload).await);
    }

    /// A partial file was begun.
    pub(crate) async fn partial(&self, path: &Path, etag: Option<&str>, size: u64) {
        told(self.journal.note_partial(self.id, path, etag, size).await);
    }

    /// One more stretch of it is there.
    pub(crate) async fn stretch(&self, stretch: KeptStretch) {
        told(self.journal.note_stretch(self.id, stretch).await);
    }

    /// The partial file is no more.
    pub(crate) async fn partial_ended(&self) {
        told(self.journal.forget_partial(self.id).await);
    }
}

fn told(result: crate::error::Result<()>) {
    if let Err(cause) = result {
        tracing::warn!(%cause, "what would save time after an interruption could not be noted");
    }
}
