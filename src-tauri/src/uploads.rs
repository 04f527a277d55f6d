//! Uploads as the page sees them: the engine's transfers, and beside them the files that could not even be begun.

mod causes;
mod order;
mod picture;

use crate::marks::Marks;
use crate::problems::Problems;
use crate::wire::transfers::ConflictChoice;
use order::{Order, Ordered};
use satchel_core::Error;
use satchel_core::place::{Place, PlaceId};
use satchel_core::storage::Storage;
use satchel_core::summary;
use satchel_core::transfers::{self, Download, OnConflict, Record, Snapshot, State, TransferId, Transfers, Upload};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Numbers of refused files start here: the engine never counts that far.
const FIRST_REFUSED: u64 = 1 << 40;

/// All uploads. Cheap to clone.
#[derive(Clone)]
pub struct Uploads(Arc<Shared>);

struct Shared {
    transfers: Transfers,
    problems: Problems,
    marks: Marks,
    places: RwLock<HashMap<PlaceId, Place>>,
    refused: watch::Sender<Refusals>,
    ordered: Ordered,
    /// Ends the looking for files to upload.
    looking: RwLock<CancellationToken>,
}

#[derive(Default, Clone)]
struct Refusals {
    revision: u64,
    ever: u64,
    files: Vec<Arc<Refused>>,
}

/// A file that never became a transfer: a device, a link loop, a name that no store keeps.
struct Refused {
    id: u64,
    path: PathBuf,
    storage: Storage,
    folder: String,
    error: Arc<Error>,
}

impl Uploads {
    pub fn new(transfers: Transfers, problems: Problems, marks: Marks) -> Self {
        let (places, refused) = (RwLock::default(), watch::Sender::default());
        let (ordered, looking) = (Ordered::default(), RwLock::default());
        Uploads(Arc::new(Shared { transfers, problems, marks, places, refused, ordered, looking }))
    }

    /// Stores files and folders of this computer in a folder of a place, sending while it still looks for the rest. Says
    /// how many files that are. When everything is cancelled, it looks no further.
    ///
    /// # Cancellation
    /// Dropped early, what was found so far is in the queue.
    pub async fn start(&self, storage: &Storage, folder: &str, paths: Vec<PathBuf>) -> usize {
        self.know(storage.place());
        let looking = self.0.looking.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut walked = transfers::walk(paths, folder);
        let mut count = 0;
        while let Some(Some(batch)) = looking.run_until_cancelled(walked.next()).await {
            count += batch.len();
            let (mut items, mut problems) = (Vec::with_capacity(batch.len()), Vec::new());
            for found in batch {
                match Upload::of(found, storage, OnConflict::Ask) {
                    Ok(upload) => items.push(upload),
                    Err(problem) => problems.push(problem),
                }
            }
            self.refuse(storage, folder, problems);
            let ids = self.0.transfers.upload(items).await;
            // They may have come to the queue after everything in it was cancelled.
            if looking.is_cancelled() {
                self.0.transfers.cancel(&ids).await;
            }
        }
        count
    }

    /// Stores one file in the share folder and waits for its end.
    pub async fn store_privately(
        &self,
        storage: &Storage,
        path: PathBuf,
        name: String,
    ) -> Option<Arc<transfers::Transfer>> {
        self.know(storage.place());
        let upload = Upload { storage: storage.clone(), path, name, on_conflict: OnConflict::Fail };
        let ids = self.0.transfers.upload(vec![upload]).await;
        self.0.transfers.settled(&ids).await.pop()
    }

    fn know(&self, place: &Place) {
        self.0.places.write().unwrap_or_else(PoisonError::into_inner).insert(place.id.clone(), place.clone());
    }

    fn refuse(&self, storage: &Storage, folder: &str, problems: Vec<(PathBuf, Error)>) {
        if problems.is_empty() {
            return;
        }
        self.0.refused.send_modify(|refused| {
            refused.revision += 1;
            for (path, error) in problems {
                let id = FIRST_REFUSED + refused.ever;
                refused.ever += 1;
                let (storage, folder, error) = (storage.clone(), folder.to_owned(), Arc::new(error));
                refused.files.push(Arc::new(Refused { id, path, storage, folder, error }));
            }
        });
    }

