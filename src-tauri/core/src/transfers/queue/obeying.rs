//! What the owner does when it is told something.

use super::{Answer, Command, Queue};
use crate::error::{Error, Operation};
use crate::place::{Place, PlaceId};
use crate::transfers::entry::Entry;
use crate::transfers::job::Work;
use crate::transfers::journal::{Begun, Change, New, Noted, Record, lasting_path};
use crate::transfers::kept::Note;
use crate::transfers::patience::{Reach, reach, wants_new_keys};
use crate::transfers::request::Object;
use crate::transfers::stop::Why;
use crate::transfers::{Direction, GroupId, OnConflict, State, TransferId};
use crate::transfers::{multipart, target};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::oneshot;

/// Numbers of transfers that could not be written down: the journal never counts that far.
const FIRST_UNWRITTEN: u64 = 1 << 39;

impl Queue {
    /// Does what it is told; the answer is given afterwards.
    pub(super) async fn obey(&mut self, command: Command) -> Answer {
        self.changed = true;
        match command {
            Command::Upload(items, reply) => {
                let works = items.into_iter().map(|(upload, size)| (Work::Upload(upload), size));
                later(reply, self.add(works.collect()).await)
            }
            Command::Download(items, reply) => {
                let works = items.into_iter().map(|download| {
                    let size = download.size_bytes;
                    (Work::Download(download), size)
                });
                later(reply, self.add(works.collect()).await)
            }
            Command::Restore(found, reply) => {
                let ids = self.restore(found);
                // Before anything starts: it may have been wished for while its place was opened.
                self.hear().await;
                later(reply, ids)
            }
            Command::Cancel(ids, reply) => {
                for id in self.meant(ids) {
                    self.cancel(id).await;
                }
                later(reply, ())
            }
            Command::Pause(ids, reply) => {
                self.meant(ids).into_iter().for_each(|id| self.pause(id));
                later(reply, ())
            }
            Command::Resume(ids, reply) => {
                if ids.is_none() {
                    self.holds.look_everywhere(Instant::now());
                }
                self.meant(ids).into_iter().for_each(|id| self.resume(id));
                later(reply, ())
            }
            Command::Retry(ids, reply) => {
                self.with_the_same_cause(ids).into_iter().for_each(|id| self.try_again(id, None));
                later(reply, ())
            }
            Command::Decide(ids, choice, reply) => {
                for id in ids {
                    self.decide(id, choice).await;
                }
                later(reply, ())
            }
            Command::Clear(reply) => {
                for id in self.forgettable() {
                    self.entries.remove(&id);
                    self.note(id, Change::Forget);
                }
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

    fn meant(&self, ids: Option<Vec<TransferId>>) -> Vec<TransferId> {
        ids.unwrap_or_else(|| self.entries.keys().copied().collect())
    }

    /// What is over. What came with a folder counts in it for as long as any of it is not.
    fn forgettable(&self) -> Vec<TransferId> {
        let going_on = self.entries.values().filter(|entry| !entry.is_over()).filter_map(Entry::group_id);
        let going_on: HashSet<GroupId> = going_on.collect();
        let over = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.is_over() && entry.group_id().is_none_or(|group| !going_on.contains(&group)));
        over.map(|(id, _)| *id).collect()
    }

    /// After everything has come to its end the line counts from the beginning.
    fn new_batch_if_idle(&mut self) {
        if self.entries.range(self.batch..).all(|(_, entry)| entry.is_over()) {
            self.batch = TransferId(self.last_id + 1);
            self.speed.forget();
        }
    }

    async fn add(&mut self, works: Vec<(Work, u64)>) -> Vec<TransferId> {
        self.new_batch_if_idle();
        let mut places: HashMap<PlaceId, Arc<Place>> = HashMap::new();
        let items = works.iter().map(|(work, size)| {
            let place = work.storage().place();
            let place = places.entry(place.id.clone()).or_insert_with(|| Arc::new(place.clone()));
            work.as_new(Arc::clone(place), *size)
        });
        let items: Vec<New> = items.collect();
        for (work, _) in &works {
            let storage = work.storage();
            if storage.capabilities().wants_recall()
                && let Ok(Some(learnt)) = self.journal.learnt(storage.address()).await
            {
                storage.capabilities().recall(&learnt, Timestamp::now());
            }
        }
        match self.journal.add(items).await {
            Ok(records) => {
                let pairs = records.into_iter().zip(works);
                pairs.map(|(record, (work, _))| self.take(Entry::new(work, &record, record.is_new))).collect()
            }
            Err(cause) => {
                tracing::warn!(%cause, "transfers could not be written down; they go on as long as this process does");
                works.into_iter().map(|(work, size)| self.take_unwritten(work, size)).collect()
            }
        }
    }

    fn take_unwritten(&mut self, work: Work, size: u64) -> TransferId {
        self.unwritten += 1;
        let record = Record::unwritten(TransferId(FIRST_UNWRITTEN + self.unwritten), &work, size);
        self.take(Entry::new(work, &record, true))
    }

    fn take(&mut self, entry: Entry) -> TransferId {
        let id = entry.transfer.id;
        self.last_id = self.last_id.max(id.0);
        self.batch = self.batch.min(id);
        if entry.is_waiting() {
            self.lanes.wait(id, entry.large);
        }
        self.entries.insert(id, entry);
        id
    }

    /// What earlier processes left behind. What is over is shown, and does not count.
    fn restore(&mut self, found: Vec<(Record, Work)>) -> Vec<TransferId> {
        self.new_batch_if_idle();
        let mut ids = Vec::with_capacity(found.len());
        for (record, work) in found {
            if self.entries.contains_key(&record.id) {
                continue;
            }
            let mut entry = Entry::new(work, &record, false);
            entry.recall(record);
            let (id, batch) = (entry.transfer.id, self.batch);
            let over = entry.is_over();
            ids.push(self.take(entry));
            if over {
                self.batch = batch.max(TransferId(id.0 + 1));
            }
        }
        ids
    }

    pub(super) async fn cancel(&mut self, id: TransferId) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        match (&entry.running, &entry.transfer.state) {
            // It says itself how it ended: what was finished at the last moment is done.
            (Some(running), _) => running.stop.stop(Why::Cancel),
            (None, State::Waiting | State::Paused | State::Held(_) | State::NeedsYou(..)) => {
                entry.finish(State::Stopped);
                self.drop_begun(id).await;
                self.note(id, Change::To(Noted::Stopped, None));
                self.waiters.settled(id);
            }
            (None, _) => {}
        }
    }

    /// Nobody will go on with anything: what rests is stopped, and what was begun is taken back.
    pub(super) async fn give_up(&mut self) {
        for id in self.meant(None) {
            match self.entries.get(&id).map(|entry| &entry.transfer.state) {
                Some(State::NeedsYou(..)) => self.drop_begun(id).await,
                Some(State::Waiting | State::Paused | State::Held(_)) => self.cancel(id).await,
                _ => {}
            }
        }
    }

    /// Takes back what an earlier try of a transfer left at the store or on the disk.
    pub(super) async fn drop_begun(&mut self, id: TransferId) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        if let Some(stray) = entry.stray.take() {
            self.shared.cleaning.spawn(target::sweep(vec![stray]));
        }
        let Some(entry) = self.entries.get(&id).filter(|entry| entry.begun) else { return };
        let note = Note::new(self.journal.clone(), id);
        let Some(kept) = note.kept().await else { return };
        if let Some(upload) = kept.upload {
            let object = Object::new(entry.work.storage(), &entry.transfer.name);
            let (shared, unfinished) = (Arc::clone(&self.shared), upload.unfinished(&object));
            let note = note.clone();
            self.shared.cleaning.spawn(async move {
                multipart::take_back(&shared, &note, &unfinished).await;
            });
        }
        if let Some(partial) = kept.partial {
            self.shared.cleaning.spawn(async move {
                // It may never have been made.
                let _ = tokio::fs::remove_file(&partial.path).await;
                note.partial_ended().await;
            });
        }
    }

