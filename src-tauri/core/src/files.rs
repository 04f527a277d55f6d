//! What is in a folder: entries, pages of them for the command line, and a live listing for the window.
//!
//! One listing request per page, never a request per row. The share folder never shows.

mod kind;
mod listing;
mod pages;
mod sort;

use crate::error::{Operation, Result};
use crate::names;
use crate::storage::Storage;
use jiff::Timestamp;

pub use kind::TypeGroup;
pub use listing::{Listing, ListingState, Window};
pub use pages::{Page, Pages};
pub use sort::SortBy;

/// A folder or a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    Folder,
    File,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Unique within its listing, and the same for as long as the listing lives.
    pub id: u64,
    /// The full name below the place; folders end with `/`.
    pub name: String,
    pub size_bytes: Option<u64>,
    pub changed_at: Option<Timestamp>,
    pub etag: Option<String>,
    kind: EntryKind,
}

impl Entry {
    pub(crate) fn folder(name: String) -> Self {
        Entry { id: 0, name, size_bytes: None, changed_at: None, etag: None, kind: EntryKind::Folder }
    }

    pub(crate) fn file(name: String, size_bytes: u64, changed_at: Option<Timestamp>, etag: Option<String>) -> Self {
        Entry { id: 0, name, size_bytes: Some(size_bytes), changed_at, etag, kind: EntryKind::File }
    }

    pub fn kind(&self) -> EntryKind {
        self.kind
    }

    /// The last part of the name.
    pub fn label(&self) -> &str {
        names::last_segment(&self.name)
    }

    /// At most four letters for the badge: `PDF`. Empty for folders.
    pub fn type_label(&self) -> String {
        match self.kind {
            EntryKind::Folder => String::new(),
            EntryKind::File => kind::label(self.label()),
        }
    }

    pub fn type_group(&self) -> TypeGroup {
        match self.kind {
            EntryKind::Folder => TypeGroup::Folder,
            EntryKind::File => TypeGroup::of(self.label()),
        }
    }

    /// Whether opening it on another computer would run something.
    pub fn is_program(&self) -> bool {
        self.type_group() == TypeGroup::Program
    }
}

/// The badge of a file name: `PDF`.
pub fn type_label(name: &str) -> String {
    kind::label(names::last_segment(name))
}

/// One file, asked for by name.
///
/// # Errors
/// `FileGone` when it isn't there, `ReadDenied` when the account may not read it, and what the connection says.
pub async fn stat(storage: &Storage, name: &str) -> Result<Entry> {
    let key = storage.place().key(name);
    let head = storage.call(Operation::Read, |client| client.head_object().bucket(storage.bucket()).key(&key).send());
    let head = head.await.map_err(|error| error.with("file", names::last_segment(name)))?;
    let size_bytes = head.content_length().and_then(|length| u64::try_from(length).ok()).unwrap_or_default();
    let etag = head.e_tag().map(str::to_owned);
    Ok(Entry::file(name.to_owned(), size_bytes, head.last_modified().and_then(timestamp), etag))
}

/// A store's time as ours.
pub(crate) fn timestamp(time: &aws_sdk_s3::primitives::DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).unwrap_or_default()).ok()
}
