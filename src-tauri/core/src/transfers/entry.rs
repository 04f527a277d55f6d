//! One transfer in the queue: what it is to do, how it is drawn, and what runs for it.

use super::job::{Outcome, Work};
use super::progress::Progress;
use super::source::is_large;
use super::{Direction, Download, OnConflict, State, Transfer, TransferId, Upload, target};
use std::sync::Arc;
use std::time::Instant;
use tokio_util::sync::CancellationToken;

/// One transfer, from being added to being forgotten.
pub(crate) struct Entry {
    pub(crate) work: Work,
    pub(crate) transfer: Arc<Transfer>,
    pub(crate) running: Option<Running>,
    /// Takes many requests.
    pub(crate) large: bool,
}

/// The job that runs for a transfer.
pub(crate) struct Running {
    pub(crate) stop: CancellationToken,
    pub(crate) progress: Arc<Progress>,
    pub(crate) since: Instant,
}

impl Entry {
    pub(crate) fn upload(id: TransferId, upload: Upload, size_bytes: u64) -> Self {
        let transfer = Transfer {
            id,
            direction: Direction::Upload,
            place: upload.storage.place().id.clone(),
            name: upload.name.clone(),
            path: upload.path.clone(),
            size_bytes,
            done_bytes: 0,
            state: State::Waiting,
            done: None,
            seconds: 0.0,
        };
        Entry { work: Work::Upload(upload), transfer: Arc::new(transfer), running: None, large: is_large(size_bytes) }
    }

    pub(crate) fn download(id: TransferId, download: Download) -> Self {
        let transfer = Transfer {
            id,
            direction: Direction::Download,
            place: download.storage.place().id.clone(),
            name: download.name.clone(),
            path: target::path_of(&download).unwrap_or_else(|_| download.folder.clone()),
            size_bytes: 0,
            done_bytes: 0,
            state: State::Waiting,
            done: None,
            seconds: 0.0,
        };
        Entry { work: Work::Download(download), transfer: Arc::new(transfer), running: None, large: false }
    }

    /// Whether nothing more happens to it, and nobody needs to do anything.
    pub(crate) fn is_over(&self) -> bool {
        self.running.is_none() && matches!(self.transfer.state, State::Done | State::Stopped | State::Skipped)
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.running.is_none() && matches!(self.transfer.state, State::Waiting)
    }

    /// Whether it ended without success, so that it can be tried again.
    pub(crate) fn can_be_tried_again(&self) -> bool {
        self.running.is_none() && matches!(self.transfer.state, State::NeedsYou(..) | State::Stopped)
    }

    pub(crate) fn set_state(&mut self, state: State) {
        Arc::make_mut(&mut self.transfer).state = state;
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
        self.set_state(State::Moving);
    }

    /// Draws how far its job is.
    pub(crate) fn refresh(&mut self) {
        let Some(running) = &self.running else { return };
        let transfer = Arc::make_mut(&mut self.transfer);
        transfer.size_bytes = running.progress.size();
        transfer.done_bytes = running.progress.shown();
        transfer.seconds = running.since.elapsed().as_secs_f64();
        transfer.state = if running.progress.is_checking() { State::Checking } else { State::Moving };
    }

    /// Draws what its job came to.
    pub(crate) fn settle(&mut self, outcome: Outcome) {
        self.refresh();
        self.running = None;
        let transfer = Arc::make_mut(&mut self.transfer);
        transfer.done_bytes = 0;
        transfer.state = match outcome {
            Outcome::Done(done) => {
                transfer.name.clone_from(&done.name);
                transfer.path.clone_from(&done.path);
                transfer.size_bytes = done.size_bytes;
                transfer.done_bytes = done.size_bytes;
                transfer.done = Some(done);
                State::Done
            }
            Outcome::Skipped => State::Skipped,
            Outcome::Stopped => State::Stopped,
            Outcome::NeedsYou(error, conflict) => State::NeedsYou(error, conflict),
        };
    }
}
