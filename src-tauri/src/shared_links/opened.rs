//! What is read of a place's links when it is opened: the person's own at once, everybody's and the keys in the background.

use super::SharedLinks;
use jiff::{SignedDuration, Timestamp};
use satchel_core::place::{Place, PlaceId};
use satchel_core::storage::Storage;
use satchel_core::{Code, Error, Result, links};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// So long a log that was read is as good as new, and one that may not be read is not asked for again.
const FRESH: Duration = Duration::from_secs(5 * 60);
/// After trouble that may be over.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(3);
/// How far back everybody's links are read.
const REACHES_BACK: SignedDuration = SignedDuration::from_hours(92 * 24);
/// The command line may have made links meanwhile.
const OWN_FRESH: Duration = Duration::from_secs(2);

impl SharedLinks {
    /// A folder of a place is opened: rows have the marks of the person's own links at once, the others by and by.
    pub async fn opened(&self, storage: &Storage) {
        if let Err(error) = self.load_once(&storage.place().id).await {
            tracing::warn!(%error, "the links made earlier can't be read");
        }
        let (known, storage) = (self.clone(), storage.clone());
        self.0.tasks.spawn(async move {
            // It is told where it is asked for; rows are drawn without them until then.
            let _ = known.load_if_old(&storage.place().id).await;
            known.read_keys(&storage).await;
            let _ = known.read_log(&storage).await;
            links::sweep_when_due(&storage, &known.0.ledger).await;
        });
    }

    pub(super) async fn load_once(&self, place: &PlaceId) -> Result<()> {
        if self.own_read_at(place).is_some() { Ok(()) } else { self.load(place).await }
    }

    pub(super) async fn load_if_old(&self, place: &PlaceId) -> Result<()> {
        match self.own_read_at(place) {
            Some(read_at) if read_at.elapsed() < OWN_FRESH => Ok(()),
            _ => self.load(place).await,
        }
    }

    fn own_read_at(&self, place: &PlaceId) -> Option<Instant> {
        self.0.places.read().unwrap_or_else(PoisonError::into_inner).get(place)?.read_at
    }

    /// Which links could be copied again.
    async fn read_keys(&self, storage: &Storage) {
        match links::fingerprints(storage).await {
            Ok(current) => self.change(&storage.place().id, |kept| kept.fingerprints = Some(current.into())),
            Err(error) => tracing::debug!(%error, "which links can be copied again is not known"),
        }
    }

    /// Reads the log of a place, unless that was done lately. Says why not all of it is known.
    pub(super) async fn read_log_of(&self, place: &Place) -> Option<Arc<Error>> {
        match self.0.practice.storage(place).await {
            Ok(storage) => self.read_log(&storage).await,
            Err(error) => Some(Arc::new(error)),
        }
    }

    async fn read_log(&self, storage: &Storage) -> Option<Arc<Error>> {
        let place = &storage.place().id;
        let reading = {
            let mut places = self.0.places.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(&places.entry(place.clone()).or_default().reading)
        };
        let _reading = reading.lock().await;
        if self.is_log_fresh(place) {
            return self.log_trouble(place);
        }
        let from = Timestamp::now().saturating_sub(REACHES_BACK).unwrap_or(Timestamp::UNIX_EPOCH);
        let read = links::read_records(storage, from, None).await;
        self.change(place, |kept| {
            kept.log.read_at = Some(Instant::now());
            match read {
                Ok(records) => (kept.log.records, kept.log.trouble) = (records, None),
                // What was read before is better than nothing, and is said to be not all.
                Err(error) => kept.log.trouble = Some(Arc::new(error)),
            }
        });
        self.log_trouble(place)
    }

    fn is_log_fresh(&self, place: &PlaceId) -> bool {
        let places = self.0.places.read().unwrap_or_else(PoisonError::into_inner);
        let Some(log) = places.get(place).map(|kept| &kept.log) else { return false };
        let lasts = match &log.trouble {
            Some(error) if error.code() != Code::ListDenied => TRY_AGAIN_AFTER,
            _ => FRESH,
        };
        log.read_at.is_some_and(|read_at| read_at.elapsed() < lasts)
    }

    pub(super) fn log_trouble(&self, place: &PlaceId) -> Option<Arc<Error>> {
        self.0.places.read().unwrap_or_else(PoisonError::into_inner).get(place)?.log.trouble.clone()
    }
}
