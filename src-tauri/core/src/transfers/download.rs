//! One file down: fetched beside its name, checked, and only then given it. What is there already stays unless asked.
//!
//! What an earlier try left is used if it is of the same version, and only where its bytes are what they were.

mod version;

use super::checksum::Crc;
use super::job::{Job, Outcome, name_taken};
use super::kept::{Kept, KeptPartial};
use super::limits::LARGEST_SINGLE;
use super::progress::size_text;
use super::ranges::{Fetch, Opened, Stretch, gaps, pieces};
use super::request::Object;
use super::source::{blocking, file_name};
use super::target::{Partial, Spot, Stray, sweep};
use super::{Done, Download, OnConflict};
use crate::error::{Code, Error, Operation, Result};
use crate::names;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use version::Version;

/// Fetched with one request.
const STRETCH_BYTES: u64 = 8 * 1024 * 1024;

/// What is asked for when a file begins to come in.
struct Incoming {
    version: Version,
    /// What of it is here, in order.
    there: Vec<(Stretch, Crc)>,
    /// Its beginning, if that is on its way already.
    opened: Option<Opened>,
}

/// Saves one file.
///
/// # Errors
/// Whatever ends this transfer or this try of it: `Damaged` is worth another.
///
/// # Cancellation
/// Leaves nothing behind but a hidden partial file that was noted, with which the next try goes on.
pub(crate) async fn run(job: &Job, download: &Download, kept: &Kept) -> Result<Outcome> {
    if download.name.ends_with('/') && download.below.is_some() {
        return folder(download).await.map_err(|error| described(error, download));
    }
    let mut partial = None;
    let result = fetched(job, download, kept, &mut partial).await;
    let keeps = match &result {
        Ok(Outcome::NeedsYou(_, conflict)) => conflict.is_some(),
        Ok(_) => false,
        Err(error) => job.keeps_what_was_begun(error),
    };
    match partial {
        Some(partial) if keeps => partial.keep().await,
        Some(partial) => partial.end(&job.note).await,
        // It did not come so far this time; an earlier try may have.
        None if !keeps && kept.may_be_stored => sweep(Stray::of(download, &kept.token).into_iter().collect()).await,
        None => {}
    }
    match result {
        // Nobody sees a hidden file that fills a disk. What is free without it is what the person will find.
        Err(error) if error.code() == Code::DiskFull => Err(full(job, download, error).await),
        Err(error) => Err(described(error, download)),
        Ok(outcome) => Ok(outcome),
    }
}

/// Nothing has to be fetched of a folder that has nothing in it.
async fn folder(download: &Download) -> Result<Outcome> {
    let started = Instant::now();
    let path = Spot::of(download)?.make_folder().await?;
    Ok(Outcome::Done(done(download, path, Crc::EMPTY, started)))
}

async fn fetched(job: &Job, download: &Download, kept: &Kept, partial_file: &mut Option<Partial>) -> Result<Outcome> {
    let started = Instant::now();
    let object = Object::new(&download.storage, &download.name);
    names::check_key(&object.key)?;
    let spot = Spot::of(download)?;
    if let Some(kept) = &kept.partial {
        *partial_file = spot.go_on(kept).await?;
    }
    match download.on_conflict {
        OnConflict::Skip if spot.look().await?.is_some() => return Ok(Outcome::Skipped),
        OnConflict::Fail if spot.look().await?.is_some() => {
            return Ok(Outcome::NeedsYou(Arc::new(taken(download)), None));
        }
        _ => {}
    }
    let resumed = match (&kept.partial, &*partial_file) {
        (Some(kept), Some(partial)) => resumed(job, &object, kept, partial).await?,
        _ => None,
    };
    let incoming = match resumed {
        Some(incoming) => incoming,
        None => {
            let (version, opened) = job.patiently(Operation::Read, || version::open(job, &object)).await?;
            job.progress.set_size(version.about.bytes);
            if job.restored
                && let Some((path, crc)) = job.stoppable(Operation::Read, saved_before(&spot, &version)).await?
            {
                return Ok(Outcome::Done(done(download, path, crc, started)));
            }
            if download.on_conflict == OnConflict::Ask && spot.look().await?.is_some() {
                return Ok(ask(download, &spot, &version).await);
            }
            if let Some(old) = partial_file.take() {
                old.end(&job.note).await;
            }
            *partial_file = Some(spot.begin(&kept.token).await?);
            Incoming { version, there: Vec::new(), opened: Some(opened) }
        }
    };
    let Some(partial) = partial_file else { return Err(Error::new(Code::Unknown, Operation::Save)) };
    let version = incoming.version.clone();
    let crc = whole(job, &object, incoming, partial, &download.folder).await?;
    if job.stop.is_stopped() {
        return Err(Error::cancelled(Operation::Read));
    }
    let (replace, numbers) =
        (download.on_conflict == OnConflict::Replace, download.on_conflict == OnConflict::KeepBoth);
    match (partial.place(replace, numbers).await?, download.on_conflict) {
        (Some(path), _) => Ok(Outcome::Done(done(download, path, crc, started))),
        (None, OnConflict::Skip) => Ok(Outcome::Skipped),
        (None, OnConflict::Ask) => Ok(ask(download, &spot, &version).await),
        (None, _) => Ok(Outcome::NeedsYou(Arc::new(taken(download)), None)),
    }
}

