//! Jobs: started when there is room, settled when they end, held back while their place can't be reached.

use super::Queue;
use super::obeying::fell_over;
use crate::error::Error;
use crate::names::parent;
use crate::place::PlaceId;
use crate::transfers::entry::{Entry, Running};
use crate::transfers::holds::Verdict;
use crate::transfers::job::{Job, Outcome};
use crate::transfers::journal::{Change, Noted};
use crate::transfers::kept::Note;
use crate::transfers::patience::{Reach, is_store_trouble, reach};
use crate::transfers::progress::Progress;
use crate::transfers::stop::{Stop, Why};
use crate::transfers::{State, TransferId};
use std::sync::Arc;
use std::time::Instant;
use tokio::task::{Id, JoinError};

impl Queue {
    pub(super) fn start_ready(&mut self) {
        while let Some(id) = self.lanes.next() {
            // It may have been stopped, and even queued again, since it was put there.
            let Some(entry) = self.entries.get_mut(&id).filter(|entry| entry.is_waiting()) else { continue };
            if let Some(hold) = self.holds.of(&entry.transfer.place) {
                entry.set_state(State::Held(Arc::clone(&hold.error)));
                self.held.entry(entry.transfer.place.clone()).or_default().push_back(id);
                self.changed = true;
                continue;
            }
            self.start(id);
        }
    }

