//! Uploads as the page sees them: the engine's transfers, the folders that some came with, and beside them the files that
//! could not even be begun.

mod causes;
mod deeds;
mod folders;
mod late;
mod order;
mod picture;
mod question;
mod refused;

use crate::marks::Marks;
use crate::problems::Problems;
use deeds::engine_ids;
use folders::Opened;
use late::Late;
use order::{Order, Ordered};
use question::Questions;
use refused::{LeftOut, Refusals};
use satchel_core::place::{Place, PlaceId};
use satchel_core::storage::Storage;
use satchel_core::summary;
use satchel_core::transfers::{
    self, Direction, Download, Found, Group, Line, OnConflict, Record, Snapshot, State, TransferId, Transfers, Upload,
};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use refused::{News, with_refused};

/// All uploads. Cheap to clone.
#[derive(Clone)]
pub struct Uploads(Arc<Shared>);

struct Shared {
    transfers: Transfers,
    problems: Problems,
    marks: Marks,
    places: RwLock<HashMap<PlaceId, Place>>,
    refused: watch::Sender<Refusals>,
    questions: Questions,
    ordered: Ordered,
    opened: watch::Sender<Opened>,
    late: Late,
    /// Ends the looking for files to upload.
    looking: RwLock<CancellationToken>,
}

impl Uploads {
    pub fn new(transfers: Transfers, problems: Problems, marks: Marks) -> Self {
        Uploads(Arc::new(Shared {
            transfers,
            problems,
            marks,
            places: RwLock::default(),
            refused: watch::Sender::default(),
            questions: Questions::default(),
            ordered: Ordered::default(),
            opened: watch::Sender::default(),
            late: Late::default(),
            looking: RwLock::default(),
        }))
    }

    /// Stores files and folders of this computer in a folder of a place, sending while it still looks for the rest. Says
    /// how many files that are. When everything is cancelled, it looks no further.
    ///
    /// # Cancellation
    /// Dropped early, what was found so far is in the queue.
    pub async fn start(&self, storage: &Storage, folder: &str, paths: Vec<PathBuf>) -> usize {
        self.look(storage, folder, paths, None).await
    }

    /// `again` is the folder that these were left out of before.
    async fn look(&self, storage: &Storage, folder: &str, paths: Vec<PathBuf>, again: Option<&Arc<Group>>) -> usize {
        self.know(storage.place());
        let looking = self.0.looking.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut walked = transfers::walk(paths, folder);
        let mut count = 0;
        while let Some(Some(batch)) = looking.run_until_cancelled(walked.next()).await {
            count += batch.len();
            let (mut items, mut left_out) = (Vec::with_capacity(batch.len()), Vec::new());
            for found in batch {
                let group = again.or(found.group()).cloned();
                if self.0.late.is_stopped(group.as_ref()) {
                    continue;
                }
                let into = if let Found::Problem { into, .. } = &found { into.clone() } else { String::new() };
                match Upload::of(found, storage, OnConflict::Ask) {
                    Ok(upload) => items.push(Upload { group, ..upload }),
                    Err((path, error)) => left_out.push(LeftOut { path, into, error, group }),
                }
            }
            self.refuse(storage, left_out);
            let groups: Vec<_> = items.iter().map(|item| item.group.as_ref().map(|group| group.id)).collect();
            let ids = self.0.transfers.upload(items).await;
            self.0.late.fulfil(&self.0.transfers, &ids, &groups).await;
            // They may have come to the queue after everything in it was cancelled.
            if looking.is_cancelled() {
                self.0.transfers.cancel(&ids).await;
            }
        }
        count
    }

    /// Stores files in the share folder, each under its full name below the place, and waits for the end of all.
    pub async fn store_privately(
        &self,
        storage: &Storage,
        files: Vec<(PathBuf, String)>,
    ) -> Vec<Arc<transfers::Transfer>> {
        self.know(storage.place());
        let upload = |(path, name)| {
            let (storage, on_conflict) = (storage.clone(), OnConflict::Fail);
            Upload { storage, path, name, on_conflict, group: None }
        };
        let ids = self.0.transfers.upload(files.into_iter().map(upload).collect()).await;
        self.0.transfers.settled(&ids).await
    }