    /// Stops these; without ids, all.
    pub async fn cancel(&self, ids: &[u64]) {
        if ids.is_empty() {
            std::mem::take(&mut *self.0.looking.write().unwrap_or_else(PoisonError::into_inner)).cancel();
            self.take_refused(|_| true);
            self.0.transfers.cancel_all().await;
            return;
        }
        self.take_refused(|file| ids.contains(&file.id));
        self.0.transfers.cancel(&engine_ids(ids)).await;
    }

    /// Lets these rest; without ids, all.
    pub async fn pause(&self, ids: &[u64]) {
        self.0.transfers.pause(some_or_all(ids)).await;
    }

    /// Lets these go on; without ids, all, and looks at once whether what can't be reached answers again.
    pub async fn resume(&self, ids: &[u64]) {
        self.0.transfers.resume(some_or_all(ids)).await;
    }

    /// Looks at once whether places that can't be reached answer again, and waits until they do, for a while. What was
    /// paused stays paused.
    ///
    /// # Cancellation
    /// Dropped early, it is looked for all the same.
    pub async fn try_held_now(&self) {
        const LONGEST: Duration = Duration::from_secs(3);
        let mut one_of_each: HashMap<PlaceId, TransferId> = HashMap::new();
        for transfer in &self.snapshot().transfers {
            if matches!(transfer.state, State::Held(_)) {
                one_of_each.entry(transfer.place.clone()).or_insert(transfer.id);
            }
        }
        let looking: Vec<TransferId> = one_of_each.into_values().collect();
        self.0.transfers.retry(&looking).await;
        let mut pictures = self.0.transfers.watch();
        let reached = pictures.wait_for(|picture| picture.line.held == 0);
        // Not yet: they wait on, as before.
        let _ = tokio::time::timeout(LONGEST, reached).await;
    }

    /// Saves stored files on this computer.
    pub async fn download(&self, items: Vec<Download>) {
        if let Some(first) = items.first() {
            self.know(first.storage.place());
        }
        self.0.transfers.download(items).await;
    }

    /// Goes on with what an earlier start of the app left, and takes back what nobody will finish.
    pub async fn restore<F>(&self, open: impl Fn(Place) -> F)
    where
        F: Future<Output = satchel_core::Result<Storage>>,
    {
        let known = |place: Place| {
            let opening = open(place);
            async {
                let storage = opening.await?;
                self.know(storage.place());
                Ok(storage)
            }
        };
        // What a command of the terminal left behind goes on there: its keys are not ours.
        let ours = |record: &Record| !record.place.is_of_one_call();
        if let Err(cause) = self.0.transfers.restore(ours, known).await {
            tracing::warn!(%cause, "what was interrupted can't be read");
        }
        self.0.transfers.sweep(open).await;
    }

    /// Where the file of a transfer is on this computer.
    pub fn local_path(&self, id: u64) -> Option<PathBuf> {
        let snapshot = self.snapshot();
        snapshot.transfers.iter().find(|transfer| transfer.id == TransferId(id)).map(|found| found.path.clone())
    }

    /// Links that work and open the file that an upload would replace.
    fn working_links(&self, transfer: &transfers::Transfer) -> u32 {
        self.0.marks.of(&transfer.place, &transfer.name).map_or(0, |mark| mark.count)
    }

    /// Tries these again.
    pub async fn retry(&self, ids: &[u64]) {
        for file in self.take_refused(|file| ids.contains(&file.id)) {
            self.start(&file.storage, &file.folder, vec![file.path.clone()]).await;
        }
        self.0.transfers.retry(&engine_ids(ids)).await;
    }

    /// Answers the question about a name that is taken.
    pub async fn decide(&self, ids: &[u64], choice: ConflictChoice) {
        let choice = match choice {
            ConflictChoice::KeepBoth => OnConflict::KeepBoth,
            ConflictChoice::Replace => OnConflict::Replace,
            ConflictChoice::Skip => OnConflict::Skip,
        };
        self.0.transfers.decide(&engine_ids(ids), choice).await;
    }

