//! `satchel get`: files of the place into a folder of this computer.

use super::Call;
use crate::arguments::Get;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::place::OpenPlace;
use crate::report::Report;
use satchel_core::transfers::Download;
use std::path::Path;

pub async fn run(call: &Call<'_>, arguments: Get) -> Result<Exit, Failure> {
    let place = call.until_stopped(OpenPlace::open(&call.global, &call.rooms)).await?;
    let downloads = arguments.names.into_iter().map(|name| Download {
        storage: place.storage.clone(),
        name,
        folder: arguments.to.clone(),
        below: None,
        on_conflict: arguments.conflict.into(),
    });
    let transfers = place.transfers(call).await?;
    let ids = transfers.download(downloads.collect()).await;
    let mut report = Report::default();
    for transfer in super::settle(call, &transfers, &ids).await {
        report.add(&transfer);
    }
    report.print(call.output, results)
}

/// The paths under which the files are now.
fn results(output: &Output, report: &Report) -> Result<(), Failure> {
    report.done.iter().try_for_each(|done| output.path(Path::new(&done.path)))
}
