//! `satchel get`: files of the place into a folder of this computer.

use super::Call;
use crate::arguments::Get;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::place::OpenPlace;
use crate::report::Report;
use satchel_core::names::last_segment;
use satchel_core::transfers::{Download, TransferId, Transfers, files_below};
use satchel_core::{Code, Error, Operation};
use std::path::Path;

pub async fn run(call: &Call<'_>, arguments: Get) -> Result<Exit, Failure> {
    let place = call.until_stopped(OpenPlace::open(&call.global, &call.rooms)).await?;
    let transfers = place.transfers(call, arguments.limit_rate).await?;
    let (folders, files): (Vec<_>, Vec<_>) = arguments.names.iter().partition(|name| name.ends_with('/'));
    let downloads = files.into_iter().map(|name| Download {
        storage: place.storage.clone(),
        name: name.clone(),
        size_bytes: 0,
        folder: arguments.to.clone(),
        below: None,
        on_conflict: arguments.conflict.into(),
        group: None,
    });
    let mut ids = transfers.download(downloads.collect()).await;
    let mut report = Report::default();
    for name in folders {
        match call.until_stopped(folder(&place, &arguments, name, &transfers, &mut ids)).await {
            Ok(()) => {}
            Err(Failure::Engine(error)) => report.fail(name.clone(), Some(name), &error),
            Err(other) => return Err(other),
        }
    }
    for transfer in super::settle(call, &transfers, &ids).await {
        report.add(&transfer);
    }
    report.print(call.output, results)
}

/// Begins to save everything in a folder while its list is still being read.
async fn folder(
    place: &OpenPlace,
    arguments: &Get,
    name: &str,
    transfers: &Transfers,
    ids: &mut Vec<TransferId>,
) -> Result<(), Failure> {
    let files = arguments.names.iter().map(String::as_str).filter(|name| !name.ends_with('/'));
    let mut below = files_below(&place.storage, name).beside(files);
    let before = ids.len();
    while let Some(page) = below.next().await {
        let files = page?.into_iter();
        let items = files.map(|file| below.download(file, arguments.to.clone(), arguments.conflict.into()));
        ids.extend(transfers.download(items.collect()).await);
    }
    if ids.len() == before {
        return Err(Error::new(Code::FileGone, Operation::Read).with("file", last_segment(name)).into());
    }
    Ok(())
}

/// The paths under which the files are now.
fn results(output: &Output, report: &Report) -> Result<(), Failure> {
    report.done.iter().try_for_each(|done| output.path(Path::new(&done.path)))
}
