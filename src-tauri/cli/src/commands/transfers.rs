//! `satchel transfers`: what was interrupted, and going on with it. What a living process has, that one is asked about.

mod changes;

use super::Call;
use crate::arguments::TransfersCommand;
use crate::exit::{Exit, Failure, Problem};
use crate::output::Output;
use crate::place;
use crate::report::{Report, text_of};
pub use changes::Changes;
use satchel_core::place::Place;
use satchel_core::storage::Storage;
use satchel_core::transfers::{Direction, Journal, Limits, Noted, Patience, Record, TransferId, Transfers, Wish};
use satchel_core::{Error, names};
use serde::Serialize;
use std::cell::RefCell;

#[derive(Serialize)]
struct Listed {
    transfers: Vec<Line>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    id: u64,
    direction: &'static str,
    state: &'static str,
    /// Another Satchel has it, and is at it.
    running: bool,
    place: String,
    path: String,
    name: String,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem>,
}

pub async fn run(call: &Call<'_>, command: Option<TransfersCommand>) -> Result<Exit, Failure> {
    let ledger = place::ledger(&call.global).await?;
    let journal = Journal::open(&ledger).await.forgetting_what_is_over();
    match command.unwrap_or(TransfersCommand::List) {
        TransfersCommand::List => list(call.output, &journal).await,
        TransfersCommand::Resume { ids, all: _ } => resume(call, journal, named(ids)).await,
        TransfersCommand::Pause { ids, all: _ } => changes::change(call, &journal, named(ids), Wish::Pause).await,
        TransfersCommand::Cancel { ids, all: _ } => cancel(call, journal, named(ids)).await,
        TransfersCommand::Clear => {
            journal.forget_left_behind(|record| record.state.is_over()).await?;
            Ok(Exit::Done)
        }
    }
}

async fn list(output: &Output, journal: &Journal) -> Result<Exit, Failure> {
    let records = journal.list().await?;
    if output.json {
        output.document(&Listed { transfers: records.iter().map(Line::of).collect() })?;
        return Ok(Exit::Done);
    }
    for record in &records {
        let (line, name) = (Line::of(record), names::display(&record.name));
        output.line(format_args!("{}\t{}\t{}\t{name}", line.id, line.words(), line.direction))?;
    }
    output.flush()?;
    Ok(Exit::Done)
}

/// Those that were named, or all.
fn named(ids: Vec<u64>) -> Option<Vec<TransferId>> {
    (!ids.is_empty()).then(|| ids.into_iter().map(TransferId).collect())
}

async fn resume(call: &Call<'_>, journal: Journal, ids: Option<Vec<TransferId>>) -> Result<Exit, Failure> {
    let limits = Limits { patience: Patience::of_a_command(), ..Limits::default() };
    let transfers = Transfers::start_with(limits, journal.clone());
    let meant = ids.clone();
    let wanted = move |record: &Record| {
        let named = meant.as_ref().is_none_or(|ids| ids.contains(&record.id));
        named && !record.state.is_over() && !record.place.is_practice()
    };
    let asked = changes::asked(call, &journal, ids.clone(), Wish::Resume);
    let closed = RefCell::new(None);
    let own = async {
        let restored = transfers.restore(wanted, |place| async {
            open(call, place).await.map_err(|error| {
                let same = Error::new(error.code(), error.operation());
                closed.borrow_mut().get_or_insert(error);
                same
            })
        });
        let restored = call.until_stopped(async { Ok(restored.await?) }).await?;
        transfers.resume(Some(restored.clone())).await;
        transfers.retry(&restored).await;
        Ok::<_, Failure>((super::settle(call, &transfers, &restored).await, restored))
    };
    let (answers, own) = tokio::join!(asked, own);
    let (settled, restored) = own?;
    if let Some(error) = closed.take().filter(|_| restored.is_empty()) {
        return Err(error.into());
    }
    let mut changes = Changes::default();
    for (id, answer) in answers.unwrap_or_default() {
        changes.add(id, answer, Wish::Resume);
    }
    let others = ids.map(|ids| ids.into_iter().filter(|id| !restored.contains(id)).collect());
    changes.name_the_others(&journal, others).await?;
    let mut report = Report::default();
    for transfer in settled {
        report.add(&transfer);
    }
    let own_exit = report.exit();
    let nothing_here = report.is_empty();
    if !call.output.json {
        changes.say(call.output);
    }
    let elsewhere = changes.exit();
    report.elsewhere = changes;
    report.print(call.output, |output, report| report.done.iter().try_for_each(|done| output.name(&done.name)))?;
    Ok(match (own_exit, elsewhere) {
        (own, Exit::Done) => own,
        (_, elsewhere) if nothing_here => elsewhere,
        (Exit::Done, _) => Exit::Partial,
        (own, _) => own,
    })
}

async fn cancel(call: &Call<'_>, journal: Journal, ids: Option<Vec<TransferId>>) -> Result<Exit, Failure> {
    let exit = changes::change(call, &journal, ids, Wish::Cancel).await?;
    let transfers = Transfers::start_with(Limits::default(), journal);
    call.until_stopped(async {
        transfers.sweep(|place| open(call, place)).await;
        Ok(())
    })
    .await?;
    transfers.shut_down().await;
    Ok(exit)
}

/// Opens the place of a transfer: a saved one as it is now, one of a single call as it was described.
async fn open(call: &Call<'_>, place: Place) -> satchel_core::Result<Storage> {
    if place.is_of_one_call() {
        return Storage::open(&place, &call.rooms).await;
    }
    let places = place::saved(&call.global, &call.rooms).await.map_err(Failure::into_error)?;
    places.storage(&places.find(place.id.as_str()).await?).await
}

fn state_word(state: Noted) -> &'static str {
    match state {
        Noted::Waiting => "waiting",
        Noted::Paused => "paused",
        Noted::NeedsYou => "needsYou",
        Noted::Done => "done",
        Noted::Stopped => "stopped",
        Noted::Skipped => "skipped",
    }
}

impl Line {
    fn of(record: &Record) -> Self {
        Line {
            id: record.id.0,
            direction: match record.direction {
                Direction::Upload => "upload",
                Direction::Download => "download",
            },
            state: state_word(record.state),
            running: record.is_running,
            place: record.place.name.clone(),
            path: text_of(&record.path),
            name: record.name.clone(),
            size: record.size_bytes,
            error: record.reason.as_deref().map(Problem::from),
        }
    }

    fn words(&self) -> &'static str {
        match self.state {
            "waiting" if self.running => "under way",
            "waiting" => "interrupted",
            "needsYou" => "needs you",
            other => other,
        }
    }
}
