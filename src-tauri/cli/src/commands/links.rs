//! `satchel links`: what became of links that were made. They are told by id, name and end; only `copy` and `renew` print one.

mod list;
mod report;

use super::{Call, link};
use crate::arguments::{Handing, LinksCommand};
use crate::exit::{Exit, Failure};
use crate::handover::{Handover, MadeLink};
use crate::place::{self, OpenPlace};
use jiff::{SignedDuration, Timestamp};
use satchel_core::ledger::Ledger;
use satchel_core::links::{self, Record, Shared, shown_name};
use satchel_core::{Code, Error, Operation};
use serde::Serialize;

/// No link works longer than 7 days after it was made.
const COULD_WORK: SignedDuration = SignedDuration::from_hours(8 * 24);

#[derive(Serialize)]
struct Stopped<'s> {
    id: &'s str,
    name: &'s str,
}

pub async fn run(call: &Call<'_>, command: Option<LinksCommand>) -> Result<Exit, Failure> {
    let command = command.unwrap_or(LinksCommand::List { everybody: false, all: false });
    match command {
        LinksCommand::List { everybody: false, .. } => call.until_stopped(list::own(call)).await,
        LinksCommand::List { all, .. } => call.until_stopped(list::everybodys(call, all)).await,
        LinksCommand::Copy { id, handing } => call.until_stopped(copy(call, &id, handing)).await,
        LinksCommand::Renew { id, expires, handing } => renew(call, &id, expires.as_deref(), handing).await,
        LinksCommand::Stop { id } => call.until_stopped(stop(call, &id)).await,
        LinksCommand::Report(arguments) => call.until_stopped(report::run(call, &arguments)).await,
    }
}

/// The ledger and what it knows of a link.
async fn own(call: &Call<'_>, id: &str) -> Result<(Ledger, Shared), Failure> {
    let ledger = place::ledger(&call.global).await?;
    let shared = links::find(&ledger, id).await?;
    Ok((ledger, shared))
}

async fn copy(call: &Call<'_>, id: &str, handing: Handing) -> Result<Exit, Failure> {
    let mut handover = Handover::new(call.output, handing)?;
    let (_, shared) = own(call, id).await?;
    let place = OpenPlace::of_link(&call.global, &call.rooms, &shared).await?;
    let again = links::copy_again(&place.storage, &shared).await?;
    handover.add(MadeLink::again(place.storage.place(), &shared, again))?;
    handover.end(0)
}

async fn renew(call: &Call<'_>, id: &str, expires: Option<&str>, handing: Handing) -> Result<Exit, Failure> {
    let mut handover = Handover::new(call.output, handing)?;
    let end = link::end_choice(expires)?;
    let (_, shared) = call.until_stopped(own(call, id)).await?;
    let place = call.until_stopped(OpenPlace::of_link(&call.global, &call.rooms, &shared)).await?;
    let renewed = call.on_course(async |course| Ok(links::renew(&place.storage, &shared, end, course).await?)).await?;
    handover.add(link::made(call.output, &place, renewed).await)?;
    handover.end(0)
}

/// A link that was made here, or else one that the share folder's log knows.
async fn stop(call: &Call<'_>, id: &str) -> Result<Exit, Failure> {
    let (place, id, name) = match own(call, id).await {
        Ok((ledger, shared)) => {
            let place = OpenPlace::of_link(&call.global, &call.rooms, &shared).await?;
            links::stop(&place.storage, &ledger, &shared).await?;
            (place, shared.id, shared.name)
        }
        Err(Failure::Engine(unknown)) if unknown.code() == Code::LinkUnknown => {
            let (place, record) = recorded(call, id).await?;
            let ledger = place::ledger(&call.global).await?;
            links::stop_recorded(&place.storage, &ledger, &record).await?;
            (place, record.id, record.name)
        }
        Err(other) => return Err(other),
    };
    if call.output.json {
        let name = shown_name(place.storage.place(), &name);
        call.output.document(&serde_json::json!({ "stopped": [Stopped { id: &id, name }] }))?;
    }
    call.output.say("Stopped. Whoever already downloaded it keeps a copy.");
    Ok(Exit::Done)
}

/// The one record that begins like this among those whose links can still work.
async fn recorded(call: &Call<'_>, id: &str) -> Result<(OpenPlace, Record), Failure> {
    let unknown = || Error::new(Code::LinkUnknown, Operation::Link).with("file", id);
    let place = OpenPlace::open(&call.global, &call.rooms).await?;
    if let Some(ledger) = place.ledger().await
        && links::history(ledger, &place.storage.place().id).await?.iter().any(|own| own.id.starts_with(id))
    {
        // More than one begins like this, and one of them is ours.
        return Err(unknown().into());
    }
    let records = links::read_records(&place.storage, since(COULD_WORK), None).await?;
    let mut meant = records.into_iter().filter(|record| record.id.starts_with(id));
    match (meant.next(), meant.next()) {
        (Some(record), None) => Ok((place, record)),
        _ => Err(unknown().into()),
    }
}

fn since(back: SignedDuration) -> Timestamp {
    Timestamp::now().saturating_sub(back).unwrap_or(Timestamp::UNIX_EPOCH)
}
