//! The owner of all transfers: what waits, what runs, what became of it. One task, no lock.
//!
//! It is spoken to by messages and publishes pictures: at once when it was told something, at most ten a second while
//! bytes move.

use super::entry::{Entry, Running};
use super::job::{Job, Outcome};
use super::lanes::Lanes;
use super::limits::Shared;
use super::line::line;
use super::progress::{Progress, Speed};
use super::waiters::Waiters;
use super::{Download, Limits, OnConflict, Snapshot, State, Transfer, TransferId, Upload};
use crate::error::{Code, Error, Operation};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// The shortest time between two pictures while bytes move.
const BETWEEN_PICTURES: Duration = Duration::from_millis(100);

/// Left at the end of a shutdown for the last picture.
const MARGIN: Duration = Duration::from_millis(200);

/// What the owner can be told.
pub(crate) enum Command {
    Upload(Vec<(Upload, u64)>, oneshot::Sender<Vec<TransferId>>),
    Download(Vec<Download>, oneshot::Sender<Vec<TransferId>>),
    /// `None` is everything.
    Cancel(Option<Vec<TransferId>>, oneshot::Sender<()>),
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
    publish: watch::Sender<Arc<Snapshot>>,
    stop: CancellationToken,
    entries: BTreeMap<TransferId, Entry>,
    lanes: Lanes,
    jobs: JoinSet<Outcome>,
    by_task: HashMap<Id, TransferId>,
    waiters: Waiters,
    last_id: u64,
    /// The line counts from here on: everything since the queue was last empty.
    batch: TransferId,
    speed: Speed,
    changed: bool,
    published: Instant,
}

impl Queue {
    pub(crate) fn new(limits: Limits, publish: watch::Sender<Arc<Snapshot>>) -> Self {
        Queue {
            lanes: Lanes::new(&limits),
            shared: Arc::new(Shared::new(limits)),
            publish,
            stop: CancellationToken::new(),
            entries: BTreeMap::new(),
            jobs: JoinSet::new(),
            by_task: HashMap::new(),
            waiters: Waiters::default(),
            last_id: 0,
            batch: TransferId(0),
            speed: Speed::default(),
            changed: false,
            published: Instant::now(),
        }
    }

    /// Lives until it is shut down or the last handle is gone, and leaves nothing running.
    pub(crate) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut tick = tokio::time::interval(BETWEEN_PICTURES);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let last_words = loop {
            tokio::select! {
                command = commands.recv() => match command {
                    Some(Command::ShutDown(reply)) => break Some(reply),
                    Some(command) => {
                        let answer = self.obey(command);
                        self.start_ready();
                        // Whoever asked sees what it led to as soon as the answer is there.
                        self.publish();
                        answer();
                    }
                    None => break None,
                },
                Some(ended) = self.jobs.join_next_with_id(), if !self.jobs.is_empty() => {
                    self.ended(ended);
                    self.start_ready();
                    let due = self.published.elapsed() >= BETWEEN_PICTURES;
                    if due || self.jobs.is_empty() || self.waiters.any_ready() {
                        self.publish();
                    }
                }
                _ = tick.tick(), if self.changed || !self.jobs.is_empty() => self.publish(),
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
        for entry in self.entries.values_mut().filter(|entry| entry.is_waiting()) {
            entry.set_state(State::Stopped);
        }
        let cleaning = self.shared.cleaning.clone();
        let all = async {
            while let Some(ended) = self.jobs.join_next_with_id().await {
                self.ended(ended);
            }
            cleaning.close();
            cleaning.wait().await;
        };
        if tokio::time::timeout(super::SHUT_DOWN - MARGIN, all).await.is_err() {
            self.jobs.shutdown().await;
        }
        self.waiters.end();
        self.publish();
    }

    /// Does what it is told; the answer is given afterwards.
    fn obey(&mut self, command: Command) -> Answer {
        self.changed = true;
        match command {
            Command::Upload(items, reply) => {
                self.new_batch_if_idle();
                let add = |(upload, size): (Upload, u64)| self.add(|id| Entry::upload(id, upload, size));
                let ids: Vec<TransferId> = items.into_iter().map(add).collect();
                later(reply, ids)
            }
            Command::Download(items, reply) => {
                self.new_batch_if_idle();
                let add = |download: Download| self.add(|id| Entry::download(id, download));
                let ids: Vec<TransferId> = items.into_iter().map(add).collect();
                later(reply, ids)
            }
            Command::Cancel(ids, reply) => {
                let ids = ids.unwrap_or_else(|| self.entries.keys().copied().collect());
                ids.into_iter().for_each(|id| self.cancel(id));
                later(reply, ())
            }
            Command::Retry(ids, reply) => {
                ids.into_iter().for_each(|id| self.try_again(id, None));
                later(reply, ())
            }
            Command::Decide(ids, choice, reply) => {
                ids.into_iter().for_each(|id| self.decide(id, choice));
                later(reply, ())
            }
            Command::Clear(reply) => {
                self.entries.retain(|_, entry| !entry.is_over());
                later(reply, ())
            }
            Command::Settled(ids, reply) => {
                let unsettled =
                    |id: &TransferId| self.entries.get(id).is_some_and(|entry| !entry.transfer.state.is_settled());
                let open: HashSet<TransferId> = ids.iter().copied().filter(unsettled).collect();
                self.waiters.add(ids, open, reply);
                Box::new(|| ())
            }
            Command::ShutDown(reply) => later(reply, ()),
        }
    }

    /// After everything has come to its end the line counts from the beginning.
    fn new_batch_if_idle(&mut self) {
        if self.entries.range(self.batch..).all(|(_, entry)| entry.is_over()) {
            self.batch = TransferId(self.last_id + 1);
            self.speed.forget();
        }
    }

    fn add(&mut self, make: impl FnOnce(TransferId) -> Entry) -> TransferId {
        let id = TransferId(self.last_id + 1);
        self.last_id = id.0;
        let entry = make(id);
        self.lanes.wait(id, entry.large);
        self.entries.insert(id, entry);
        id
    }

    fn cancel(&mut self, id: TransferId) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        match (&entry.running, &entry.transfer.state) {
            // It says itself how it ended: what was finished at the last moment is done.
            (Some(running), _) => running.stop.cancel(),
            (None, State::Waiting | State::NeedsYou(..)) => {
                entry.set_state(State::Stopped);
                self.waiters.settled(id);
            }
            (None, _) => {}
        }
    }

