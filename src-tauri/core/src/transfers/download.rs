//! One file down: fetched beside its name, checked, and only then given it. What is there already stays unless asked.

use super::checksum::{Crc, Md5Sum, parse_md5};
use super::conflict::There;
use super::job::{Job, Outcome, name_taken};
use super::limits::{LARGEST_SINGLE, Slot};
use super::progress::size_text;
use super::ranges::{Fetch, Opened, Stretch, stretches};
use super::request::{Object, has_own_key, timestamp};
use super::source::{blocking, file_name};
use super::target::{self, Partial};
use super::{Done, Download, OnConflict};
use crate::error::{Code, Error, Operation, Result};
use crate::names;
use aws_sdk_s3::operation::RequestId;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::types::{ChecksumMode, ChecksumType};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Fetched with one request.
const STRETCH_BYTES: u64 = 8 * 1024 * 1024;
/// Numbered names that are tried before we give up on keeping both.
const MOST_NAMES: u32 = 1000;

/// What the store says about a file before its bytes come.
struct Incoming {
    output: GetObjectOutput,
    size: u64,
    slot: Slot,
}

/// How what has come in is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Expected {
    Crc(String),
    Md5(Md5Sum),
    /// Its length is all there is.
    Length,
}

/// Saves one file.
///
/// # Errors
/// Whatever ends this transfer or this try of it: `Damaged` is worth another.
///
/// # Cancellation
/// Leaves nothing behind.
pub(crate) async fn run(job: &Job, download: &Download) -> Result<Outcome> {
    let started = Instant::now();
    let result = fetched(job, download, started).await;
    result.map_err(|error| described(error, download))
}

async fn fetched(job: &Job, download: &Download, started: Instant) -> Result<Outcome> {
    let object = Object::new(&download.storage, &download.name);
    names::check_key(&object.key)?;
    let path = target::path_of(download)?;
    match (target::taken(&path).await, download.on_conflict) {
        (Some(_), OnConflict::Skip) => return Ok(Outcome::Skipped),
        (Some(_), OnConflict::Fail) => return Ok(Outcome::NeedsYou(Arc::new(taken(download)), None)),
        _ => {}
    }
    let incoming = job.stoppable(Operation::Read, open(job, &object)).await?;
    let yours = There { bytes: incoming.size, changed_at: incoming.output.last_modified().and_then(timestamp) };
    job.progress.set_size(incoming.size);
    if download.on_conflict == OnConflict::Ask && target::taken(&path).await.is_some() {
        return Ok(ask(download, &path, yours).await);
    }
    let mut partial = Partial::create(&path).await?;
    enough_room(job, &download.folder, incoming.size).await?;
    let expected = expectation(&incoming.output);
    let crc = match fetch(job, &object, incoming, &partial).await {
        // Somebody else took the room meanwhile. What is free without our piece is what the person will find.
        Err(error) if error.code() == Code::DiskFull => {
            drop(partial);
            let free = room(job, &download.folder).await?;
            return Err(error.with("size", size_text(job.progress.size())).with("free", size_text(free)));
        }
        result => result?,
    };
    job.progress.set_checking();
    check(job, &object, &partial, &expected, crc).await?;
    if job.stop.is_stopped() {
        return Ok(job.stopped());
    }
    match place(&mut partial, &path, download.on_conflict).await? {
        Placed::At(path) => Ok(Outcome::Done(Done {
            name: download.name.clone(),
            path,
            size_bytes: crc.length,
            checksum: Some(crc.public()),
            seconds: started.elapsed().as_secs_f64(),
        })),
        Placed::Skipped => Ok(Outcome::Skipped),
        Placed::Taken if download.on_conflict == OnConflict::Ask => Ok(ask(download, &path, yours).await),
        Placed::Taken => Ok(Outcome::NeedsYou(Arc::new(taken(download)), None)),
    }
}

/// Asks for the whole file. A small one comes in this answer; of a large one its beginning.
async fn open(job: &Job, object: &Object) -> Result<Incoming> {
    let slot = job.shared.slot(STRETCH_BYTES).await?;
    let call = object.storage.call(Operation::Read, |client| {
        client.get_object().bucket(object.storage.bucket()).key(&object.key).checksum_mode(ChecksumMode::Enabled).send()
    });
    let output = call.await?;
    let page = output.content_type().is_some_and(|kind| kind.starts_with("text/html"));
    let signs = output.request_id().is_some() || output.checksum_crc64_nvme().is_some();
    let from_a_store = output.e_tag().is_some_and(|etag| signs || parse_md5(etag).is_some());
    if page && !from_a_store {
        // A sign-in page of a Wi-Fi, not somebody's web page.
        return Err(object.storage.named(Error::new(Code::CaptivePortal, Operation::Read)));
    }
    let size = output.content_length().and_then(|length| u64::try_from(length).ok());
    let damaged = || object.storage.named(Error::new(Code::Damaged, Operation::Read));
    let size = size.ok_or_else(damaged)?;
    Ok(Incoming { output, size, slot })
}