    /// Forgets what is over.
    pub async fn clear(&self) {
        self.take_refused(|_| true);
        self.0.transfers.clear().await;
    }

    fn take_refused(&self, wanted: impl Fn(&Refused) -> bool) -> Vec<Arc<Refused>> {
        let mut taken = Vec::new();
        self.0.refused.send_if_modified(|refused| {
            let (gone, kept) = std::mem::take(&mut refused.files).into_iter().partition(|file| wanted(file));
            (taken, refused.files) = (gone, kept);
            refused.revision += u64::from(!taken.is_empty());
            !taken.is_empty()
        });
        taken
    }

    /// A stored file by the number of its transfer: its place and its name below it.
    pub fn find_stored(&self, id: u64) -> Option<(PlaceId, Arc<transfers::Transfer>)> {
        let snapshot = self.snapshot();
        let found = snapshot.transfers.iter().find(|transfer| transfer.id == TransferId(id))?;
        matches!(found.state, State::Done).then(|| (found.place.clone(), Arc::clone(found)))
    }

    /// Whether anything waits or moves.
    pub fn is_moving(&self) -> bool {
        let line = &self.snapshot().line;
        line.waiting + line.running + line.held > 0
    }

    /// All of them in one sentence, as the window's bar and the command line say it.
    pub fn sentence(&self) -> String {
        summary::sentence(&self.snapshot().line)
    }

    /// Whether something waits for a decision.
    pub fn needs_the_person(&self) -> bool {
        self.snapshot().line.needs_you > 0 || !self.0.refused.borrow().files.is_empty()
    }

    /// Whether a name is in the share folder of its place: quick uploads say their own news.
    pub fn is_private(&self, transfer: &transfers::Transfer) -> bool {
        let places = self.0.places.read().unwrap_or_else(PoisonError::into_inner);
        places.get(&transfer.place).is_some_and(|place| place.is_in_share_folder(&transfer.name))
    }

    fn order(&self) -> Arc<Order> {
        self.0.ordered.of(self.snapshot())
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        self.0.transfers.watch().borrow().clone()
    }

    /// The engine's pictures.
    pub fn watch(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.0.transfers.watch()
    }

    /// Waits for the next file that could not be begun, or was forgotten.
    pub fn watch_refused(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut changes = self.0.refused.subscribe();
        async move {
            let _ = changes.changed().await;
        }
    }
}

fn some_or_all(ids: &[u64]) -> Option<Vec<TransferId>> {
    (!ids.is_empty()).then(|| engine_ids(ids))
}

fn engine_ids(ids: &[u64]) -> Vec<TransferId> {
    ids.iter().copied().filter(|id| *id < FIRST_REFUSED).map(TransferId).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use satchel_core::ledger::Ledger;
    use satchel_core::place::KeySource;
    use satchel_core::secrets::AccessKey;

    #[test]
    fn numbers_of_refused_files_never_reach_the_engine() {
        assert_eq!(engine_ids(&[1, FIRST_REFUSED, 2]), [TransferId(1), TransferId(2)]);
    }

    #[tokio::test]
    async fn what_would_be_found_after_everything_was_cancelled_is_not_sent() {
        const COUNT: usize = 1_000;
        let (state, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for number in 0..COUNT {
            std::fs::write(folder.path().join(number.to_string()), "a").unwrap();
        }
        let mut place = Place::new("Office", "office", "", KeySource::ThisSession).unwrap();
        place.endpoint = Some("http://127.0.0.1:9".to_owned());
        let storage = Storage::open_with(&place, &AccessKey::pasted("a", "b")).await.unwrap();
        let marks = Marks::new(Ledger::open(state.path()).await.unwrap());
        let transfers = Transfers::start(transfers::Limits::default()).unwrap();
        let uploads = Uploads::new(transfers, Problems::default(), marks);
        let paths = vec![folder.path().to_owned()];
        let (found, ()) = tokio::join!(uploads.start(&storage, "", paths), uploads.cancel(&[]));
        assert!(found < COUNT, "it looked on: {found}");
        let rests = |picture: &Arc<Snapshot>| picture.line.waiting + picture.line.running + picture.line.held == 0;
        uploads.watch().wait_for(rests).await.unwrap();
    }
}
