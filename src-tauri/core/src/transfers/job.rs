//! One transfer from start to end: how often it is tried, and what it came to.
//!
//! Requests repeat themselves. Here only what needs the whole file again is repeated, a bounded number of times.

use super::limits::Shared;
use super::progress::Progress;
use super::source::Identity;
use super::{Conflict, Done, Download, OnConflict, Upload, conflict, download, upload};
use crate::error::{Code, Error, Operation, Result};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How often a file is sent or fetched when it arrives damaged.
const TRIES_WHEN_DAMAGED: u32 = 3;
/// The first wait before a file is tried again; doubles.
const FIRST_WAIT: Duration = Duration::from_millis(150);

/// What is to be done.
#[derive(Debug, Clone)]
pub(crate) enum Work {
    Upload(Upload),
    Download(Download),
}

impl Work {
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
    Stopped,
    NeedsYou(Arc<Error>, Option<Conflict>),
}

/// What a job works with.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) progress: Arc<Progress>,
    pub(crate) stop: CancellationToken,
    pub(crate) shared: Arc<Shared>,
}

/// What an upload must still know when it is tried again.
#[derive(Default)]
pub(crate) struct Memory {
    token: Option<(Identity, String)>,
    /// An object that is under our token but not whole.
    pub(crate) damaged: Option<super::request::Object>,
}

impl Memory {
    /// The token of this state of the file: the same as long as the file is.
    pub(crate) fn token(&mut self, identity: Identity) -> String {
        match &self.token {
            Some((known, token)) if *known == identity => token.clone(),
            _ => {
                let token = uuid::Uuid::new_v4().to_string();
                self.token = Some((identity, token.clone()));
                token
            }
        }
    }
}

impl Job {
    /// Does one transfer.
    ///
    /// # Cancellation
    /// Dropped early it leaves an unfinished upload behind, or nothing; the partial file of a download goes.
    /// Stopped by its token it cleans up first.
    pub(crate) async fn run(self, work: Work) -> Outcome {
        let mut memory = Memory::default();
        let (mut damaged, mut changed, mut lost) = (0, 0, 0);
        loop {
            self.progress.restart();
            let result = match &work {
                Work::Upload(upload) => upload::run(&self, upload, &mut memory).await,
                Work::Download(download) => download::run(&self, download).await,
            };
            let error = match result {
                Ok(outcome) => return outcome,
                Err(error) => error,
            };
            if error.is_cancelled() || self.stop.is_cancelled() {
                return Outcome::Stopped;
            }
            let (tries, most) = match error.code() {
                Code::Damaged => (&mut damaged, TRIES_WHEN_DAMAGED),
                Code::FileChanging => (&mut changed, 2),
                Code::UploadLost => (&mut lost, 2),
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
            let wait = FIRST_WAIT * 2_u32.pow(*tries - 1);
            tokio::select! {
                () = self.stop.cancelled() => return Outcome::Stopped,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Does something until it is done or the transfer is stopped.
    pub(crate) async fn stoppable<T>(&self, operation: Operation, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Error::cancelled(operation)),
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
            () = self.stop.cancelled() => {}
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