    fn know(&self, place: &Place) {
        self.0.places.write().unwrap_or_else(PoisonError::into_inner).insert(place.id.clone(), place.clone());
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

    /// Saves stored files on this computer. False: the person wants no more of the folder that they are in.
    pub async fn download(&self, items: Vec<Download>) -> bool {
        let wanted = |item: &Download| !self.0.late.is_stopped(item.group.as_ref());
        if items.iter().any(|item| !wanted(item)) {
            return false;
        }
        if let Some(first) = items.first() {
            self.know(first.storage.place());
        }
        let groups: Vec<_> = items.iter().map(|item| item.group.as_ref().map(|group| group.id)).collect();
        let ids = self.0.transfers.download(items).await;
        self.0.late.fulfil(&self.0.transfers, &ids, &groups).await;
        true
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

    /// Where the file of a transfer, or the folder, is on this computer.
    pub fn local_path(&self, id: u64) -> Option<PathBuf> {
        if let Some(folder) = self.order().folder(id) {
            return Some(folder.group.path.clone());
        }
        let snapshot = self.snapshot();
        snapshot.transfers.iter().find(|transfer| transfer.id == TransferId(id)).map(|found| found.path.clone())
    }

    /// Links that work and open the file itself that an upload would replace. Others open private copies, which stay.
    fn working_links(&self, transfer: &transfers::Transfer) -> u32 {
        if transfer.direction == Direction::Download {
            return 0;
        }
        self.0.marks.of(&transfer.place, &transfer.name).map_or(0, |mark| mark.direct)
    }

    /// Forgets what is over. What was refused needs the person, and is hidden one by one.
    pub async fn clear(&self) {
        self.0.transfers.clear().await;
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

    /// All of them in one line, with what could not even be begun.
    fn line(&self) -> Line {
        with_refused(&self.snapshot().line, self.0.refused.borrow().files.len())
    }

    /// All of them in one sentence, for window, tray and notifications.
    pub fn sentence(&self) -> String {
        summary::sentence(&self.line())
    }

    /// Whether something waits for a decision.
    pub fn needs_the_person(&self) -> bool {
        self.line().needs_you > 0
    }

    /// Whether a name is in the share folder of its place: quick uploads say their own news.
    pub fn is_private(&self, transfer: &transfers::Transfer) -> bool {
        let places = self.0.places.read().unwrap_or_else(PoisonError::into_inner);
        places.get(&transfer.place).is_some_and(|place| place.is_in_share_folder(&transfer.name))
    }

    fn order(&self) -> Arc<Order> {
        let (refused, opened) = (self.0.refused.borrow().clone(), self.0.opened.borrow().clone());
        self.0.ordered.of(self.snapshot(), &refused, &opened)
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        self.0.transfers.watch().borrow().clone()
    }

    /// The engine's pictures.
    pub fn watch(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.0.transfers.watch()
    }

    /// The engine's pictures, and what could not be begun.
    pub fn news(&self) -> News {
        News { pictures: self.watch(), refused: self.0.refused.subscribe(), opened: self.0.opened.subscribe() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use satchel_core::place::KeySource;
    use satchel_core::secrets::AccessKey;

    /// Uploads to a place that nobody answers for.
    pub(super) async fn unreachable() -> (Uploads, Storage) {
        let mut place = Place::new("Office", "office", "", KeySource::ThisSession).unwrap();
        place.endpoint = Some("http://127.0.0.1:9".to_owned());
        let storage = Storage::open_with(&place, &AccessKey::pasted("a", "b")).await.unwrap();
        let transfers = Transfers::start(transfers::Limits::default()).unwrap();
        (Uploads::new(transfers, Problems::default(), Marks::default()), storage)
    }

    pub(super) fn refused_ids(uploads: &Uploads) -> Vec<u64> {
        uploads.0.refused.borrow().files.iter().map(|file| file.id).collect()
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_file_that_was_left_out_is_tried_again_in_the_folder_it_was_meant_for() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("a/sub");
        std::fs::create_dir_all(&below).unwrap();
        std::os::unix::fs::symlink("nowhere", below.join("later")).unwrap();
        let (uploads, storage) = unreachable().await;
        assert_eq!(uploads.start(&storage, "press", vec![folder.path().join("a")]).await, 1);
        std::fs::remove_file(below.join("later")).unwrap();
        std::fs::write(below.join("later"), "a").unwrap();
        uploads.retry(&refused_ids(&uploads)).await;
        let names: Vec<_> = uploads.snapshot().transfers.iter().map(|transfer| transfer.name.clone()).collect();
        assert_eq!(names, ["press/a/sub/later"]);
        assert!(refused_ids(&uploads).is_empty());
    }

    #[tokio::test]
    async fn what_could_not_be_begun_is_in_the_sentence_and_stays_when_what_is_finished_is_cleared() {
        let state = tempfile::tempdir().unwrap();
        let (uploads, storage) = unreachable().await;
        let mut news = uploads.news();
        uploads.start(&storage, "press", vec![state.path().join("nothing"), state.path().join("none")]).await;
        assert!(news.next().await, "the window, the tray and the notifications hear of it");
        assert_eq!((uploads.sentence().as_str(), uploads.needs_the_person()), ("2 need you", true));
        assert_eq!(uploads.draw().line.sentence, uploads.sentence());
        uploads.clear().await;
        assert_eq!(uploads.sentence(), "2 need you");
        let (first, ever) = uploads.refused_since(1);
        assert_eq!((first, ever), (1, 2));
        uploads.cancel(&refused_ids(&uploads)).await;
        assert_eq!(uploads.sentence(), "");
    }

    #[tokio::test]
    async fn what_would_be_found_after_everything_was_cancelled_is_not_sent() {
        const COUNT: usize = 1_000;
        let folder = tempfile::tempdir().unwrap();
        for number in 0..COUNT {
            std::fs::write(folder.path().join(number.to_string()), "a").unwrap();
        }
        let (uploads, storage) = unreachable().await;
        let paths = vec![folder.path().to_owned()];
        let (found, ()) = tokio::join!(uploads.start(&storage, "", paths), uploads.cancel(&[]));
        assert!(found < COUNT, "it looked on: {found}");
        let rests = |picture: &Arc<Snapshot>| picture.line.waiting + picture.line.running + picture.line.held == 0;
        uploads.watch().wait_for(rests).await.unwrap();
    }
}
