//! Transfers: files on their way up or down, one queue for the whole process.
//!
//! A cheap handle to the task that owns the queue. Whoever watches gets pictures of it, never a lock.

mod attempts;
mod body;
mod checksum;
mod conflict;
mod content_type;
mod download;
mod entry;
mod group;
mod heap;
mod holds;
mod job;
mod journal;
mod kept;
mod lanes;
mod lease;
mod limits;
mod line;
mod memo;
mod multipart;
mod naming;
mod pace;
mod patience;
mod payload;
mod plan;
mod progress;
mod proof;
mod queue;
mod ranges;
mod request;
mod resumed;
mod source;
mod stop;
mod target;
mod tree;
mod upload;
mod waiters;
mod walk;
mod writers;

use crate::error::{Error, Result};
use crate::place::{Place, PlaceId};
use crate::storage::Storage;
use jiff::Timestamp;
use job::Work;
use queue::Command;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::task::TaskTracker;

pub(crate) use content_type::by_name_alone;
pub use group::{Group, GroupId};
pub use journal::{Answer, Journal, Noted, Record, Wish};
pub use limits::{FreeSpace, Limits};
pub use patience::Patience;
pub use tree::{FileBelow, FilesBelow, files_below};
pub use walk::{Found, Walk, Walked, walk};

/// How long everything may take to stop. What needs longer is found at the next start.
const SHUT_DOWN: Duration = Duration::from_millis(1900);
/// Commands that wait for the queue's owner before a caller waits.
const COMMANDS: usize = 64;

/// Names one transfer: on this computer, in every process, until it is forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TransferId(pub u64);

/// Which way the bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    Upload,
    Download,
}

/// What to do when the name is already used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnConflict {
    /// Wait for the person, with both sides' size and date.
    Ask,
    /// Use the next free numbered name.
    KeepBoth,
    /// Put the new file in the place of the old one.
    Replace,
    /// Leave this file out.
    Skip,
    /// Stop with `NameTaken` and no question.
    Fail,
}

/// A local file to be stored.
#[derive(Debug, Clone)]
pub struct Upload {
    pub storage: Storage,
    pub path: PathBuf,
    /// Full name below the place.
    pub name: String,
    pub on_conflict: OnConflict,
    /// The folder that it came with.
    pub group: Option<Arc<Group>>,
}

/// A stored file to be saved in a local folder, under its own name made safe for this computer.
#[derive(Debug, Clone)]
pub struct Download {
    pub storage: Storage,
    /// Full name below the place. With `/` at its end, and a place in the folder, a folder that has nothing in it.
    pub name: String,
    /// As the list of its folder says. Zero: nobody has looked.
    pub size_bytes: u64,
    /// The local folder. Made if it is not there.
    pub folder: PathBuf,
    /// Where in it the file comes, if not there under its own name: folders and file, with `/` between names that this
    /// computer can keep. Links in it are not followed.
    pub below: Option<String>,
    pub on_conflict: OnConflict,
    /// The folder that it came with.
    pub group: Option<Arc<Group>>,
}

/// Both sides of a name that is used twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// What has the name already.
    pub there_bytes: u64,
    pub there_changed_at: Option<Timestamp>,
    /// What would take it.
    pub yours_bytes: u64,
    pub yours_changed_at: Option<Timestamp>,
    /// The name that *Keep both* would use.
    pub keep_both_name: String,
}

/// A checksum of the whole file, as it was sent or received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checksum {
    /// `CRC64NVME`.
    pub algorithm: &'static str,
    /// Base64, as S3 writes it.
    pub value: String,
}

/// A transfer that came to its good end.
#[derive(Debug, Clone)]
pub struct Done {
    /// The name below the place; a numbered one if both were kept.
    pub name: String,
    pub path: PathBuf,
    pub size_bytes: u64,
    pub checksum: Option<Checksum>,
    pub seconds: f64,
}

/// Where a transfer is.
#[derive(Debug, Clone)]
pub enum State {
    Waiting,
    Moving,
    /// All bytes have gone; what arrived is being confirmed.
    Checking,
    /// Goes on by itself as soon as its place can be reached again. What was sent is kept.
    Held(Arc<Error>),
    /// Goes on when the person says so. What was sent is kept.
    Paused,
    Done,
    Stopped,
    Skipped,
    NeedsYou(Arc<Error>, Option<Box<Conflict>>),
}