    fn start(&mut self, id: TransferId) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let progress = Arc::new(Progress::default());
        progress.set_size(entry.transfer.size_bytes);
        progress.recall(entry.transfer.done_bytes);
        let stop = Stop::below(&self.stop);
        let job = Job {
            progress: Arc::clone(&progress),
            stop: stop.clone(),
            shared: Arc::clone(&self.shared),
            note: Note::new(self.journal.clone(), id),
            token: entry.token.clone(),
            fresh: std::mem::take(&mut entry.fresh),
            restored: std::mem::take(&mut entry.restored),
            renew_keys: std::mem::take(&mut entry.renew_keys),
        };
        let task = self.jobs.spawn(job.run(entry.work.clone()));
        self.by_task.insert(task.id(), id);
        self.lanes.started(entry.large);
        entry.run(Running { stop, progress, since: Instant::now() });
        self.changed = true;
    }

    pub(super) async fn ended(&mut self, ended: Result<(Id, Outcome), JoinError>) {
        let (task, outcome) = match ended {
            Ok((task, outcome)) => (task, outcome),
            Err(cause) if cause.is_cancelled() => (cause.id(), Outcome::Stopped(Why::Quit)),
            Err(cause) => (cause.id(), Outcome::NeedsYou(Arc::new(fell_over(cause)), None)),
        };
        let Some(id) = self.by_task.remove(&task) else { return };
        let Some(entry) = self.entries.get(&id) else { return };
        self.lanes.ended(entry.large);
        self.changed = true;
        let stopped = entry.running.as_ref().and_then(|running| running.stop.why());
        let outcome = match (outcome, stopped) {
            // It was told to stop after it had come to its end.
            (Outcome::Held(_) | Outcome::Stopped(_), Some(why)) => Outcome::Stopped(why),
            (Outcome::NeedsYou(..), Some(Why::Cancel)) => Outcome::Stopped(Why::Cancel),
            (outcome, _) => outcome,
        };
        let outcome = match outcome {
            // Nobody can go on with it later.
            Outcome::Stopped(Why::Quit) if !self.journal.lasts() => Outcome::Stopped(Why::Cancel),
            Outcome::NeedsYou(error, conflict) => Outcome::NeedsYou(self.shared_error(id, error), conflict),
            outcome => outcome,
        };
        let worn_out = match &outcome {
            Outcome::Held(error) => self.is_troubled_too_long(id, error),
            _ => false,
        };
        let outcome = match outcome {
            // A store that has troubles with this one may keep others. A line is the same for all.
            Outcome::Held(error) if worn_out && is_store_trouble(error.code()) => Outcome::NeedsYou(error, None),
            outcome => outcome,
        };
        let cancelled = matches!(outcome, Outcome::Stopped(Why::Cancel));
        self.settle(id, outcome, worn_out);
        if cancelled {
            // What the job had not got hold of yet, or meant to keep.
            self.drop_begun(id).await;
        }
        if self.jobs.is_empty() {
            self.shared.forget_buffers();
        }
    }

    fn is_troubled_too_long(&mut self, id: TransferId, error: &Error) -> bool {
        let patience = &self.shared.limits.patience;
        self.entries.get_mut(&id).is_some_and(|entry| entry.is_troubled_too_long(error, patience, Instant::now()))
    }

    /// `worn_out` says that a transfer which is held has had no luck for as long as anybody waits.
    fn settle(&mut self, id: TransferId, outcome: Outcome, worn_out: bool) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let place = entry.transfer.place.clone();
        let (change, lifts) = match &outcome {
            Outcome::Done(done) => {
                let storage = entry.work.storage();
                if let Some(news) = storage.capabilities().news(jiff::Timestamp::now()) {
                    self.news.push((storage.address(), news));
                }
                let (name, path, size) = (done.name.clone(), done.path.clone(), done.size_bytes);
                (Some(Change::Done { name, path, size, at: jiff::Timestamp::now() }), true)
            }
            Outcome::Skipped => (Some(Change::To(Noted::Skipped, None)), true),
            Outcome::Stopped(Why::Cancel) => (Some(Change::To(Noted::Stopped, None)), false),
            Outcome::Stopped(Why::Pause) => (Some(Change::To(Noted::Paused, None)), false),
            Outcome::Stopped(Why::Quit) => (None, false),
            Outcome::Held(_) => (None, false),
            Outcome::NeedsYou(error, _) => {
                (Some(Change::To(Noted::NeedsYou, Some(Arc::clone(error)))), reach(error.code()) == Reach::File)
            }
        };
        let refused = match &outcome {
            Outcome::NeedsYou(error, _) => Some(Arc::clone(error)),
            _ => None,
        };
        let held = match &outcome {
            Outcome::Held(error) => Some(Arc::clone(error)),
            _ => None,
        };
        entry.settle(outcome);
        if let Some(change) = change {
            self.note(id, change);
        }
        if let Some(error) = held {
            self.hold(id, &place, &error, worn_out);
        } else {
            self.holds.forget_probe(id);
            if lifts {
                self.lift(&place);
            }
        }
        if let Some(error) = refused {
            self.refuse_the_like(id, &error);
        }
        if self.entries.get(&id).is_some_and(|entry| entry.transfer.state.is_settled()) {
            self.waiters.settled(id);
        }
    }

    /// The place can't be reached now: its transfers wait for it together.
    fn hold(&mut self, id: TransferId, place: &PlaceId, error: &Arc<Error>, worn_out: bool) {
        let answered = self.entries.get(&id).is_some_and(|entry| entry.work.storage().has_answered());
        let patience = self.shared.limits.patience.clone();
        match self.holds.met(place, id, error, &patience, answered, Instant::now()) {
            // Small requests get through, so that the place goes on again and again; what this one needs does not.
            Verdict::Wait if worn_out => self.needs_somebody(id, error),
            Verdict::Wait => self.held.entry(place.clone()).or_default().push_front(id),
            Verdict::GiveUp => {
                self.held.remove(place);
                // Those whose turn has not come would meet the same.
                let all = self.entries.iter().filter(|(_, entry)| entry.transfer.place == *place).map(|(id, _)| *id);
                for id in all.collect::<Vec<_>>() {
                    self.needs_somebody(id, error);
                }
            }
        }
    }

    fn needs_somebody(&mut self, id: TransferId, error: &Arc<Error>) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        if entry.running.is_none() && matches!(entry.transfer.state, State::Waiting | State::Held(_)) {
            entry.set_state(State::NeedsYou(Arc::clone(error), None));
            self.note(id, Change::To(Noted::NeedsYou, Some(Arc::clone(error))));
            self.waiters.settled(id);
        }
    }

    /// The place answers: everything that waited for it goes on.
    fn lift(&mut self, place: &PlaceId) {
        self.holds.lift(place);
        for id in self.held.remove(place).unwrap_or_default() {
            let Some(entry) = self.entries.get_mut(&id) else { continue };
            if entry.running.is_none() && matches!(entry.transfer.state, State::Held(_)) {
                entry.wait_again(None);
                self.lanes.wait(id, entry.large);
            }
        }
    }

    /// A transfer that looked has had an answer before it came to its end.
    pub(super) fn lift_what_answers(&mut self) {
        for (place, id) in self.holds.probes() {
            let running = self.entries.get(&id).and_then(|entry| entry.running.as_ref());
            if running.is_some_and(|running| running.progress.is_confirmed()) {
                self.lift(&place);
                self.start_ready();
            }
        }
    }

    /// Sends one transfer of each place ahead whose time has come.
    pub(super) fn look(&mut self) {
        for place in self.holds.due(Instant::now()) {
            let waiting = self.held.entry(place.clone()).or_default();
            let mut next = None;
            while let Some(id) = waiting.pop_front() {
                let held = |entry: &&Entry| entry.running.is_none() && matches!(entry.transfer.state, State::Held(_));
                if self.entries.get(&id).filter(held).is_some() {
                    next = Some(id);
                    break;
                }
            }
            match next {
                Some(id) => {
                    self.holds.probing(&place, id);
                    self.start(id);
                }
                // Nobody is left who wants to know.
                None => self.lift(&place),
            }
        }
    }

    /// What was refused to one is refused to all that are like it: they are not tried, and there is one message.
    fn refuse_the_like(&mut self, id: TransferId, error: &Arc<Error>) {
        let reach = reach(error.code());
        let Some(first) = self.entries.get(&id).filter(|_| reach != Reach::File) else { return };
        let (place, direction) = (first.transfer.place.clone(), first.transfer.direction);
        let folder = parent(&first.transfer.name).to_owned();
        let alike = self.entries.iter().filter(|(_, entry)| {
            let transfer = &entry.transfer;
            entry.running.is_none()
                && matches!(transfer.state, State::Waiting | State::Held(_))
                && transfer.place == place
                && (reach == Reach::Place || (transfer.direction == direction && parent(&transfer.name) == folder))
        });
        let alike: Vec<TransferId> = alike.map(|(id, _)| *id).collect();
        for id in alike {
            self.needs_somebody(id, error);
        }
    }

    /// The same error for everybody whom the same thing was refused to, so that it is said once.
    fn shared_error(&self, id: TransferId, error: Arc<Error>) -> Arc<Error> {
        if reach(error.code()) == Reach::File {
            return error;
        }
        let Some(place) = self.entries.get(&id).map(|entry| &entry.transfer.place) else { return error };
        let same = self.entries.values().rev().find_map(|entry| match &entry.transfer.state {
            State::NeedsYou(known, _) if known.code() == error.code() && entry.transfer.place == *place => {
                Some(Arc::clone(known))
            }
            _ => None,
        });
        same.unwrap_or(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Code, Operation};
    use crate::place::{KeySource, Place};
    use crate::secrets::AccessKey;
    use crate::storage::Storage;
    use crate::transfers::queue::Command;
    use crate::transfers::{Journal, Limits, OnConflict, Snapshot, Upload};
    use tokio::sync::{oneshot, watch};

    #[tokio::test]
    async fn a_stop_counts_though_the_job_had_come_to_its_end_and_nobody_had_looked() {
        let place = Place::new("Test", "bucket", "", KeySource::ThisSession).unwrap();
        let place = place.with_endpoint(Some("http://127.0.0.1:9")).unwrap();
        let storage = Storage::open_with(&place, &AccessKey::pasted("id", "secret")).await.unwrap();
        let path = std::path::PathBuf::from("a");
        let upload = Upload { storage, path, name: "a".to_owned(), on_conflict: OnConflict::Ask, group: None };
        for (why, state) in [(Why::Cancel, State::Stopped), (Why::Pause, State::Paused)] {
            let (publish, _pictures) = watch::channel(Arc::new(Snapshot::default()));
            let mut queue = Queue::new(Limits::default(), Journal::in_memory().unwrap(), publish);
            let (reply, _answer) = oneshot::channel();
            drop(queue.obey(Command::Upload(vec![(upload.clone(), 1)], reply)).await);
            queue.start_ready();
            let (task, id) = queue.by_task.iter().map(|(task, id)| (*task, *id)).next().unwrap();
            queue.entries[&id].running.as_ref().unwrap().stop.stop(why);
            let error = Arc::new(Error::new(Code::Unreachable, Operation::Upload));
            queue.ended(Ok((task, Outcome::Held(error)))).await;
            let now = &queue.entries[&id].transfer.state;
            assert_eq!(std::mem::discriminant(now), std::mem::discriminant(&state), "{now:?}");
        }
    }
}
