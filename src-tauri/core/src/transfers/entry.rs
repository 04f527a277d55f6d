//! One transfer in the queue: what it is to do, how it is drawn, and what runs for it.

use super::job::{Outcome, Work};
use super::journal::{Noted, Record};
use super::patience::{Patience, is_store_trouble};
use super::progress::{Progress, Speed};
use super::source::is_large;
use super::stop::{Stop, Why};
use super::target::Stray;
use super::{Direction, Done, GroupId, OnConflict, State, Transfer, target};
use crate::error::{Code, Error};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Instant;

/// One transfer, from being added to being forgotten.
pub(crate) struct Entry {
    pub(crate) work: Work,
    pub(crate) transfer: Arc<Transfer>,
    pub(crate) running: Option<Running>,
    /// Takes many requests.
    pub(crate) large: bool,
    /// The same for all tries of it.
    pub(crate) token: String,
    /// It was never tried: nothing is known of it from before.
    pub(crate) fresh: bool,
    /// An earlier process had it, and nothing was done about it since.
    pub(crate) restored: bool,
    /// What a try of an earlier process may have left without a note.
    pub(crate) stray: Option<Stray>,
    /// Something of it may be at the store, or on the disk.
    pub(crate) begun: bool,
    /// The keys were refused to it.
    pub(crate) renew_keys: bool,
    /// Since when it meets troubles that pass and nothing of it is kept.
    troubled: Option<Instant>,
    /// What is measured of its own speed.
    speed: Speed,
}

/// The job that runs for a transfer.
pub(crate) struct Running {
    pub(crate) stop: Stop,
    pub(crate) progress: Arc<Progress>,
    pub(crate) since: Instant,
}

impl Entry {
    /// A transfer that was just added, or is known from before.
    pub(crate) fn new(work: Work, record: &Record, fresh: bool) -> Self {
        let (direction, name, path) = match &work {
            Work::Upload(upload) => (Direction::Upload, upload.name.clone(), upload.path.clone()),
            Work::Download(download) => {
                let path = target::path_of(download).unwrap_or_else(|_| download.folder.clone());
                (Direction::Download, download.name.clone(), path)
            }
        };
        let place = work.storage().place().id.clone();
        let large = direction == Direction::Upload && is_large(record.size_bytes);
        let transfer = Transfer {
            id: record.id,
            direction,
            place,
            name,
            path,
            size_bytes: record.size_bytes,
            done_bytes: record.begun.safe_bytes.min(record.size_bytes.saturating_sub(1)),
            state: State::Waiting,
            done: None,
            seconds: 0.0,
            bytes_per_second: None,
            seconds_left: None,
            finished_at: None,
            group: work.group().cloned(),
        };
        let stray = match &work {
            Work::Download(download) if !fresh => Stray::of(download, &record.token),
            _ => None,
        };
        Entry {
            work,
            transfer: Arc::new(transfer),
            running: None,
            large,
            token: record.token.clone(),
            fresh,
            restored: !fresh,
            stray,
            begun: record.begun.is_begun,
            renew_keys: false,
            troubled: None,
            speed: Speed::default(),
        }
    }

    /// Draws it as it was written down.
    pub(crate) fn recall(&mut self, record: Record) {
        let transfer = Arc::make_mut(&mut self.transfer);
        transfer.finished_at = record.finished_at;
        transfer.state = match (record.state, record.reason) {
            (Noted::Paused, _) => State::Paused,
            // A question about a name is asked anew: both sides may have changed.
            (Noted::NeedsYou, Some(reason)) if reason.code() != Code::NameTaken => State::NeedsYou(reason, None),
            (Noted::Waiting | Noted::NeedsYou, _) => State::Waiting,
            (Noted::Stopped, _) => State::Stopped,
            (Noted::Skipped, _) => State::Skipped,
            (Noted::Done, _) => {
                transfer.done_bytes = record.size_bytes;
                transfer.path.clone_from(&record.path);
                transfer.done = Some(Box::new(Done {
                    name: record.name,
                    path: record.path,
                    size_bytes: record.size_bytes,
                    checksum: None,
                    seconds: 0.0,
                }));
                State::Done
            }
        };
    }

    /// Whether nothing more happens to it, and nobody needs to do anything.
    pub(crate) fn is_over(&self) -> bool {
        self.running.is_none() && matches!(self.transfer.state, State::Done | State::Stopped | State::Skipped)
    }

