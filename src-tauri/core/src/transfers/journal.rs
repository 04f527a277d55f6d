//! The journal: every transfer that is not over, in the ledger, so that none is forgotten whatever happens to the process.
//!
//! A row belongs to the process that has it in its queue, for as long as that process lives. Nobody else touches it.

mod convert;
mod groups;
mod notes;
mod rows;
mod wishes;

use super::kept::Kept;
use super::lease::{self, Lease};
use super::target::{self, Stray};
use super::{Direction, Group, OnConflict, TransferId};
use crate::error::{Error, Result};
use crate::ledger::Ledger;
use crate::place::Place;
use jiff::Timestamp;
use rusqlite::OptionalExtension;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use rows::New;
pub use wishes::{Answer, Wish};

/// States in which nothing more happens to a transfer, as the ledger calls them.
const OVER: &str = "('done', 'stopped', 'skipped')";

/// The journal of this process. Cheap to clone.
#[derive(Clone)]
pub struct Journal {
    ledger: Ledger,
    /// This process, as the journal calls it.
    runner: Arc<str>,
    /// Others can't tell that this process lives without it.
    _lease: Option<Arc<Lease>>,
    keeps_finished: bool,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").finish_non_exhaustive()
    }
}

/// Where a transfer was when it was last written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noted {
    /// Its turn had not come, or it was moving.
    Waiting,
    Paused,
    NeedsYou,
    Done,
    Stopped,
    Skipped,
}

impl Noted {
    /// Whether nothing more happens to it, and nobody needs to do anything.
    pub fn is_over(self) -> bool {
        matches!(self, Noted::Done | Noted::Stopped | Noted::Skipped)
    }
}

/// One transfer as it is written down.
#[derive(Debug, Clone)]
pub struct Record {
    pub id: TransferId,
    pub place: Place,
    pub direction: Direction,
    /// The local file; of a download, the folder.
    pub path: PathBuf,
    /// Full name below the place.
    pub name: String,
    /// Of a download: where in the folder the file comes, if not there under its own name.
    pub below: String,
    pub on_conflict: OnConflict,
    /// The folder that it came with.
    pub group: Option<Arc<Group>>,
    pub size_bytes: u64,
    pub state: Noted,
    /// Why it needs somebody.
    pub reason: Option<Arc<Error>>,
    pub finished_at: Option<Timestamp>,
    /// A living process has it.
    pub is_running: bool,
    /// It was just added, and not taken over.
    pub(crate) is_new: bool,
    pub(crate) token: String,
    pub(crate) begun: Begun,
}

/// What an earlier try of a transfer has left, as far as it is noted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Begun {
    /// Something of it is at the store or on the disk.
    pub(crate) is_begun: bool,
    /// So much of it was confirmed.
    pub(crate) safe_bytes: u64,
}

/// What is to be written about a transfer.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    To(Noted, Option<Arc<Error>>),
    /// Under this name, at this path.
    Done {
        name: String,
        path: PathBuf,
        size: u64,
        at: Timestamp,
    },
    Choice(OnConflict),
    Forget,
}

impl Journal {
    /// The journal in a ledger. Where no lease can be had, a restart still finds everything.
    pub async fn open(ledger: &Ledger) -> Self {
        let folder = ledger.state_dir().to_owned();
        let lease = match ledger.lasts() {
            true => tokio::task::spawn_blocking(move || Lease::take(&folder)).await.ok(),
            false => None,
        };
        let lease = match lease {
            Some(Ok(lease)) => Some(Arc::new(lease)),
            Some(Err(cause)) => {
                tracing::warn!(%cause, "another process can't be told that this one lives");
                None
            }
            None => None,
        };
        let runner = lease.as_ref().map_or_else(nobody_else, |lease| lease.name().into());
        Journal { ledger: ledger.clone(), runner, _lease: lease, keeps_finished: true }
    }

    /// A journal that goes with its queue.
    ///
    /// # Errors
    /// `LedgerUnreadable`.
    pub fn in_memory() -> Result<Self> {
        Ok(Journal { ledger: Ledger::in_memory()?, runner: nobody_else(), _lease: None, keeps_finished: true })
    }

    /// What is over is forgotten at once: somebody else tells it.
    #[must_use]
    pub fn forgetting_what_is_over(mut self) -> Self {
        self.keeps_finished = false;
        self
    }

    /// Whether it outlives this process.
    pub(crate) fn lasts(&self) -> bool {
        self.ledger.lasts()
    }

    /// Writes new transfers down, all or none. One that an ended process left behind is taken over instead.
    ///
    /// # Errors
    /// `LedgerUnreadable`, `DiskFull`.
    pub(crate) async fn add(&self, items: Vec<New>) -> Result<Vec<Record>> {
        let (runner, mut living) = (Arc::clone(&self.runner), self.living());
        self.ledger.with(move |connection| rows::add(connection, &runner, &mut living, items)).await
    }

    /// Writes down what became of transfers, and with it what became of others' wishes for them.
    ///
    /// # Errors
    /// `LedgerUnreadable`, `DiskFull`.
    pub(crate) async fn write(
        &self,
        changes: Arc<Vec<(TransferId, Change)>>,
        answers: Vec<(TransferId, Wish, Noted)>,
    ) -> Result<()> {
        let keeps = self.keeps_finished;
        self.ledger.with(move |connection| rows::write(connection, keeps, &changes, &answers)).await
    }

    /// Everything that is written down, in order of addition.
    ///
    /// # Errors
    /// `LedgerUnreadable`.
    pub async fn list(&self) -> Result<Vec<Record>> {
        let mut living = self.living();
        self.ledger.with(move |connection| rows::list(connection, &mut living)).await
    }

