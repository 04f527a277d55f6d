//! One transfer from start to end: how often it is tried, and what it came to.
//!
//! Requests repeat themselves. Here only what needs the whole file again is repeated, a bounded number of times.

use super::attempts::Attempts;
use super::checksum::Crc;
use super::group::Group;
use super::journal::Record;
use super::kept::{Kept, Note};
use super::limits::Shared;
use super::patience::{passes, waits_for_the_person};
use super::progress::Progress;
use super::source::Identity;
use super::stop::{Stop, Why};
use super::{Conflict, Direction, Done, Download, OnConflict, Upload, conflict, download, upload};
use crate::error::{Code, Error, Operation, Result};
use crate::storage::Storage;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How often a file is sent or fetched when it arrives damaged.
const TRIES_WHEN_DAMAGED: u32 = 3;

/// What is to be done.
#[derive(Debug, Clone)]
pub(crate) enum Work {
    Upload(Upload),
    Download(Download),
}

impl Work {
    pub(crate) fn storage(&self) -> &Storage {
        match self {
            Work::Upload(upload) => &upload.storage,
            Work::Download(download) => &download.storage,
        }
    }

    /// The folder that it came with.
    pub(crate) fn group(&self) -> Option<&Arc<Group>> {
        match self {
            Work::Upload(upload) => upload.group.as_ref(),
            Work::Download(download) => download.group.as_ref(),
        }
    }

    /// What a record says, for a place that is open.
    pub(crate) fn recalled(record: &Record, storage: Storage) -> Self {
        let (name, on_conflict, group) = (record.name.clone(), record.on_conflict, record.group.clone());
        match record.direction {
            Direction::Upload => Work::Upload(Upload { storage, path: record.path.clone(), name, on_conflict, group }),
            Direction::Download => {
                let size_bytes = record.size_bytes;
                let below = Some(record.below.clone()).filter(|below| !below.is_empty());
                Work::Download(Download {
                    storage,
                    size_bytes,
                    folder: record.path.clone(),
                    below,
                    name,
                    on_conflict,
                    group,
                })
            }
        }
    }

    pub(crate) fn decide(&mut self, choice: OnConflict) {
        match self {
            Work::Upload(upload) => upload.on_conflict = choice,
            Work::Download(download) => download.on_conflict = choice,
        }
    }
}

/// What a job came to.
#[derive(Debug)]
pub(crate) enum Outcome {
    Done(Done),
    Skipped,
    /// What was begun is kept or gone, as the reason wanted it.
    Stopped(Why),
    /// Goes on by itself when the trouble has passed; what was sent is kept.
    Held(Arc<Error>),
    NeedsYou(Arc<Error>, Option<Conflict>),
}

/// What a job works with.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) progress: Arc<Progress>,
    pub(crate) stop: Stop,
    pub(crate) shared: Arc<Shared>,
    pub(crate) note: Note,
    /// The transfer's token, whatever becomes of its row in the journal.
    pub(crate) token: String,
    /// It was never tried: there is nothing to look up.
    pub(crate) fresh: bool,
    /// An earlier process had it last, and may have come to the end without being able to say so.
    pub(crate) restored: bool,
    /// The keys were refused before.
    pub(crate) renew_keys: bool,
}

/// What a transfer must still know when it is tried again.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) kept: Kept,
    /// An object that is under our token but not whole.
    pub(crate) damaged: Option<super::request::Object>,
}

impl Memory {
    /// The token of this state of the file: the same as long as the file is, in this process and the next.
    pub(crate) fn token(&self, identity: Identity) -> String {
        let mark = Crc::of(identity.text().as_bytes()).value;
        format!("{}-{mark:016x}", self.kept.token)
    }
}

impl Job {
    /// Does one transfer.
    ///
    /// # Cancellation
    /// Dropped early it leaves what the journal knows of. Stopped by its token it cleans up first, or keeps what the
    /// reason wants kept.
    pub(crate) async fn run(self, work: Work) -> Outcome {
        if self.renew_keys {
            let renewing = async {
                work.storage().renew_keys().await;
                Ok(())
            };
            if self.stoppable(Operation::Connect, renewing).await.is_err() {
                return self.stopped();
            }
        }
        let mut memory = Memory { kept: self.kept(true).await, damaged: None };
        let (mut damaged, mut changed, mut lost) = (0, 0, 0);
        loop {
            self.progress.restart();
            self.progress.recall(memory.kept.safe_bytes());
            let result = match &work {
                Work::Upload(upload) => upload::run(&self, upload, &mut memory).await,
                Work::Download(download) => download::run(&self, download, &memory.kept).await,
            };
            let error = match result {
                Ok(outcome) => return outcome,
                Err(error) => error,
            };
            if error.is_cancelled() || self.stop.is_stopped() {
                return self.stopped();
            }
            let (tries, most) = match error.code() {
                Code::Damaged => (&mut damaged, TRIES_WHEN_DAMAGED),
                Code::FileChanging => (&mut changed, 2),
                Code::UploadLost => (&mut lost, 2),
                code if passes(code) => return Outcome::Held(Arc::new(error)),
                _ => return Outcome::NeedsYou(Arc::new(error), None),
            };
            *tries += 1;
            if *tries >= most {
                if let Some(object) = memory.damaged.take() {
                    // A name must not hold half a file. Where deleting is not allowed the error stands all the same.
                    let _ = super::request::delete(&object).await;
                }
                return Outcome::NeedsYou(Arc::new(error), None);
            }
            let wait = self.shared.limits.patience.wait(*tries - 1);
            if self.pause(wait).await.is_err() {
                return self.stopped();
            }
            memory.kept = self.kept(false).await;
        }
    }

