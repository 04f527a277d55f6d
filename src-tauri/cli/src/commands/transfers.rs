//! `satchel transfers`: what was interrupted, and going on with it. What a living process has is shown and left alone.

use super::Call;
use crate::arguments::TransfersCommand;
use crate::exit::{Exit, Failure, Problem};
use crate::output::Output;
use crate::place;
use crate::report::{Report, text_of};
use satchel_core::names;
use satchel_core::place::Place;
use satchel_core::storage::Storage;
use satchel_core::transfers::{Direction, Journal, Limits, Noted, Patience, Record, TransferId, Transfers};
use serde::Serialize;

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
        TransfersCommand::Resume { ids } => resume(call, journal, ids).await,
        TransfersCommand::Pause { ids } => change(call, &journal, ids, Noted::Paused).await,
        TransfersCommand::Cancel { ids } => cancel(call, journal, ids).await,
        TransfersCommand::Clear => {
            let over = |record: &Record| matches!(record.state, Noted::Done | Noted::Stopped | Noted::Skipped);
            journal.forget_left_behind(over).await?;
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

async fn resume(call: &Call<'_>, journal: Journal, ids: Vec<u64>) -> Result<Exit, Failure> {
    let limits = Limits { patience: Patience::of_a_command(), ..Limits::default() };
    let transfers = Transfers::start_with(limits, journal);
    let wanted = move |record: &Record| {
        let over = matches!(record.state, Noted::Done | Noted::Stopped | Noted::Skipped);
        !over && !record.place.is_practice() && (ids.is_empty() || ids.contains(&record.id.0))
    };
    let restored =
        call.until_stopped(async { Ok(transfers.restore(wanted, |place| open(call, place)).await?) }).await?;
    transfers.resume(Some(restored.clone())).await;
    transfers.retry(&restored).await;
    let mut report = Report::default();
    for transfer in super::settle(call, &transfers, &restored).await {
        report.add(&transfer);
    }
    report.print(call.output, |output, report| report.done.iter().try_for_each(|done| output.name(&done.name)))
}

async fn cancel(call: &Call<'_>, journal: Journal, ids: Vec<u64>) -> Result<Exit, Failure> {
    let exit = change(call, &journal, ids, Noted::Stopped).await?;
    let transfers = Transfers::start_with(Limits::default(), journal);
    call.until_stopped(async {
        transfers.sweep(|place| open(call, place)).await;
        Ok(())
    })
    .await?;
    transfers.shut_down().await;
    Ok(exit)
}

async fn change(call: &Call<'_>, journal: &Journal, ids: Vec<u64>, to: Noted) -> Result<Exit, Failure> {
    let wanted: Vec<TransferId> = ids.iter().copied().map(TransferId).collect();
    let changed = journal.change_left_behind(Some(wanted.clone()), to).await?;
    let left: Vec<TransferId> = wanted.into_iter().filter(|id| !changed.contains(id)).collect();
    if left.is_empty() {
        return Ok(Exit::Done);
    }
    let known = journal.list().await?;
    for id in left {
        match known.iter().find(|record| record.id == id) {
            Some(record) if record.is_running => {
                call.output.warn(format_args!("{}: another Satchel is at it; stop it there.", id.0));
            }
            Some(_) => call.output.warn(format_args!("{}: it is over already.", id.0)),
            None => {
                call.output.warn(format_args!("{}: there is no such transfer. `satchel transfers` shows them.", id.0))
            }
        }
    }
    Ok(if changed.is_empty() { Exit::NotFound } else { Exit::Partial })
}

/// Opens the place of a transfer: a saved one as it is now, one of a single call as it was described.
async fn open(call: &Call<'_>, place: Place) -> satchel_core::Result<Storage> {
    if place.is_of_one_call() {
        return Storage::open(&place, &call.rooms).await;
    }
    let places = place::saved(&call.global, &call.rooms).await.map_err(Failure::into_error)?;
    places.storage(&places.find(place.id.as_str()).await?).await
}

impl Line {
    fn of(record: &Record) -> Self {
        Line {
            id: record.id.0,
            direction: match record.direction {
                Direction::Upload => "upload",
                Direction::Download => "download",
            },
            state: match record.state {
                Noted::Waiting => "waiting",
                Noted::Paused => "paused",
                Noted::NeedsYou => "needsYou",
                Noted::Done => "done",
                Noted::Stopped => "stopped",
                Noted::Skipped => "skipped",
            },
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
