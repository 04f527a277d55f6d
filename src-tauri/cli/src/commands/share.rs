//! `satchel share`: files of this computer into a private folder, and one link to them. What was interrupted goes on when
//! the same is shared again; a link to less than everything is never made.

use super::{Call, link};
use crate::arguments::Share;
use crate::exit::{Exit, Failure};
use crate::handover::{Handover, MadeLink};
use crate::place::OpenPlace;
use crate::report::{Report, text_of};
use jiff::Timestamp;
use satchel_core::links::{
    self, Course, Disposition, EndChoice, Known, LinkRequest, LocalFile, MOST_FILES, PageFile, PageRequest,
    PrivateFolder, Stoppable, Unfinished,
};
use satchel_core::transfers::{self, Found, OnConflict, Upload};
use satchel_core::{Code, Error, Operation};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A file of this computer that is to be shared.
struct Shared {
    path: PathBuf,
    /// As the recipient reads it; with `/` between folders.
    label: String,
    file: LocalFile,
    /// Where it goes: the full name below the place.
    name: String,
}

pub async fn run(call: &Call<'_>, arguments: Share) -> Result<Exit, Failure> {
    let mut handover = Handover::new(call.output, arguments.handing)?;
    // What can't be signed is refused before anything is stored.
    let end = link::end_choice(arguments.expires.as_deref())?;
    let mut files = call.until_stopped(look(&arguments.paths, &mut handover)).await?;
    if handover.lacks_any() {
        call.output.warn("Nothing was uploaded, and there is no link.");
        return handover.end(0);
    }
    let place = call.until_stopped(OpenPlace::open(&call.global, &call.rooms)).await?;
    let mut unfinished = begin(&place, &arguments.paths, &end).await?;
    name(&mut files, &unfinished.folder);
    let report = send(call, &place, &arguments, &files, &mut unfinished).await?;
    if !report.failed.is_empty() {
        let there = files.iter().filter(|shared| unfinished.has(&shared.name, &shared.file)).count();
        handover.miss_all(report.failed);
        let exit = handover.end(there)?;
        call.output.warn(format_args!(
            "{there} of {} uploaded; there is no link. Share the same again, and it goes on.",
            files.len()
        ));
        return Ok(exit);
    }
    let made = call.on_course(async |course| make(call, &place, &arguments, &files, &unfinished, end, course).await);
    let made = made.await.inspect_err(|_| {
        call.output.warn("Everything is uploaded; there is no link. Share the same again, and nothing is sent twice.");
    })?;
    handover.add(made)?;
    if let Some(ledger) = place.ledger().await
        && unfinished.forget(ledger).await.is_err()
    {
        call.output.say("That it is done could not be noted: the same files shared again are not sent again.");
    }
    let exit = handover.end(0)?;
    call.output.flush()?;
    call.stop.run_until_cancelled(place.sweep_when_due()).await;
    Ok(exit)
}

/// What there is to share, as it was named and in folders by name: the order is the same the next time. What can't be
/// shared is told.
async fn look(paths: &[PathBuf], handover: &mut Handover<'_>) -> Result<Vec<Shared>, Failure> {
    let mut files = Vec::new();
    let mut walked = transfers::walk(paths.to_vec(), "");
    while let Some(batch) = walked.next().await {
        for found in batch {
            match found {
                // Files of one name from two folders are two files of a page.
                Found::File { path, name, .. } | Found::Clash { path, name, .. } => files.push((path, name)),
                Found::EmptyFolder { .. } => {}
                Found::Problem { path, error, .. } => handover.miss_path(&text_of(&path), &error),
            }
        }
        if files.len() > MOST_FILES {
            return Err(Error::new(Code::TooManyFiles, Operation::Link).into());
        }
    }
    if files.is_empty() && !handover.lacks_any() {
        return Err(Failure::usage("There is no file in what was named, so there is nothing to share."));
    }
    let mut looked = Vec::with_capacity(files.len());
    for (path, label) in files {
        match LocalFile::look(&path).await {
            Ok(file) => looked.push(Shared { path, label, file, name: String::new() }),
            Err(cause) => {
                let error = Error::new(Code::FileUnreadable, Operation::Upload).with("file", label).because(cause);
                handover.miss_path(&text_of(&path), &error);
            }
        }
    }
    Ok(looked)
}

