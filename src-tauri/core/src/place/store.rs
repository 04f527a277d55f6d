//! The places of this computer: definitions in the ledger, keys in the password store, open connections in memory.

use super::{KeySource, Place, PlaceId};
use crate::credentials::KeyRooms;
use crate::error::{Code, Error, Operation, Result};
use crate::ledger::Ledger;
use crate::secrets::AccessKey;
use crate::storage::Storage;
use rusqlite::params;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

const DEFAULT_PLACE: &str = "default_place";

/// The saved places. Cheap to clone.
#[derive(Clone)]
pub struct Places {
    ledger: Ledger,
    rooms: KeyRooms,
    open: Arc<Mutex<HashMap<PlaceId, Storage>>>,
}

impl Places {
    pub fn new(ledger: Ledger, rooms: KeyRooms) -> Self {
        Places { ledger, rooms, open: Arc::default() }
    }

    /// All places, in the person's order.
    ///
    /// # Errors
    /// `LedgerUnreadable`.
    pub async fn all(&self) -> Result<Vec<Place>> {
        let definitions: Vec<String> = self
            .ledger
            .with(|connection| {
                let mut query = connection.prepare_cached("SELECT definition FROM places ORDER BY position, id")?;
                query.query_map([], |row| row.get(0))?.collect()
            })
            .await?;
        let read = definitions.iter().filter_map(|definition| match serde_json::from_str(definition) {
            Ok(place) => Some(place),
            Err(cause) => {
                tracing::warn!(%cause, "a saved place can't be read by this version");
                None
            }
        });
        Ok(read.collect())
    }

    /// A place by its id or by its name.
    ///
    /// # Errors
    /// `PlaceUnknown`, `LedgerUnreadable`.
    pub async fn find(&self, name_or_id: &str) -> Result<Place> {
        let all = self.all().await?;
        let by_id = all.iter().position(|place| place.id.as_str() == name_or_id);
        let found = by_id.or_else(|| all.iter().position(|place| place.name == name_or_id));
        match found.and_then(|index| all.into_iter().nth(index)) {
            Some(place) => Ok(place),
            None => Err(Error::new(Code::PlaceUnknown, Operation::Connect).with("place", name_or_id)),
        }
    }

    /// The default place, or the only one.
    ///
    /// # Errors
    /// `LedgerUnreadable`.
    pub async fn default_place(&self) -> Result<Option<Place>> {
        let chosen = self.ledger.setting(DEFAULT_PLACE).await?;
        let mut all = self.all().await?;
        let index = chosen.and_then(|id| all.iter().position(|place| place.id.as_str() == id));
        Ok(match index {
            Some(index) => Some(all.swap_remove(index)),
            None if all.len() == 1 => all.pop(),
            None => None,
        })
    }

    /// # Errors
    /// `LedgerUnreadable`.
    pub async fn set_default(&self, id: &PlaceId) -> Result<()> {
        self.ledger.set_setting(DEFAULT_PLACE, id.as_str()).await
    }

    /// Saves a place; its key goes first, into the password store.
    ///
    /// # Errors
    /// `PasswordStoreLocked`, `PasswordStoreMissing`: nothing is saved then. `LedgerUnreadable`.
    pub async fn save(&self, place: &Place, key: Option<AccessKey>) -> Result<()> {
        if let Some(key) = key {
            self.rooms.write(place, key).await?;
        }
        self.forget_storage(&place.id);
        let definition = serde_json::to_string(place)
            .map_err(|cause| Error::new(Code::LedgerUnreadable, Operation::Save).because(cause))?;
        let id = place.id.as_str().to_owned();
        let sql = "INSERT INTO places (id, position, definition) VALUES (?1, (SELECT COALESCE(MAX(position), 0) + 1 FROM places), ?2)
                   ON CONFLICT (id) DO UPDATE SET definition = excluded.definition";
        self.ledger.with(move |connection| connection.execute(sql, params![id, definition]).map(drop)).await
    }

    /// Removes a place and its key. Files in the storage stay as they are.
    ///
    /// # Errors
    /// `PlaceUnknown`, `PasswordStoreLocked`, `PasswordStoreMissing`, `LedgerUnreadable`.
    pub async fn remove(&self, id: &PlaceId) -> Result<()> {
        let place = self.find(id.as_str()).await?;
        self.rooms.remove(&place).await?;
        self.forget_storage(id);
        let id = id.as_str().to_owned();
        self.ledger
            .with(move |connection| {
                connection.execute("DELETE FROM links WHERE place = ?1", params![id])?;
                connection.execute("DELETE FROM places WHERE id = ?1", params![id]).map(drop)
            })
            .await
    }

    /// The connection to a place, opened on first use.
    ///
    /// # Errors
    /// As [`Storage::open`].
    pub async fn storage(&self, place: &Place) -> Result<Storage> {
        let known = self.open.lock().unwrap_or_else(PoisonError::into_inner).get(&place.id).cloned();
        if let Some(storage) = known.filter(|storage| storage.place() == place) {
            return Ok(storage);
        }
        let storage = Storage::open(place, &self.rooms).await?;
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(place.id.clone(), storage.clone());
        Ok(storage)
    }

    /// The same without asking for its keys: they are read when the first request needs them.
    ///
    /// # Errors
    /// `NotPrivate`.
    pub async fn storage_later(&self, place: &Place) -> Result<Storage> {
        let known = self.open.lock().unwrap_or_else(PoisonError::into_inner).get(&place.id).cloned();
        match known.filter(|storage| storage.place() == place) {
            Some(storage) => Ok(storage),
            None => Storage::open_later(place, &self.rooms).await,
        }
    }

    /// The keys of a place changed: the next use opens it afresh.
    pub fn forget_storage(&self, id: &PlaceId) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    /// Makes the running practice server a place. Its key stays in memory.
    ///
    /// # Errors
    /// `LedgerUnreadable`.
    pub async fn adopt_practice(&self, endpoint: &str, bucket: &str, region: &str, key: AccessKey) -> Result<Place> {
        let mut place = Place::new("Practice place", bucket, "", KeySource::Practice)?
            .with_endpoint(Some(endpoint))?
            .with_region(Some(region));
        place.id = PlaceId::from_text(PlaceId::PRACTICE);
        self.save(&place, Some(key)).await?;
        Ok(place)
    }
}
