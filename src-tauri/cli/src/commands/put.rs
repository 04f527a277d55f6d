//! `satchel put`: files and folders of this computer into the place, and links to them if wished.

use super::Call;
use super::link::{self, MadeLink};
use crate::arguments::Put;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::place::{OpenPlace, folder_name};
use crate::report::{Report, text_of};
use satchel_core::links::{EndChoice, LinkRequest, Stoppable};
use satchel_core::transfers::{self, TransferId, Transfers, Upload};

pub async fn run(call: &Call<'_>, arguments: Put) -> Result<Exit, Failure> {
    // What can't be signed is refused before anything is stored.
    let end = link::end_choice(arguments.expires.as_deref())?;
    let folder = folder_name(&arguments.to);
    let place = call.until_stopped(OpenPlace::open(&call.global, &call.rooms)).await?;
    let transfers = place.transfers(call, arguments.limit_rate).await?;
    let (mut report, mut ids) = (Report::default(), Vec::new());
    // What was found before a stop is told like everything else.
    let walk = send(&place, &arguments, &folder, &transfers, &mut report, &mut ids);
    call.stop.run_until_cancelled(walk).await;
    for transfer in super::settle(call, &transfers, &ids).await {
        report.add(&transfer);
    }
    if arguments.link {
        report.links = Some(links(call, &place, &mut report, end).await?);
    }
    report.print(call.output, results)
}

/// Begins to send what there is while it is still being looked for.
async fn send(
    place: &OpenPlace,
    arguments: &Put,
    folder: &str,
    transfers: &Transfers,
    report: &mut Report,
    ids: &mut Vec<TransferId>,
) {
    let mut walked = transfers::walk(arguments.paths.clone(), folder);
    while let Some(batch) = walked.next().await {
        let mut uploads = Vec::with_capacity(batch.len());
        for found in batch {
            match Upload::of(found, &place.storage, arguments.conflict.into()) {
                Ok(upload) => uploads.push(upload),
                Err((path, error)) => report.fail(text_of(&path), None, &error),
            }
        }
        ids.extend(transfers.upload(uploads).await);
    }
}

/// Links to what arrived. A link that can't be made is a failure of that file; the file stays where it is.
async fn links(
    call: &Call<'_>,
    place: &OpenPlace,
    report: &mut Report,
    end: EndChoice,
) -> Result<Vec<MadeLink>, Failure> {
    let mut made = Vec::with_capacity(report.done.len());
    let arrived: Vec<(String, String)> =
        report.done.iter().map(|done| (done.path.clone(), done.name.clone())).collect();
    for (path, name) in arrived {
        let request = LinkRequest { end: end.clone(), stoppable: Stoppable::No, ..LinkRequest::new(name.clone()) };
        match call.until_stopped(link::make(call.output, place, &request)).await {
            Ok(link) => made.push(link),
            Err(Failure::Engine(error)) => report.fail_link(path, &name, &error),
            Err(other) => return Err(other),
        }
    }
    Ok(made)
}

/// The links if there are any, else the names that were stored.
fn results(output: &Output, report: &Report) -> Result<(), Failure> {
    match &report.links {
        Some(links) => links.iter().try_for_each(|link| output.line(&link.url)),
        None => report.done.iter().try_for_each(|done| output.name(&done.name)),
    }
}
