//! Which files have links that still work, for their rows. From the ledger; holds no link.

use jiff::Timestamp;
use satchel_core::Result;
use satchel_core::ledger::Ledger;
use satchel_core::links::{self, Link, LinkMark};
use satchel_core::place::PlaceId;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;

type ByName = HashMap<String, LinkMark>;

/// The marks of the places that were opened. Cheap to clone.
#[derive(Clone)]
pub struct Marks(Arc<Shared>);

struct Shared {
    ledger: Ledger,
    by_place: RwLock<HashMap<PlaceId, ByName>>,
    changes: watch::Sender<u64>,
}

impl Marks {
    pub fn new(ledger: Ledger) -> Self {
        Marks(Arc::new(Shared { ledger, by_place: RwLock::default(), changes: watch::Sender::new(0) }))
    }

    /// Reads the marks of a place. Rows are drawn without them if the ledger can't be read.
    pub async fn load(&self, place: &PlaceId) {
        match links::working(&self.0.ledger, place).await {
            Ok(marks) => {
                self.0.by_place.write().unwrap_or_else(PoisonError::into_inner).insert(place.clone(), marks);
                self.0.changes.send_modify(|count| *count += 1);
            }
            Err(error) => tracing::warn!(%error, "the links made earlier can't be read"),
        }
    }

    /// Remembers a link that is on the clipboard now.
    ///
    /// # Errors
    /// `LedgerUnreadable`, `DiskFull`.
    pub async fn remember(&self, place: &PlaceId, link: &Link) -> Result<()> {
        links::remember(&self.0.ledger, place, link).await?;
        self.load(place).await;
        Ok(())
    }

    /// The mark of a file, if a link to it still works.
    pub fn of(&self, place: &PlaceId, name: &str) -> Option<LinkMark> {
        let by_place = self.0.by_place.read().unwrap_or_else(PoisonError::into_inner);
        by_place.get(place)?.get(name).copied().filter(|mark| mark.ends_at > Timestamp::now())
    }

    /// Grows with every change.
    pub fn revision(&self) -> u64 {
        *self.0.changes.borrow()
    }

    pub fn watch(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }
}