    /// Takes over what ended processes left behind and `wanted` says yes to.
    ///
    /// # Errors
    /// `LedgerUnreadable`, `DiskFull`.
    pub async fn adopt(&self, wanted: impl Fn(&Record) -> bool + Send + 'static) -> Result<Vec<Record>> {
        let (runner, mut living) = (Arc::clone(&self.runner), self.living());
        self.ledger.with(move |connection| rows::adopt(connection, &runner, &mut living, wanted)).await
    }

    /// Changes transfers that no living process has: pauses them, or stops them and removes what they left on the disk.
    /// Says which.
    ///
    /// # Errors
    /// `LedgerUnreadable`, `DiskFull`.
    ///
    /// # Cancellation
    /// What is not stopped yet is left behind as before.
    pub async fn change_left_behind(&self, ids: Option<Vec<TransferId>>, to: Noted) -> Result<Vec<TransferId>> {
        if !to.is_over() {
            let mut living = self.living();
            return self
                .ledger
                .with(move |connection| rows::change_left_behind(connection, &mut living, ids, to))
                .await;
        }
        // Taken over first: nobody begins with them while what they left is removed, and nothing is forgotten before.
        let mine = move |record: &Record| ids.as_ref().is_none_or(|ids| ids.contains(&record.id));
        let taken = self.adopt(move |record| !record.state.is_over() && mine(record)).await?;
        let ids: Vec<TransferId> = taken.iter().map(|record| record.id).collect();
        target::sweep(taken.iter().filter_map(Stray::of_record).collect()).await;
        let changes: Vec<_> = ids.iter().map(|id| (*id, Change::To(to, None))).collect();
        self.ledger.with(move |connection| rows::write(connection, false, &changes, &[])).await?;
        Ok(ids)
    }

    /// Forgets what no living process has and `wanted` says yes to.
    ///
    /// # Errors
    /// `LedgerUnreadable`, `DiskFull`.
    pub async fn forget_left_behind(&self, wanted: impl Fn(&Record) -> bool + Send + 'static) -> Result<()> {
        let mut living = self.living();
        self.ledger.with(move |connection| rows::forget_left_behind(connection, &mut living, wanted)).await
    }

    /// What a store was found able to do.
    ///
    /// # Errors
    /// `LedgerUnreadable`.
    pub(crate) async fn learnt(&self, address: String) -> Result<Option<String>> {
        self.ledger
            .with(move |connection| {
                let sql = "SELECT learnt FROM capabilities WHERE address = ?1";
                connection.query_row(sql, [address], |row| row.get(0)).optional()
            })
            .await
    }

    /// Remembers it.
    ///
    /// # Errors
    /// `LedgerUnreadable`, `DiskFull`.
    pub(crate) async fn learn(&self, address: String, learnt: String) -> Result<()> {
        self.ledger
            .with(move |connection| {
                let sql = "INSERT OR REPLACE INTO capabilities (address, learnt) VALUES (?1, ?2)";
                connection.execute(sql, [address, learnt]).map(drop)
            })
            .await
    }

    /// Lets go of some that this process has, as if it had never taken them.
    ///
    /// # Errors
    /// `LedgerUnreadable`, `DiskFull`.
    pub(crate) async fn let_go(&self, ids: Vec<TransferId>) -> Result<()> {
        let runner = Arc::clone(&self.runner);
        self.ledger.with(move |connection| rows::let_go(connection, &runner, &ids)).await
    }

    /// Lets go of everything that this process has.
    ///
    /// # Errors
    /// `LedgerUnreadable`, `DiskFull`.
    pub(crate) async fn release(&self) -> Result<()> {
        let (runner, keeps) = (Arc::clone(&self.runner), self.keeps_finished);
        self.ledger.with(move |connection| rows::release(connection, &runner, keeps)).await
    }

    /// What is known of one transfer from before.
    ///
    /// # Errors
    /// `LedgerUnreadable`.
    pub(crate) async fn kept(&self, id: TransferId) -> Result<Kept> {
        self.ledger.with(move |connection| notes::kept(connection, id)).await
    }

    /// Unfinished uploads whose transfer is gone or over, and that nobody alive is taking back.
    ///
    /// # Errors
    /// `LedgerUnreadable`.
    pub(crate) async fn stale_uploads(&self) -> Result<Vec<Stale>> {
        let mut living = self.living();
        self.ledger.with(move |connection| notes::stale(connection, &mut living)).await
    }

    fn living(&self) -> Living {
        Living { state_dir: self.ledger.state_dir().to_owned(), own: Arc::clone(&self.runner), known: HashMap::new() }
    }
}

/// An upload that nobody will finish.
#[derive(Debug, Clone)]
pub(crate) struct Stale {
    pub(crate) place: Place,
    pub(crate) key: String,
    pub(crate) upload: String,
}

/// Which processes live, asked once each.
pub(crate) struct Living {
    state_dir: PathBuf,
    own: Arc<str>,
    known: HashMap<String, bool>,
}

impl Living {
    /// Whether a living process, this one too, has what bears this name.
    pub(crate) fn has(&mut self, runner: Option<&str>) -> bool {
        let Some(runner) = runner else { return false };
        if &*self.own == runner {
            return true;
        }
        if let Some(known) = self.known.get(runner) {
            return *known;
        }
        let held = lease::is_held(&self.state_dir, runner);
        self.known.insert(runner.to_owned(), held);
        held
    }
}

fn nobody_else() -> Arc<str> {
    uuid::Uuid::new_v4().to_string().into()
}

/// A path that means the same in another process.
pub(crate) fn lasting_path(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