    pub(crate) fn group_id(&self) -> Option<GroupId> {
        self.transfer.group.as_ref().map(|group| group.id)
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.running.is_none() && matches!(self.transfer.state, State::Waiting)
    }

    /// Whether it ended without success, so that it can be tried again.
    pub(crate) fn can_be_tried_again(&self) -> bool {
        self.running.is_none() && matches!(self.transfer.state, State::NeedsYou(..) | State::Stopped | State::Held(_))
    }

    pub(crate) fn set_state(&mut self, state: State) {
        Arc::make_mut(&mut self.transfer).state = state;
    }

    /// It came to an end without a job.
    pub(crate) fn finish(&mut self, state: State) {
        let transfer = Arc::make_mut(&mut self.transfer);
        transfer.done_bytes = 0;
        transfer.finished_at = Some(Timestamp::now());
        transfer.state = state;
    }

    /// Puts it back, with another answer to the question about its name if there is one.
    pub(crate) fn wait_again(&mut self, choice: Option<OnConflict>) {
        if let Some(choice) = choice {
            self.work.decide(choice);
        }
        self.set_state(State::Waiting);
    }

    pub(crate) fn run(&mut self, running: Running) {
        self.running = Some(running);
        self.begun = true;
        // Whoever looks whether a place answers waits with the others until it does.
        if !matches!(self.transfer.state, State::Held(_)) {
            self.set_state(State::Moving);
        }
    }

    /// Draws how far its job is.
    pub(crate) fn refresh(&mut self) {
        let Some(running) = &self.running else { return };
        // What is shown as safe stays so, whatever the job that looks has counted.
        if matches!(self.transfer.state, State::Held(_)) && !running.progress.is_confirmed() {
            return;
        }
        let transfer = Arc::make_mut(&mut self.transfer);
        transfer.size_bytes = running.progress.size();
        transfer.done_bytes = running.progress.shown();
        transfer.seconds = running.since.elapsed().as_secs_f64();
        transfer.state = if running.progress.is_checking() { State::Checking } else { State::Moving };
        self.speed.note(Instant::now(), transfer.done_bytes);
        transfer.bytes_per_second = self.speed.bytes_per_second();
        let left = transfer.size_bytes.saturating_sub(transfer.done_bytes);
        transfer.seconds_left = transfer.bytes_per_second.filter(|speed| *speed > 0).map(|speed| left.div_ceil(speed));
    }

    /// Whether this transfer has met troubles for so long that a person has to know, while others may get through.
    pub(crate) fn is_troubled_too_long(&mut self, error: &Error, patience: &Patience, now: Instant) -> bool {
        let stored = self.running.as_ref().is_some_and(|running| running.progress.has_stored());
        let most = match error.code() {
            code if is_store_trouble(code) => Some(patience.trouble),
            Code::Unreachable | Code::TooSlow => patience.unreachable,
            _ => None,
        };
        if stored || most.is_none() {
            self.troubled = None;
        }
        most.is_some_and(|most| now.duration_since(*self.troubled.get_or_insert(now)) >= most)
    }

    /// Draws what its job came to.
    pub(crate) fn settle(&mut self, outcome: Outcome) {
        self.refresh();
        self.running = None;
        self.speed.forget();
        let transfer = Arc::make_mut(&mut self.transfer);
        (transfer.bytes_per_second, transfer.seconds_left) = (None, None);
        // What is kept has been sent; the rest goes back to nothing.
        let keeps = matches!(outcome, Outcome::Held(_) | Outcome::Stopped(Why::Pause | Why::Quit));
        if !keeps {
            transfer.done_bytes = 0;
        }
        if matches!(outcome, Outcome::Done(_) | Outcome::Skipped | Outcome::Stopped(Why::Cancel)) {
            transfer.finished_at = Some(Timestamp::now());
        }
        transfer.state = match outcome {
            Outcome::Done(done) => {
                transfer.name.clone_from(&done.name);
                transfer.path.clone_from(&done.path);
                transfer.size_bytes = done.size_bytes;
                transfer.done_bytes = done.size_bytes;
                transfer.done = Some(Box::new(done));
                State::Done
            }
            Outcome::Skipped => State::Skipped,
            Outcome::Stopped(Why::Cancel) => State::Stopped,
            Outcome::Stopped(Why::Pause) => State::Paused,
            Outcome::Stopped(Why::Quit) => State::Waiting,
            Outcome::Held(error) => State::Held(error),
            Outcome::NeedsYou(error, conflict) => State::NeedsYou(error, conflict.map(Box::new)),
        };
    }
}