    pub(super) fn pause(&mut self, id: TransferId) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        match (&entry.running, &entry.transfer.state) {
            (Some(running), _) => running.stop.stop(Why::Pause),
            (None, State::Waiting | State::Held(_)) => {
                entry.set_state(State::Paused);
                self.note(id, Change::To(Noted::Paused, None));
            }
            (None, _) => {}
        }
    }

    pub(super) fn resume(&mut self, id: TransferId) {
        let Some(entry) = self.entries.get_mut(&id).filter(|entry| entry.running.is_none()) else { return };
        match &entry.transfer.state {
            State::Paused => {
                entry.wait_again(None);
                self.lanes.wait(id, entry.large);
                self.note(id, Change::To(Noted::Waiting, None));
            }
            State::Held(_) => self.holds.look_now(&entry.transfer.place, Instant::now()),
            _ => {}
        }
    }

    /// What is tried again for one is tried again for all that wait for the same deed of the person.
    pub(super) fn with_the_same_cause(&self, ids: Vec<TransferId>) -> Vec<TransferId> {
        let mut causes = HashSet::new();
        for id in &ids {
            if let Some(cause) = self.entries.get(id).and_then(shared_cause) {
                causes.insert(cause);
            }
        }
        if causes.is_empty() {
            return ids;
        }
        let mut all: Vec<TransferId> = ids;
        let known: HashSet<TransferId> = all.iter().copied().collect();
        let same = self.entries.iter().filter(|(id, entry)| {
            !known.contains(id) && shared_cause(entry).is_some_and(|cause| causes.contains(&cause))
        });
        all.extend(same.map(|(id, _)| *id));
        all
    }

    pub(super) fn try_again(&mut self, id: TransferId, choice: Option<OnConflict>) {
        let Some(entry) = self.entries.get_mut(&id).filter(|entry| entry.can_be_tried_again()) else { return };
        if let State::NeedsYou(error, _) = &entry.transfer.state {
            entry.renew_keys |= wants_new_keys(error.code());
        }
        if matches!(entry.transfer.state, State::Held(_)) {
            self.holds.look_now(&entry.transfer.place, Instant::now());
            return;
        }
        entry.wait_again(choice);
        self.lanes.wait(id, entry.large);
        // An older one counts again.
        self.batch = self.batch.min(id);
        self.note(id, Change::To(Noted::Waiting, None));
        if let Some(choice) = choice {
            self.note(id, Change::Choice(choice));
        }
    }

    async fn decide(&mut self, id: TransferId, choice: OnConflict) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        match (&entry.transfer.state, choice) {
            (State::NeedsYou(..), OnConflict::Skip) => {
                entry.finish(State::Skipped);
                self.drop_begun(id).await;
                self.note(id, Change::To(Noted::Skipped, None));
            }
            (State::NeedsYou(..), _) => self.try_again(id, Some(choice)),
            _ => {}
        }
    }
}

