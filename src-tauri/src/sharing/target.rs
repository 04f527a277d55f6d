//! What a link is to open, from the numbers and ids that the page knows.

use super::Sharing;
use crate::handover;
use crate::messages;
use crate::shared_links::Earlier;
use crate::wire::links::LinkTarget;
use satchel_core::files::{Entry, EntryKind};
use satchel_core::links::{self, Known, PageFile, Shared};
use satchel_core::storage::Storage;
use satchel_core::{Code, Error, Operation, Result, names};
use std::sync::Arc;

/// Where it is, and what.
pub(super) struct Target {
    pub storage: Storage,
    pub what: What,
}

pub(super) enum What {
    File {
        /// The full name below the place.
        name: String,
        known: Option<Known>,
    },
    /// Rows of a folder: several, or one that is a folder itself.
    Rows(Vec<Arc<Entry>>),
    /// What an earlier link opens.
    Earlier(Box<Shared>),
}

impl Sharing {
    pub(super) async fn find(&self, target: &LinkTarget) -> Result<Target> {
        match target {
            LinkTarget::Row { listing, row } => self.find_rows(*listing, std::slice::from_ref(row)),
            LinkTarget::Rows { listing, rows } => self.find_rows(*listing, rows),
            LinkTarget::Transfer { id } => {
                let (place, transfer) = self.uploads.find_stored(*id).ok_or_else(gone)?;
                let place = self.practice.places().find(place.as_str()).await?;
                let storage = self.practice.storage(&place).await?;
                Ok(Target { storage, what: What::File { name: transfer.name.clone(), known: None } })
            }
            LinkTarget::Link { id } => {
                let (storage, earlier) = self.links.find(id).await?;
                let shared = match earlier {
                    Earlier::Mine(shared) => shared,
                    Earlier::Theirs(record) => Box::new(of_record(&storage, &record)),
                };
                Ok(Target { storage, what: What::Earlier(shared) })
            }
        }
    }

    fn find_rows(&self, listing: u32, rows: &[u64]) -> Result<Target> {
        let open = self.listings.find(listing)?;
        let storage = open.listing.storage().clone();
        let entries: Option<Vec<Arc<Entry>>> = rows.iter().map(|row| open.listing.entry(*row)).collect();
        // One that went meanwhile is said, not left out.
        let entries = entries.filter(|entries| !entries.is_empty()).ok_or_else(gone)?;
        let what = match entries.as_slice() {
            [file] if file.kind() == EntryKind::File => What::File { name: file.name.clone(), known: known(file) },
            _ => What::Rows(entries),
        };
        Ok(Target { storage, what })
    }
}

impl What {
    /// What the sheet calls it.
    pub fn label(&self) -> String {
        match self {
            What::File { name, .. } => handover::label(name, 1),
            What::Rows(entries) => title(entries, entries.len()),
            What::Earlier(shared) => handover::label(&shared.name, shared.files),
        }
    }

    pub fn size_bytes(&self) -> u64 {
        match self {
            What::File { known, .. } => known.as_ref().map_or(0, |known| known.size_bytes),
            What::Rows(entries) => entries.iter().filter_map(|entry| entry.size_bytes).sum(),
            What::Earlier(shared) => shared.size_bytes.unwrap_or_default(),
        }
    }

    /// How many files the link opens; 0 where only reading folders tells.
    pub fn files(&self) -> u32 {
        match self {
            What::File { .. } => 1,
            What::Rows(entries) if entries.iter().any(|entry| entry.kind() == EntryKind::Folder) => 0,
            What::Rows(entries) => u32::try_from(entries.len()).unwrap_or(u32::MAX),
            What::Earlier(shared) => shared.files,
        }
    }

    /// The name of the one file that a link opens. None of a page.
    pub fn file(&self) -> Option<&str> {
        match self {
            What::File { name, .. } => Some(name),
            What::Rows(_) => None,
            What::Earlier(shared) => (shared.files <= 1).then_some(shared.name.as_str()),
        }
    }
}

/// All files of these rows, folders with all that is in them, and the title of their page.
pub(super) async fn page_of(storage: &Storage, entries: &[Arc<Entry>]) -> Result<(String, Vec<PageFile>)> {
    let mut files = Vec::new();
    for entry in entries {
        match entry.kind() {
            EntryKind::Folder => files.extend(links::files_of_folder(storage, &entry.name).await?),
            EntryKind::File => files.push(PageFile {
                name: entry.name.clone(),
                label: entry.label().to_owned(),
                size_bytes: entry.size_bytes.unwrap_or_default(),
            }),
        }
    }
    Ok((title(entries, files.len()), files))
}

fn title(entries: &[Arc<Entry>], files: usize) -> String {
    match entries {
        [one] => names::last_segment(one.name.trim_end_matches('/')).to_owned(),
        _ => several(files),
    }
}

/// “3 files”.
pub fn several(files: usize) -> String {
    messages::filled("shell.page.title", &[("count", &files.to_string())])
}

fn known(entry: &Entry) -> Option<Known> {
    entry.size_bytes.map(|size_bytes| Known { size_bytes, etag: entry.etag.clone() })
}

/// What a colleague shared, as if it had been shared here: without what signed it.
fn of_record(storage: &Storage, record: &links::Record) -> Shared {
    Shared {
        id: record.id.clone(),
        place: storage.place().id.clone(),
        name: record.name.clone(),
        made_at: record.made_at,
        ends_at: record.ends_at,
        ends_because: links::EndsBecause::Unknown,
        stoppable: record.stoppable,
        recorded: true,
        files: record.files,
        size_bytes: None,
        etag: None,
        note: None,
        stopped_at: record.stopped.as_ref().map(|stopped| stopped.at),
        // What the link opens may still be there when the file is not.
        recipe: Some(links::Recipe {
            key_name: record.opens.clone(),
            signed_from: record.made_at,
            lasts: std::time::Duration::ZERO,
            disposition: None,
            content_type: None,
        }),
        fingerprint: None,
    }
}

fn gone() -> Error {
    Error::new(Code::FileGone, Operation::Link)
}