    /// What is known from before. A journal that can't be read knows nothing but that it was tried.
    async fn kept(&self, first: bool) -> Kept {
        let known = match self.fresh && first {
            true => Kept::default(),
            false => self.note.kept().await.unwrap_or_else(|| Kept { may_be_stored: true, ..Kept::default() }),
        };
        Kept { token: self.token.clone(), ..known }
    }

    pub(crate) fn stopped(&self) -> Outcome {
        Outcome::Stopped(self.stop.why().unwrap_or(Why::Cancel))
    }

    /// Whether an unfinished upload, or half a download, is worth keeping after this.
    pub(crate) fn keeps_what_was_begun(&self, error: &Error) -> bool {
        match self.stop.why() {
            Some(Why::Cancel) => false,
            Some(Why::Pause) => true,
            Some(Why::Quit) => self.note.lasts(),
            None => passes(error.code()) || waits_for_the_person(error.code()),
        }
    }

    /// Waits, unless the transfer is stopped.
    pub(crate) async fn pause(&self, wait: Duration) -> Result<()> {
        let wait = async {
            tokio::time::sleep(wait).await;
            Ok(())
        };
        self.stoppable(Operation::Upload, wait).await
    }

    /// Does one request until it is answered, or its troubles have lasted too long for one transfer alone.
    pub(crate) async fn patiently<T, F>(&self, operation: Operation, mut request: impl FnMut() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut attempts = Attempts::new(&self.shared);
        loop {
            match self.stoppable(operation, request()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => self.stoppable(operation, attempts.after(error)).await?,
            }
        }
    }

    /// Does something until it is done or the transfer is stopped.
    pub(crate) async fn stoppable<T>(&self, operation: Operation, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            () = self.stop.stopped() => Err(Error::cancelled(operation)),
            result = work => result,
        }
    }

    /// As `stoppable`, but an answer that is nearly here is waited for: what happened is better known than guessed.
    pub(crate) async fn stoppable_late<T>(
        &self,
        grace: impl FnOnce() -> Duration,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        tokio::pin!(work);
        tokio::select! {
            biased;
            result = &mut work => return result,
            () = self.stop.stopped() => {}
        }
        match tokio::time::timeout(grace(), work).await {
            Ok(result) => result,
            Err(_) => Err(Error::cancelled(Operation::Upload)),
        }
    }

    /// Does many things, a few at once. The first that goes wrong ends them all.
    ///
    /// # Cancellation
    /// All of them are dropped and have ended when this returns.
    pub(crate) async fn together<T, F>(&self, operation: Operation, works: impl Iterator<Item = F>) -> Result<Vec<T>>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let mut works = works.fuse();
        let mut running = JoinSet::new();
        let mut done = Vec::new();
        loop {
            while running.len() < self.shared.limits.parts_per_file.max(1) {
                let Some(work) = works.next() else { break };
                running.spawn(work);
            }
            let next = self.stoppable(operation, async {
                match running.join_next().await {
                    None => Ok(None),
                    Some(Ok(result)) => result.map(Some),
                    Some(Err(cause)) => Err(Error::new(Code::Unknown, operation).because(cause)),
                }
            });
            match next.await {
                Ok(Some(result)) => done.push(result),
                Ok(None) => return Ok(done),
                Err(error) => {
                    running.shutdown().await;
                    return Err(error);
                }
            }
        }
    }
}

/// The question about a name that is used, or the bare fact if nobody wants to be asked.
pub(crate) fn name_taken(
    error: Error,
    there: Option<conflict::There>,
    yours: conflict::There,
    keep_both_name: String,
) -> Outcome {
    let there = there.unwrap_or_default();
    let conflict = Conflict {
        there_bytes: there.bytes,
        there_changed_at: there.changed_at,
        yours_bytes: yours.bytes,
        yours_changed_at: yours.changed_at,
        keep_both_name,
    };
    Outcome::NeedsYou(Arc::new(error), Some(conflict))
}