/// The cause that a transfer shares with others of its place, or of its folder there.
fn shared_cause(entry: &Entry) -> Option<(PlaceId, crate::error::Code)> {
    match &entry.transfer.state {
        State::NeedsYou(error, _) if reach(error.code()) != Reach::File => {
            Some((entry.transfer.place.clone(), error.code()))
        }
        _ => None,
    }
}

impl Work {
    fn as_new(&self, place: Arc<Place>, size: u64) -> New {
        match self {
            Work::Upload(upload) => New {
                place,
                direction: Direction::Upload,
                path: lasting_path(&upload.path),
                name: upload.name.clone(),
                below: String::new(),
                on_conflict: upload.on_conflict,
                size,
                group: upload.group.clone(),
            },
            Work::Download(download) => New {
                place,
                direction: Direction::Download,
                path: lasting_path(&download.folder),
                name: download.name.clone(),
                below: download.below.clone().unwrap_or_default(),
                on_conflict: download.on_conflict,
                size,
                group: download.group.clone(),
            },
        }
    }
}

impl Record {
    fn unwritten(id: TransferId, work: &Work, size: u64) -> Self {
        let place = work.storage().place();
        let new = work.as_new(Arc::new(place.clone()), size);
        Record {
            id,
            place: place.clone(),
            direction: new.direction,
            path: new.path,
            name: new.name,
            below: new.below,
            on_conflict: new.on_conflict,
            group: new.group,
            size_bytes: size,
            state: Noted::Waiting,
            reason: None,
            finished_at: None,
            is_running: true,
            is_new: true,
            token: uuid::Uuid::new_v4().simple().to_string(),
            begun: Begun::default(),
        }
    }
}

/// Why a job ended that fell over.
pub(super) fn fell_over(cause: tokio::task::JoinError) -> Error {
    Error::new(crate::error::Code::Unknown, Operation::Connect).because(cause)
}

pub(super) fn later<T: Send + 'static>(reply: oneshot::Sender<T>, answer: T) -> Answer {
    Box::new(move || {
        // Whoever asked may have stopped listening.
        let _ = reply.send(answer);
    })
}
