//! The links of the places that were opened: the person's own from the ledger, everybody's from the share folder's log. Rows
//! stay here; windows of them go over. Holds no link.

mod item;
mod opened;
mod upkeep;
mod window;

use crate::marks::{ByName, Marked, Marks};
use crate::practice::Practice;
use crate::state::Tasks;
use item::Item;
use jiff::Timestamp;
use satchel_core::ledger::Ledger;
use satchel_core::links::{self, Link, Record, Shared};
use satchel_core::place::PlaceId;
use satchel_core::storage::Storage;
use satchel_core::{Code, Error, Operation, Result};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;
use tokio::sync::watch;

pub use upkeep::{follow, recent};

/// All links that are known. Cheap to clone.
#[derive(Clone)]
pub struct SharedLinks(Arc<Inner>);

struct Inner {
    ledger: Ledger,
    practice: Practice,
    marks: Marks,
    tasks: Tasks,
    places: RwLock<HashMap<PlaceId, Kept>>,
    changes: watch::Sender<u64>,
}

/// What is known of one place.
#[derive(Default)]
struct Kept {
    mine: Arc<Vec<Arc<Item>>>,
    /// With those of colleagues, as far as they are known.
    everybody: Arc<Vec<Arc<Item>>>,
    read_at: Option<Instant>,
    log: Log,
    /// Of the keys that would sign now. `None` as long as nobody looked.
    fingerprints: Option<HashSet<String>>,
    /// Only one reads the log at a time; the others wait and find it read.
    reading: Arc<tokio::sync::Mutex<()>>,
}

/// The share folder's log as it was read last.
#[derive(Default)]
struct Log {
    records: Vec<Record>,
    read_at: Option<Instant>,
    trouble: Option<Arc<Error>>,
}

/// A link that was made earlier.
pub enum Earlier {
    Mine(Box<Shared>),
    /// By somebody else, or on another computer.
    Theirs(Box<Record>),
}

impl SharedLinks {
    pub fn new(ledger: Ledger, practice: Practice, marks: Marks, tasks: Tasks) -> Self {
        let (places, changes) = (RwLock::default(), watch::Sender::new(0));
        SharedLinks(Arc::new(Inner { ledger, practice, marks, tasks, places, changes }))
    }

    /// Grows with every change.
    pub fn revision(&self) -> u64 {
        *self.0.changes.borrow()
    }

    pub fn watch(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// Remembers a link that is handed over.
    ///
    /// # Errors
    /// `LedgerUnreadable`, `DiskFull`.
    pub async fn add(&self, storage: &Storage, link: &Link) -> Result<()> {
        let place = &storage.place().id;
        links::remember(&self.0.ledger, place, link).await?;
        self.change(place, |kept| {
            // Whoever signed it would sign now.
            if let Some(fingerprints) = &mut kept.fingerprints {
                fingerprints.insert(link.fingerprint.clone());
            }
        });
        self.load(place).await
    }

    /// Reads the person's own links of a place.
    ///
    /// # Errors
    /// `LedgerUnreadable`.
    pub async fn load(&self, place: &PlaceId) -> Result<()> {
        let mine = links::history(&self.0.ledger, place).await?;
        let mine: Vec<Arc<Item>> = mine.iter().map(|shared| Arc::new(Item::mine(shared))).collect();
        self.change(place, |kept| {
            kept.mine = Arc::new(mine);
            kept.read_at = Some(Instant::now());
        });
        Ok(())
    }

    /// A link by its id: the person's own, else one of a log that was read.
    ///
    /// # Errors
    /// `LinkUnknown`, `LedgerUnreadable`, and what opening its place says.
    pub async fn find(&self, id: &str) -> Result<(Storage, Earlier)> {
        let (place, earlier) = match links::find(&self.0.ledger, id).await {
            Ok(shared) if shared.id == id => (shared.place.clone(), Earlier::Mine(Box::new(shared))),
            Err(error) if error.code() != Code::LinkUnknown => return Err(error),
            _ => self.record(id).ok_or_else(|| Error::new(Code::LinkUnknown, Operation::Link).with("file", id))?,
        };
        let place = self.0.practice.places().find(place.as_str()).await?;
        Ok((self.0.practice.storage(&place).await?, earlier))
    }

    fn record(&self, id: &str) -> Option<(PlaceId, Earlier)> {
        let places = self.0.places.read().unwrap_or_else(PoisonError::into_inner);
        places.iter().find_map(|(place, kept)| {
            let record = kept.log.records.iter().find(|record| record.id == id)?;
            Some((place.clone(), Earlier::Theirs(Box::new(record.clone()))))
        })
    }

    /// Ends a link now, and proves it. Says what it was called.
    ///
    /// # Errors
    /// `LinkUnknown`, `NotStoppable`, `DeleteDenied`, `StopUnproven`, and what the connection says.
    ///
    /// # Cancellation
    /// It may be stopped or not; stopping again settles it.
    pub async fn stop(&self, id: &str) -> Result<String> {
        let (storage, earlier) = self.find(id).await?;
        let place = &storage.place().id;
        let name = match earlier {
            Earlier::Mine(shared) => {
                links::stop(&storage, &self.0.ledger, &shared).await?;
                crate::handover::label(&shared.name, shared.files)
            }
            Earlier::Theirs(record) => {
                links::stop_recorded(&storage, &self.0.ledger, &record).await?;
                crate::handover::label(&record.name, record.files)
            }
        };
        self.change(place, |kept| {
            if let Some(record) = kept.log.records.iter_mut().find(|record| record.id == id) {
                record.stopped.get_or_insert(links::Stopped { at: Timestamp::now(), who: String::new() });
            }
        });
        self.load(place).await?;
        Ok(name)
    }

    /// Changes the note of one of the person's own links. Empty is none.
    ///
    /// # Errors
    /// `LinkUnknown`, `LedgerUnreadable`, `DiskFull`.
    pub async fn set_note(&self, id: &str, note: &str) -> Result<()> {
        let shared = links::find(&self.0.ledger, id).await?;
        links::set_note(&self.0.ledger, &shared.id, note).await?;
        self.load(&shared.place).await
    }

    /// Takes one of the person's own links off the list.
    ///
    /// # Errors
    /// `LedgerUnreadable`, `DiskFull`.
    pub async fn forget(&self, shared: &Shared) -> Result<()> {
        links::forget(&self.0.ledger, &shared.id).await?;
        self.load(&shared.place).await
    }

    /// Changes what is known of a place, draws its list and its marks from that, and says so.
    fn change(&self, place: &PlaceId, how: impl FnOnce(&mut Kept)) {
        let mut places = self.0.places.write().unwrap_or_else(PoisonError::into_inner);
        let kept = places.entry(place.clone()).or_default();
        how(kept);
        kept.everybody = Arc::new(item::together(&kept.mine, &kept.log.records));
        let marks = marks_of(&kept.everybody, Timestamp::now());
        drop(places);
        self.0.marks.set(place, marks);
        self.0.changes.send_modify(|count| *count += 1);
    }
}

/// The working links of files, by the names of those. A page is no row.
fn marks_of(items: &[Arc<Item>], now: Timestamp) -> ByName {
    let mut marks = ByName::new();
    for item in items.iter().filter(|item| item.files <= 1 && item.works(now)) {
        let marked = Marked { ends_at: item.ends_at, direct: !item.stoppable };
        marks.entry(item.full_name.clone()).or_default().push(marked);
    }
    marks
}

#[cfg(test)]
mod tests;