async fn fetch(job: &Job, object: &Object, incoming: Incoming, partial: &Partial) -> Result<Crc> {
    let Incoming { output, size, slot } = incoming;
    let fetch = Arc::new(Fetch {
        object: object.clone(),
        size,
        etag: output.e_tag,
        writer: partial.writer(),
        shared: Arc::clone(&job.shared),
        progress: Arc::clone(&job.progress),
    });
    let mut first = Some(Opened { stream: output.body, slot });
    if size <= LARGEST_SINGLE {
        let whole = Stretch { start: 0, end: size };
        let fetched = fetch.stretch(whole, first.take());
        return job.stoppable(Operation::Read, fetched).await.map(|(_, crc)| crc);
    }
    let works = stretches(size, STRETCH_BYTES).map(|stretch| {
        let (fetch, opened) = (Arc::clone(&fetch), first.take());
        async move { fetch.stretch(stretch, opened).await }
    });
    let mut fetched = job.together(Operation::Read, works).await?;
    fetched.sort_unstable_by_key(|(start, _)| *start);
    Ok(fetched.into_iter().map(|(_, crc)| crc).fold(Crc::EMPTY, Crc::then))
}

fn expectation(output: &GetObjectOutput) -> Expected {
    let full = output.checksum_type() != Some(&ChecksumType::Composite);
    if let Some(crc) = output.checksum_crc64_nvme().filter(|crc| full && !crc.contains('-')) {
        return Expected::Crc(crc.to_owned());
    }
    let own_key = has_own_key(output.server_side_encryption(), output.sse_customer_algorithm());
    match output.e_tag().and_then(parse_md5) {
        Some(md5) if !own_key => Expected::Md5(md5),
        _ => Expected::Length,
    }
}

async fn check(job: &Job, object: &Object, partial: &Partial, expected: &Expected, crc: Crc) -> Result<()> {
    let whole = crc.length == job.progress.size();
    let same = match expected {
        Expected::Crc(text) => *text == crc.text(),
        Expected::Md5(md5) => job.stoppable(Operation::Read, partial.md5()).await? == *md5,
        Expected::Length => true,
    };
    if whole && same { Ok(()) } else { Err(object.storage.named(Error::new(Code::Damaged, Operation::Read))) }
}

async fn enough_room(job: &Job, folder: &Path, size: u64) -> Result<()> {
    let free = room(job, folder).await?;
    if free >= size {
        return Ok(());
    }
    let error = Error::new(Code::DiskFull, Operation::Save).with("size", size_text(size));
    Err(error.with("free", size_text(free)).with("disk", file_name(folder)))
}

async fn room(job: &Job, folder: &Path) -> Result<u64> {
    let (ask, folder) = (job.shared.limits.free_space, folder.to_owned());
    // A disk that does not say how full it is may still take it.
    blocking(Operation::Save, move || Ok(ask(&folder).unwrap_or(u64::MAX))).await
}

enum Placed {
    At(PathBuf),
    Skipped,
    Taken,
}

async fn place(partial: &mut Partial, path: &Path, on_conflict: OnConflict) -> Result<Placed> {
    if partial.place(path, on_conflict == OnConflict::Replace).await? {
        return Ok(Placed::At(path.to_owned()));
    }
    match on_conflict {
        OnConflict::Skip => Ok(Placed::Skipped),
        OnConflict::Ask | OnConflict::Fail | OnConflict::Replace => Ok(Placed::Taken),
        OnConflict::KeepBoth => {
            for number in 2..MOST_NAMES {
                let path = target::numbered(path, number);
                if partial.place(&path, false).await? {
                    return Ok(Placed::At(path));
                }
            }
            Ok(Placed::Taken)
        }
    }
}

/// The question, with the local file as what is there and the stored one as what would take its place.
async fn ask(download: &Download, path: &Path, yours: There) -> Outcome {
    let there = target::taken(path).await.map(|metadata| There {
        bytes: metadata.len(),
        changed_at: metadata.modified().ok().and_then(|time| Timestamp::try_from(time).ok()),
    });
    let mut free = target::numbered(path, 2);
    for number in 3..MOST_NAMES {
        if target::taken(&free).await.is_none() {
            break;
        }
        free = target::numbered(path, number);
    }
    name_taken(described(taken(download), download), there, yours, file_name(&free))
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
