//! The commands, one file each. Every one of them stops when it is asked to.

mod completions;
mod get;
pub(crate) mod link;
mod links;
mod ls;
mod places;
mod practice;
mod put;
mod share;
pub(crate) mod transfers;

use crate::arguments::{Command, Global};
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::progress::Progress;
use satchel_core::credentials::KeyRooms;
use satchel_core::links::Course;
use satchel_core::transfers::{Transfer, TransferId, Transfers};
use satchel_core::{Error, Operation};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long what was begun at the store may take to be taken back when a call is stopped.
const TAKING_BACK: Duration = Duration::from_millis(500);

/// What a command works with.
pub struct Call<'o> {
    pub output: &'o Output,
    pub global: Global,
    /// Where the keys of saved places are.
    pub rooms: KeyRooms,
    /// Cancelled when this call shall end.
    pub stop: CancellationToken,
}

impl Call<'_> {
    /// Does something that may simply be dropped when this call is stopped.
    async fn until_stopped<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        match self.stop.run_until_cancelled(work).await {
            Some(result) => result,
            None => Err(Error::cancelled(Operation::Connect).into()),
        }
    }

    /// Makes links, which may take its time at the store: shown, and taken back when this call is stopped.
    async fn on_course<T>(&self, work: impl AsyncFnOnce(&Course) -> Result<T, Failure>) -> Result<T, Failure> {
        let stopped = || Error::cancelled(Operation::Link).into();
        if self.stop.is_cancelled() {
            return Err(stopped());
        }
        let course = Course::new(self.stop.clone());
        let progress = Progress::new(self.output, &self.global);
        let too_late = async {
            self.stop.cancelled().await;
            tokio::time::sleep(TAKING_BACK).await;
        };
        let made = tokio::select! {
            made = work(&course) => made,
            () = progress.follow_copies(&course) => Err(stopped()),
            () = too_late => Err(stopped()),
        };
        progress.clear();
        made
    }
}

/// Runs one command.
pub async fn run(call: &Call<'_>, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Places(command) => places::run(call, command).await,
        Command::Ls(arguments) => call.until_stopped(ls::run(call, arguments)).await,
        Command::Put(arguments) => put::run(call, arguments).await,
        Command::Get(arguments) => get::run(call, arguments).await,
        Command::Link(arguments) => link::run(call, arguments).await,
        Command::Share(arguments) => share::run(call, arguments).await,
        Command::Links { command } => links::run(call, command).await,
        Command::Transfers { command } => transfers::run(call, command).await,
        Command::Practice(arguments) => practice::run(call, arguments).await,
        Command::Completions { shell } => completions::run(call.output, shell),
    }
}

/// Waits for transfers, showing how far they are. When this call is stopped they are, and what became of each is told.
async fn settle(call: &Call<'_>, transfers: &Transfers, ids: &[TransferId]) -> Vec<Arc<Transfer>> {
    let progress = Progress::new(call.output, &call.global);
    tokio::select! {
        _ = transfers.settled(ids) => {}
        () = progress.follow(transfers) => {}
        // Whoever stopped it goes on when they want to; the app does not do so by itself.
        () = call.stop.cancelled() => transfers.pause(None).await,
    }
    transfers.shut_down().await;
    let last = transfers.watch().borrow().clone();
    progress.finish(&last.line);
    last.transfers.clone()
}