impl State {
    /// Whether nothing more happens without a person.
    pub fn is_settled(&self) -> bool {
        matches!(self, State::Done | State::Stopped | State::Skipped | State::NeedsYou(..))
    }
}

/// One file on its way.
#[derive(Debug, Clone)]
pub struct Transfer {
    pub id: TransferId,
    pub direction: Direction,
    pub place: PlaceId,
    /// Below the place; the final one once stored.
    pub name: String,
    /// The local file; the final one once saved.
    pub path: PathBuf,
    pub size_bytes: u64,
    /// Never more than the size, and the size only once the file is confirmed. Goes back when something is sent again.
    pub done_bytes: u64,
    pub state: State,
    pub done: Option<Box<Done>>,
    /// Since it began to move.
    pub seconds: f64,
    /// Its own, calm; only while it moves.
    pub bytes_per_second: Option<u64>,
    pub seconds_left: Option<u64>,
    /// When it was done, stopped or skipped.
    pub finished_at: Option<Timestamp>,
    /// The folder that it came with.
    pub group: Option<Arc<Group>>,
}

/// All transfers in one line: what is under way since the queue was last empty.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// Everything but what was skipped.
    pub total: usize,
    /// How many of the total come down.
    pub downloads: usize,
    pub finished: usize,
    pub waiting: usize,
    pub running: usize,
    pub needs_you: usize,
    pub stopped: usize,
    pub paused: usize,
    /// Waiting for a place that can't be reached.
    pub held: usize,
    /// Why.
    pub holdup: Option<Arc<Error>>,
    pub done_bytes: u64,
    pub total_bytes: u64,
    pub bytes_per_second: Option<u64>,
    pub seconds_left: Option<u64>,
}

/// A picture of the queue.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Grows with every picture.
    pub revision: u64,
    pub line: Line,
    /// In order of addition.
    pub transfers: Vec<Arc<Transfer>>,
}

/// The queue of this process. Its transfers stop with the last clone.
#[derive(Clone)]
pub struct Transfers {
    commands: mpsc::Sender<Command>,
    pictures: watch::Receiver<Arc<Snapshot>>,
    owner: TaskTracker,
    journal: Journal,
}

impl std::fmt::Debug for Transfers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transfers").finish_non_exhaustive()
    }
}

impl Transfers {
    /// Starts a queue that is forgotten with its process. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// `LedgerUnreadable` when there is no memory for its journal.
    pub fn start(limits: Limits) -> Result<Transfers> {
        Ok(Transfers::start_with(limits, Journal::in_memory()?))
    }

    /// Starts the owner of the queue. Must be called inside a tokio runtime.
    pub fn start_with(limits: Limits, journal: Journal) -> Transfers {
        let (commands, received) = mpsc::channel(COMMANDS);
        let (publish, pictures) = watch::channel(Arc::new(Snapshot::default()));
        let owner = TaskTracker::new();
        owner.spawn(queue::Queue::new(limits, journal.clone(), publish).run(received));
        owner.close();
        Transfers { commands, pictures, owner, journal }
    }

    /// Takes over what ended processes left behind and `wanted` says yes to. `open` opens a place by what is known of it;
    /// what it can't open stays written down.
    ///
    /// # Errors
    /// `LedgerUnreadable`, `DiskFull`.
    ///
    /// # Cancellation
    /// Dropped early, what was taken over and is not in the queue yet is found by the next process.
    pub async fn restore<F>(
        &self,
        wanted: impl Fn(&Record) -> bool + Send + 'static,
        open: impl Fn(Place) -> F,
    ) -> Result<Vec<TransferId>>
    where
        F: Future<Output = Result<Storage>>,
    {
        let records = self.journal.adopt(wanted).await?;
        let mut opened: HashMap<PlaceId, Option<Storage>> = HashMap::new();
        let mut found = Vec::with_capacity(records.len());
        let mut left = Vec::new();
        for record in records {
            if !opened.contains_key(&record.place.id) {
                let storage = open(record.place.clone()).await;
                if let Err(cause) = &storage {
                    tracing::warn!(%cause, "a place with unfinished transfers can't be opened");
                }
                opened.insert(record.place.id.clone(), storage.ok());
            }
            if let Some(storage) = opened.get(&record.place.id).cloned().flatten() {
                let work = Work::recalled(&record, storage);
                found.push((record, work));
            } else {
                left.push(record.id);
            }
        }
        // Nobody can go on with them here. Somebody else may, or give them up.
        if !left.is_empty() {
            self.journal.let_go(left).await?;
        }
        Ok(self.ask(|reply| Command::Restore(found, reply)).await.unwrap_or_default())
    }