/// What an earlier try of this very transfer may have saved before anybody could note it.
async fn saved_before(spot: &Spot, version: &Version) -> Result<Option<(PathBuf, Crc)>> {
    for (path, file) in spot.alike(version.about.bytes).await? {
        if let Some(crc) = version.proven_by(&file).await? {
            return Ok(Some((path, crc)));
        }
    }
    Ok(None)
}

/// What an earlier try left of the version that the store has now. Each stretch is read again: a computer that went down
/// may have kept the note and lost the bytes.
async fn resumed(job: &Job, object: &Object, kept: &KeptPartial, partial: &Partial) -> Result<Option<Incoming>> {
    let version = job.stoppable(Operation::Read, version::seen(object)).await?;
    job.progress.confirm();
    if version.etag.is_none() || version.etag != kept.etag || version.about.bytes != kept.size {
        return Ok(None);
    }
    job.progress.set_size(kept.size);
    let writer = partial.writer();
    let mut there = Vec::new();
    for (stretch, noted) in kept.in_order() {
        let crc = job.stoppable(Operation::Read, writer.crc(stretch.start, stretch.end)).await?;
        if crc == noted {
            there.push((stretch, crc));
        }
    }
    job.progress.begin_at(there.iter().map(|(_, crc)| crc.length).sum());
    Ok(Some(Incoming { version, there, opened: None }))
}

/// Fetches what is missing and makes sure that it is all one file.
async fn whole(job: &Job, object: &Object, incoming: Incoming, partial: &mut Partial, folder: &Path) -> Result<Crc> {
    let Incoming { version, there, opened } = incoming;
    let size = version.about.bytes;
    enough_room(job, folder, size, there.iter().map(|(_, crc)| crc.length).sum()).await?;
    let fetch = Arc::new(Fetch {
        object: object.clone(),
        size,
        etag: version.etag.clone(),
        writer: partial.writer(),
        memo: partial.memo(&job.note, version.etag.clone(), size),
        shared: Arc::clone(&job.shared),
        progress: Arc::clone(&job.progress),
    });
    let crc = fetch_missing(job, fetch, there, opened).await?;
    job.progress.set_checking();
    job.stoppable(Operation::Read, version.check(object, &partial.writer(), crc)).await?;
    Ok(crc)
}

async fn fetch_missing(
    job: &Job,
    fetch: Arc<Fetch>,
    there: Vec<(Stretch, Crc)>,
    mut opened: Option<Opened>,
) -> Result<Crc> {
    let size = fetch.size;
    if there.is_empty() && (size <= LARGEST_SINGLE || fetch.etag.is_none()) {
        let fetched = fetch.stretch(Stretch { start: 0, end: size }, opened.take());
        return job.stoppable(Operation::Read, fetched).await.map(|(_, crc)| crc);
    }
    let stretches: Vec<Stretch> = there.iter().map(|(stretch, _)| *stretch).collect();
    let missing = gaps(size, &stretches).into_iter().flat_map(|gap| pieces(gap, STRETCH_BYTES));
    let works = missing.map(|stretch| {
        let (fetch, opened) = (Arc::clone(&fetch), opened.take());
        async move { fetch.stretch(stretch, opened).await }
    });
    let mut all = job.together(Operation::Read, works).await?;
    all.extend(there.into_iter().map(|(stretch, crc)| (stretch.start, crc)));
    all.sort_unstable_by_key(|(start, _)| *start);
    Ok(all.into_iter().map(|(_, crc)| crc).fold(Crc::EMPTY, Crc::then))
}

/// How much room is missing, now that nothing of the file is here.
async fn full(job: &Job, download: &Download, error: Error) -> Error {
    let error = error.with("disk", file_name(&download.folder)).with("size", size_text(job.progress.size()));
    let error = match room(job, &download.folder).await {
        Ok(free) => error.with("free", size_text(free)),
        Err(_) => error,
    };
    described(error, download)
}

fn done(download: &Download, path: PathBuf, crc: Crc, started: Instant) -> Done {
    Done {
        name: download.name.clone(),
        path,
        size_bytes: crc.length,
        checksum: Some(crc.public()),
        seconds: started.elapsed().as_secs_f64(),
    }
}

async fn enough_room(job: &Job, folder: &Path, size: u64, there: u64) -> Result<()> {
    let free = room(job, folder).await?;
    if free >= size.saturating_sub(there) {
        return Ok(());
    }
    Err(Error::new(Code::DiskFull, Operation::Save))
}

async fn room(job: &Job, folder: &Path) -> Result<u64> {
    let (ask, folder) = (job.shared.limits.free_space, folder.to_owned());
    // A disk that does not say how full it is may still take it.
    blocking(Operation::Save, move || Ok(ask(&folder).unwrap_or(u64::MAX))).await
}

/// The question, with the local file as what is there and the stored one as what would take its place.
async fn ask(download: &Download, spot: &Spot, version: &Version) -> Outcome {
    let there = spot.look().await.ok().flatten();
    match spot.free_name().await {
        Ok(free) => name_taken(described(taken(download), download), there, version.about, free),
        Err(error) => Outcome::NeedsYou(Arc::new(described(error, download)), None),
    }
}

fn taken(download: &Download) -> Error {
    let folder = file_name(&download.folder);
    described(Error::new(Code::NameTaken, Operation::Save).with("folder", folder), download)
}

/// Adds what the sentences need.
fn described(error: Error, download: &Download) -> Error {
    error
        .with("file", names::last_segment(&download.name))
        .with("folder", file_name(&download.folder))
        .with("place", download.storage.place().name.clone())
}
