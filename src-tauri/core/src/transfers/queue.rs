//! The owner of all transfers: what waits, what runs, what became of it. One task, no lock.
//!
//! It is spoken to by messages and publishes pictures: at once when it was told something, at most ten a second while
//! bytes move. What has to outlive the process is in the journal before anybody is told that it is so.

mod obeying;
mod picture;
mod running;
mod wishes;

use super::entry::Entry;
use super::holds::Holds;
use super::job::{Outcome, Work};
use super::journal::{Change, Journal, Record};
use super::lanes::Lanes;
use super::limits::Shared;
use super::progress::Speed;
use super::waiters::Waiters;
use super::{Download, Limits, OnConflict, Snapshot, Transfer, TransferId, Upload};
use crate::place::PlaceId;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{Id, JoinSet};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use wishes::Wishes;

/// The shortest time between two pictures while bytes move.
const BETWEEN_PICTURES: Duration = Duration::from_millis(100);

/// Left at the end of a shutdown for the last picture.
const MARGIN: Duration = Duration::from_millis(200);

/// What the owner can be told. Where ids are left out, everything is meant.
pub(crate) enum Command {
    Upload(Vec<(Upload, u64)>, oneshot::Sender<Vec<TransferId>>),
    Download(Vec<Download>, oneshot::Sender<Vec<TransferId>>),
    Restore(Vec<(Record, Work)>, oneshot::Sender<Vec<TransferId>>),
    Cancel(Option<Vec<TransferId>>, oneshot::Sender<()>),
    Pause(Option<Vec<TransferId>>, oneshot::Sender<()>),
    Resume(Option<Vec<TransferId>>, oneshot::Sender<()>),
    Retry(Vec<TransferId>, oneshot::Sender<()>),
    Decide(Vec<TransferId>, OnConflict, oneshot::Sender<()>),
    Clear(oneshot::Sender<()>),
    Settled(Vec<TransferId>, oneshot::Sender<Vec<Arc<Transfer>>>),
    ShutDown(oneshot::Sender<()>),
}

/// What is still to be said.
type Answer = Box<dyn FnOnce() + Send>;

/// The queue and everything in it.
pub(crate) struct Queue {
    shared: Arc<Shared>,
    journal: Journal,
    /// Not written down yet.
    changes: Vec<(TransferId, Change)>,
    /// What stores were found able to do, not written down yet.
    news: Vec<(String, String)>,
    publish: watch::Sender<Arc<Snapshot>>,
    stop: CancellationToken,
    entries: BTreeMap<TransferId, Entry>,
    lanes: Lanes,
    holds: Holds,
    /// Those that wait for their place, in order.
    held: HashMap<PlaceId, VecDeque<TransferId>>,
    jobs: JoinSet<Outcome>,
    by_task: HashMap<Id, TransferId>,
    waiters: Waiters,
    /// What other processes want.
    wishes: Wishes,
    /// Whether anything is left to be done or decided, as far as the last picture shows.
    unfinished: bool,
    last_id: u64,
    /// Transfers that could not be written down.
    unwritten: u64,
    /// The line counts from here on: everything since the queue was last empty.
    batch: TransferId,
    speed: Speed,
    changed: bool,
    published: Instant,
    between_pictures: Duration,
}

impl Queue {
    pub(crate) fn new(limits: Limits, journal: Journal, publish: watch::Sender<Arc<Snapshot>>) -> Self {
        Queue {
            lanes: Lanes::new(&limits),
            shared: Arc::new(Shared::new(limits)),
            journal,
            changes: Vec::new(),
            news: Vec::new(),
            publish,
            stop: CancellationToken::new(),
            entries: BTreeMap::new(),
            holds: Holds::default(),
            held: HashMap::new(),
            jobs: JoinSet::new(),
            by_task: HashMap::new(),
            waiters: Waiters::default(),
            wishes: Wishes::default(),
            unfinished: false,
            last_id: 0,
            unwritten: 0,
            batch: TransferId(1),
            speed: Speed::default(),
            changed: false,
            published: Instant::now(),
            between_pictures: BETWEEN_PICTURES,
        }
    }

    /// Lives until it is shut down or the last handle is gone, and leaves nothing running.
    pub(crate) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut tick = tokio::time::interval(BETWEEN_PICTURES);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut others = tokio::time::interval(wishes::BETWEEN_LOOKS);
        others.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let last_words = loop {
            let look = self.holds.wait(Instant::now());
            tokio::select! {
                command = commands.recv() => match command {
                    Some(Command::ShutDown(reply)) => break Some(reply),
                    Some(command) => {
                        let answer = self.obey(command).await;
                        self.start_ready();
                        self.write_down().await;
                        // Whoever asked sees what it led to as soon as the answer is there.
                        self.publish();
                        answer();
                    }
                    None => break None,
                },
                Some(ended) = self.jobs.join_next_with_id(), if !self.jobs.is_empty() => {
                    self.ended(ended).await;
                    self.start_ready();
                    let due = self.published.elapsed() >= self.between_pictures;
                    if due || self.jobs.is_empty() || self.waiters.any_ready() || self.wishes.are_open() {
                        self.write_down().await;
                        self.publish();
                    }
                }
                _ = others.tick(), if self.unfinished && self.journal.lasts() => self.hear().await,
                () = tokio::time::sleep(look.unwrap_or_default()), if look.is_some() => self.look(),
                _ = tick.tick(), if self.changed || !self.jobs.is_empty() => {
                    self.lift_what_answers();
                    if self.published.elapsed() >= self.between_pictures {
                        self.write_down().await;
                        self.publish();
                    }
                }
            }
        };
        self.end(commands).await;
        if let Some(reply) = last_words {
            let _ = reply.send(());
        }
    }

    async fn end(&mut self, mut commands: mpsc::Receiver<Command>) {
        commands.close();
        self.stop.cancel();
        if !self.journal.lasts() {
            self.give_up().await;
        }
        let cleaning = self.shared.cleaning.clone();
        let all = async {
            while let Some(ended) = self.jobs.join_next_with_id().await {
                self.ended(ended).await;
            }
            cleaning.close();
            cleaning.wait().await;
        };
        if tokio::time::timeout(super::SHUT_DOWN - MARGIN, all).await.is_err() {
            self.jobs.shutdown().await;
        }
        self.write_down().await;
        if let Err(cause) = self.journal.release().await {
            tracing::warn!(%cause, "the next start has to find out by itself that this one is over");
        }
        self.waiters.end();
        self.publish();
    }

    /// Writes down what has changed. What can't be written now is tried again with the next change.
    async fn write_down(&mut self) {
        for (address, learnt) in std::mem::take(&mut self.news) {
            // What could not be written is learnt again.
            if let Err(cause) = self.journal.learn(address, learnt).await {
                tracing::debug!(%cause, "what a store can do is not remembered");
            }
        }
        let answers = self.answers();
        if self.changes.is_empty() && answers.is_empty() {
            return;
        }
        let changes = Arc::new(std::mem::take(&mut self.changes));
        match self.journal.write(Arc::clone(&changes), answers.clone()).await {
            Ok(()) => self.answered(&answers),
            Err(cause) => {
                tracing::warn!(%cause, "what became of transfers could not be written down");
                self.changes = Arc::unwrap_or_clone(changes);
            }
        }
    }

    fn note(&mut self, id: TransferId, change: Change) {
        self.changes.push((id, change));
    }
}
