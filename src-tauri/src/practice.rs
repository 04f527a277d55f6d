//! The practice place: an S3 server inside this process, started when somebody goes there, and the way to every place.

use satchel_core::place::Place;
use satchel_core::place::store::Places;
use satchel_core::secrets::AccessKey;
use satchel_core::storage::{Limiter, Storage};
use satchel_core::{Code, Error, Operation, Result};
use satchel_practice::{Practice as Server, PracticeOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::OnceCell;

const FOLDER: &str = "practice";

/// The practice server, if it runs, and all places. Cheap to clone.
#[derive(Clone)]
pub struct Practice(Arc<Shared>);

struct Shared {
    folder: PathBuf,
    places: Places,
    limiter: Limiter,
    running: OnceCell<Running>,
}

struct Running {
    place: Place,
    _server: Server,
}

impl Practice {
    /// All places pass the limiter.
    pub fn new(state_dir: &Path, places: Places, limiter: Limiter) -> Self {
        Practice(Arc::new(Shared { folder: state_dir.join(FOLDER), places, limiter, running: OnceCell::new() }))
    }

    pub fn places(&self) -> &Places {
        &self.0.places
    }

    /// Starts the practice server, if it does not run yet, and makes it a place.
    ///
    /// # Errors
    /// `PracticeUnavailable`, `LedgerUnreadable`.
    ///
    /// # Cancellation
    /// Dropped early, the server stops again.
    pub async fn open(&self) -> Result<Place> {
        Ok(self.0.running.get_or_try_init(|| self.start()).await?.place.clone())
    }

    async fn start(&self) -> Result<Running> {
        let unavailable = |cause| Error::new(Code::PracticeUnavailable, Operation::Connect).because(cause);
        let server = Server::start(PracticeOptions::for_folder(&self.0.folder)).await.map_err(unavailable)?;
        let identity = server.identity();
        let key = AccessKey::pasted(&identity.access_key_id, &identity.secret_access_key);
        let place = self.0.places.adopt_practice(&server.endpoint(), server.bucket(), server.region(), key).await?;
        Ok(Running { place, _server: server })
    }

    /// The connection to a place. Starts the practice server where the place is that.
    ///
    /// # Errors
    /// As [`Places::storage`], and `PracticeUnavailable`.
    pub async fn storage(&self, place: &Place) -> Result<Storage> {
        let storage = match place.is_practice() {
            true => self.0.places.storage(&self.open().await?).await?,
            false => self.0.places.storage(place).await?,
        };
        storage.limit_speed(&self.0.limiter);
        Ok(storage)
    }

    /// The same without asking for keys: they are read when the first request needs them.
    ///
    /// # Errors
    /// `PracticeUnavailable`, `NotPrivate`.
    pub async fn storage_later(&self, place: &Place) -> Result<Storage> {
        if place.is_practice() {
            return self.storage(place).await;
        }
        let storage = self.0.places.storage_later(place).await?;
        storage.limit_speed(&self.0.limiter);
        Ok(storage)
    }
}