    fn try_again(&mut self, id: TransferId, choice: Option<OnConflict>) {
        let Some(entry) = self.entries.get_mut(&id).filter(|entry| entry.can_be_tried_again()) else { return };
        entry.wait_again(choice);
        self.lanes.wait(id, entry.large);
        // An older one counts again.
        self.batch = self.batch.min(id);
    }

    fn decide(&mut self, id: TransferId, choice: OnConflict) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        match (&entry.transfer.state, choice) {
            (State::NeedsYou(..), OnConflict::Skip) => entry.set_state(State::Skipped),
            (State::NeedsYou(..), _) => self.try_again(id, Some(choice)),
            _ => {}
        }
    }

    fn start_ready(&mut self) {
        while let Some(id) = self.lanes.next() {
            // It may have been stopped, and even queued again, since it was put there.
            let Some(entry) = self.entries.get_mut(&id).filter(|entry| entry.is_waiting()) else { continue };
            let progress = Arc::new(Progress::default());
            progress.set_size(entry.transfer.size_bytes);
            let stop = self.stop.child_token();
            let job = Job { progress: Arc::clone(&progress), stop: stop.clone(), shared: Arc::clone(&self.shared) };
            let task = self.jobs.spawn(job.run(entry.work.clone()));
            self.by_task.insert(task.id(), id);
            self.lanes.started(entry.large);
            entry.run(Running { stop, progress, since: Instant::now() });
            self.changed = true;
        }
    }

    fn ended(&mut self, ended: Result<(Id, Outcome), JoinError>) {
        let (task, outcome) = match ended {
            Ok((task, outcome)) => (task, outcome),
            Err(cause) if cause.is_cancelled() => (cause.id(), Outcome::Stopped),
            Err(cause) => {
                let task = cause.id();
                (task, Outcome::NeedsYou(Arc::new(Error::new(Code::Unknown, Operation::Connect).because(cause)), None))
            }
        };
        let Some(id) = self.by_task.remove(&task) else { return };
        let Some(entry) = self.entries.get_mut(&id) else { return };
        self.lanes.ended(entry.large);
        entry.settle(outcome);
        self.changed = true;
        self.waiters.settled(id);
        if self.jobs.is_empty() {
            self.shared.forget_buffers();
        }
    }

    /// Shows how everything is now, and tells those who waited for it.
    fn publish(&mut self) {
        let now = Instant::now();
        for id in self.by_task.values() {
            if let Some(entry) = self.entries.get_mut(id) {
                entry.refresh();
            }
        }
        let batch = || self.entries.range(self.batch..).map(|(_, entry)| entry.transfer.as_ref());
        match self.jobs.is_empty() {
            true => self.speed.forget(),
            false => self.speed.note(now, batch().map(|transfer| transfer.done_bytes).sum()),
        }
        let line = line(batch(), self.speed.bytes_per_second());
        let revision = self.publish.borrow().revision + 1;
        let transfers = self.entries.values().map(|entry| Arc::clone(&entry.transfer)).collect();
        // Nobody may be watching.
        let _ = self.publish.send(Arc::new(Snapshot { revision, line, transfers }));
        self.changed = false;
        self.published = now;
        for waiter in self.waiters.take_ready() {
            let known = waiter.ids.iter().filter_map(|id| self.entries.get(id));
            let _ = waiter.reply.send(known.map(|entry| Arc::clone(&entry.transfer)).collect());
        }
    }
}

fn later<T: Send + 'static>(reply: oneshot::Sender<T>, answer: T) -> Answer {
    Box::new(move || {
        // Whoever asked may have stopped listening.
        let _ = reply.send(answer);
    })
}