    /// Takes back what this computer began at the store and nobody will finish. Others' uploads are never touched.
    ///
    /// # Cancellation
    /// What is left is taken back the next time.
    pub async fn sweep<F>(&self, open: impl Fn(Place) -> F)
    where
        F: Future<Output = Result<Storage>>,
    {
        for stale in self.journal.stale_uploads().await.unwrap_or_default() {
            let Ok(storage) = open(stale.place.clone()).await else { continue };
            let object = request::Object { storage, key: stale.key };
            let unfinished = request::Unfinished { object, id: stale.upload.clone() };
            let swept = match multipart::aborted(&unfinished).await {
                Ok(_) => self.journal.forget_upload(&stale.upload).await,
                Err(cause) => Err(cause),
            };
            if let Err(cause) = swept {
                tracing::warn!(%cause, "an upload that nobody will finish is still there");
            }
        }
    }

    /// Adds files to be stored, in order. They show as `Waiting` before this returns.
    ///
    /// # Cancellation
    /// Dropped early, either all of them are in the queue or none is.
    pub async fn upload(&self, items: Vec<Upload>) -> Vec<TransferId> {
        let sized = source::sizes(items).await;
        self.ask(|reply| Command::Upload(sized, reply)).await.unwrap_or_default()
    }

    /// Adds files to be saved, in order. They show as `Waiting` before this returns.
    ///
    /// # Cancellation
    /// Dropped early, either all of them are in the queue or none is.
    pub async fn download(&self, items: Vec<Download>) -> Vec<TransferId> {
        self.ask(|reply| Command::Download(items, reply)).await.unwrap_or_default()
    }

    /// Pictures of the queue: at once when a state changes, at most ten a second otherwise.
    pub fn watch(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.pictures.clone()
    }

    /// Stops transfers. What moves shows `Stopped` (or `Done`, if it was) within a second, and leaves nothing behind.
    pub async fn cancel(&self, ids: &[TransferId]) {
        let ids = ids.to_vec();
        self.ask(|reply| Command::Cancel(Some(ids), reply)).await;
    }

    /// Lets transfers rest until they are resumed; without ids, all. What was sent is kept.
    pub async fn pause(&self, ids: Option<Vec<TransferId>>) {
        self.ask(|reply| Command::Pause(ids, reply)).await;
    }

    /// Goes on with what was paused, and looks at once whether places that can't be reached answer again.
    pub async fn resume(&self, ids: Option<Vec<TransferId>>) {
        self.ask(|reply| Command::Resume(ids, reply)).await;
    }

    /// Stops everything.
    pub async fn cancel_all(&self) {
        self.ask(|reply| Command::Cancel(None, reply)).await;
    }

    /// Tries again what was stopped or needs somebody, and with it all that wait for the same deed of the person.
    pub async fn retry(&self, ids: &[TransferId]) {
        let ids = ids.to_vec();
        self.ask(|reply| Command::Retry(ids, reply)).await;
    }

    /// Answers the question about a used name: `KeepBoth`, `Replace` or `Skip`.
    pub async fn decide(&self, ids: &[TransferId], choice: OnConflict) {
        let ids = ids.to_vec();
        self.ask(|reply| Command::Decide(ids, choice, reply)).await;
    }

    /// Forgets what is done, stopped or skipped; of a folder all of it together, once all of it is over.
    pub async fn clear(&self) {
        self.ask(Command::Clear).await;
    }

    /// Waits until each of these has settled once, and says how. Ids that are not known are left out.
    pub async fn settled(&self, ids: &[TransferId]) -> Vec<Arc<Transfer>> {
        let ids = ids.to_vec();
        self.ask(|reply| Command::Settled(ids, reply)).await.unwrap_or_default()
    }

    /// Ends the queue within two seconds, waiting for all that runs. What is not done is written down and goes on at the
    /// next start; in a queue that is forgotten with its process it is stopped. Nothing can be added afterwards.
    pub async fn shut_down(&self) {
        let all = async {
            self.ask(Command::ShutDown).await;
            self.owner.wait().await;
        };
        // Too late is no failure: the process ends, and with it every request.
        let _ = tokio::time::timeout(SHUT_DOWN + Duration::from_millis(50), all).await;
    }

    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(command(reply)).await.ok()?;
        answer.await.ok()
    }
}