/// What an earlier call with the same paths began, or something new.
async fn begin(place: &OpenPlace, paths: &[PathBuf], end: &EndChoice) -> Result<Unfinished, Failure> {
    let lasts = match end {
        EndChoice::Default => place.storage.place().link_time(),
        EndChoice::In(lasts) => *lasts,
        EndChoice::At(at) => Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or_default(),
    };
    let new = || Unfinished::new(&place.storage, paths, lasts);
    let Some(ledger) = place.ledger().await else { return Ok(new()) };
    let unfinished = Unfinished::find(ledger, &place.storage, paths).await?.unwrap_or_else(new);
    // Before a byte is sent: a call that is killed goes on too.
    unfinished.keep(ledger).await?;
    Ok(unfinished)
}

/// One file lies in the folder itself, several each in a folder of its number: they may have one name.
fn name(files: &mut [Shared], folder: &PrivateFolder) {
    let only_one = files.len() == 1;
    for (number, shared) in (1..).zip(files) {
        shared.name = match only_one {
            true => folder.holds(&shared.label),
            false => folder.holds_numbered(number, &shared.label),
        };
    }
}

/// Sends what is not there yet, and notes what is.
async fn send(
    call: &Call<'_>,
    place: &OpenPlace,
    arguments: &Share,
    files: &[Shared],
    unfinished: &mut Unfinished,
) -> Result<Report, Failure> {
    let transfers = place.transfers(call, arguments.limit_rate).await?;
    let missing = files.iter().filter(|shared| !unfinished.has(&shared.name, &shared.file));
    let uploads = missing.map(|shared| Upload {
        storage: place.storage.clone(),
        path: shared.path.clone(),
        name: shared.name.clone(),
        // Nobody else's: what is there is an older state of the same file.
        on_conflict: OnConflict::Replace,
        group: None,
    });
    let ids = transfers.upload(uploads.collect()).await;
    let mut report = Report::default();
    for transfer in super::settle(call, &transfers, &ids).await {
        report.add(&transfer);
    }
    for done in &report.done {
        if let Some(shared) = files.iter().find(|shared| shared.name == done.name) {
            unfinished.arrived(&shared.name, shared.file);
        }
    }
    if let Some(ledger) = place.ledger().await
        && !report.done.is_empty()
        && unfinished.keep(ledger).await.is_err()
    {
        call.output.warn("What was uploaded can’t be noted on this computer; it is sent again next time.");
    }
    Ok(report)
}

/// The one link: to the file, or to a page of all.
async fn make(
    call: &Call<'_>,
    place: &OpenPlace,
    arguments: &Share,
    files: &[Shared],
    unfinished: &Unfinished,
    end: EndChoice,
    course: &Course,
) -> Result<MadeLink, Failure> {
    let (note, exact) = (arguments.note.clone(), arguments.exact);
    let link = if let [shared] = files {
        let request = LinkRequest {
            known: Some(Known { size_bytes: shared.file.size_bytes(), etag: None }),
            end,
            disposition: if arguments.open { Disposition::Open } else { Disposition::Download },
            stoppable: Stoppable::Must,
            note,
            exact,
            ..LinkRequest::new(shared.name.clone())
        };
        links::make_link_on(&place.storage, &request, course).await?
    } else {
        let of_page = |shared: &Shared| PageFile {
            name: shared.name.clone(),
            label: shared.label.clone(),
            size_bytes: shared.file.size_bytes(),
        };
        let request = PageRequest {
            title: title(arguments, files.len()),
            files: files.iter().map(of_page).collect(),
            from: None,
            end,
            exact,
            note,
            folder: Some(unfinished.folder.clone()),
        };
        links::make_page(&place.storage, &request, course).await?
    };
    Ok(link::made(call.output, place, link).await)
}

fn title(arguments: &Share, files: usize) -> String {
    let of_folder = match arguments.paths.as_slice() {
        [folder] => folder.file_name().map(|name| text_of(Path::new(name))),
        _ => None,
    };
    let given = arguments.title.clone().filter(|title| !title.trim().is_empty());
    given.or(of_folder).unwrap_or_else(|| format!("{files} files"))
}
