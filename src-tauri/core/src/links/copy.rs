//! Copying on the server: at once up to 5 GiB, in pieces above. The bytes never come here.

use super::Course;
use crate::error::{Code, Error, Operation, Result};
use crate::storage::Storage;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::task::JoinSet;

/// How much a store copies in one request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) at_once: u64,
    pub(super) piece: u64,
}

impl Sizes {
    const OF_S3: Sizes = Sizes { at_once: 5 << 30, piece: 1 << 30 };
}

/// Pieces that are copied at the same time.
const SIDE_BY_SIDE: usize = 4;

/// Copies one name of the place to another.
///
/// # Errors
/// `FileGone`, `UploadDenied` when the account may not copy, `FileChanging` when the file was replaced meanwhile, `Cancelled`.
///
/// # Cancellation
/// `course.stop` leaves nothing behind. Dropped, a copy at once may come to its end, and one in pieces leaves them unfinished.
pub(super) async fn copy(storage: &Storage, from: &str, to: &str, size_bytes: u64, course: &Course) -> Result<()> {
    copy_in(Sizes::OF_S3, storage, from, to, size_bytes, course).await
}

pub(super) async fn copy_in(
    sizes: Sizes,
    storage: &Storage,
    from: &str,
    to: &str,
    size_bytes: u64,
    course: &Course,
) -> Result<()> {
    let place = storage.place();
    let work = Copying {
        storage: storage.clone(),
        source: format!("{}/{}", storage.bucket(), percent_encoded(&place.key(from))),
        from: place.key(from),
        key: place.key(to),
    };
    if size_bytes > sizes.at_once {
        return work.in_pieces(sizes.piece, size_bytes, course).await;
    }
    tokio::select! {
        () = course.stop.cancelled() => Err(Error::cancelled(Operation::Copy)),
        done = work.at_once() => done,
    }
}

#[derive(Clone)]
struct Copying {
    storage: Storage,
    source: String,
    from: String,
    key: String,
}

impl Copying {
    async fn at_once(&self) -> Result<()> {
        let copied = self.storage.call(Operation::Copy, |client| {
            client.copy_object().bucket(self.storage.bucket()).key(&self.key).copy_source(&self.source).send()
        });
        // A store that says yes without saying what it made has not said it.
        match copied.await?.copy_object_result().and_then(|result| result.e_tag()) {
            Some(_) => Ok(()),
            None => Err(Error::new(Code::StorageTrouble, Operation::Copy)),
        }
    }

    async fn in_pieces(&self, piece: u64, size: u64, course: &Course) -> Result<()> {
        let bucket = self.storage.bucket();
        let head = self
            .storage
            .call(Operation::Read, |client| client.head_object().bucket(bucket).key(&self.from).send())
            .await?;
        let begun = self.storage.call(Operation::Copy, |client| {
            client
                .create_multipart_upload()
                .bucket(bucket)
                .key(&self.key)
                .set_content_type(head.content_type().map(str::to_owned))
                .send()
        });
        let begun = begun.await?;
        let upload = begun.upload_id().ok_or_else(|| Error::new(Code::StorageTrouble, Operation::Copy))?.to_owned();
        let done = tokio::select! {
            () = course.stop.cancelled() => Err(Error::cancelled(Operation::Copy)),
            done = self.all_pieces(&upload, piece, size, head.e_tag(), course) => done,
        };
        if done.is_err() {
            // Best effort: what is left of it is swept with other unfinished uploads by the place's own rules.
            let taken_back = self.storage.call(Operation::Delete, |client| {
                client.abort_multipart_upload().bucket(bucket).key(&self.key).upload_id(&upload).send()
            });
            if let Err(error) = taken_back.await {
                tracing::warn!(%error, "an unfinished copy could not be taken back");
            }
        }
        done
    }

    async fn all_pieces(&self, upload: &str, piece: u64, size: u64, etag: Option<&str>, course: &Course) -> Result<()> {
        let bytes = Arc::new(AtomicU64::new(0));
        let mut running = JoinSet::new();
        let mut parts = Vec::new();
        let count = size.div_ceil(piece.max(1));
        for number in 0..count {
            while running.len() >= SIDE_BY_SIDE {
                parts.push(joined(running.join_next().await)?);
            }
            let (start, end) = (number * piece, size.min((number + 1) * piece));
            let (copying, upload, etag) = (self.clone(), upload.to_owned(), etag.map(str::to_owned));
            let (bytes, course) = (Arc::clone(&bytes), course.clone());
            running.spawn(async move {
                let part = copying.piece(&upload, number, (start, end), etag).await?;
                course.copied(bytes.fetch_add(end - start, Ordering::Relaxed) + end - start, size);
                Ok(part)
            });
        }
        while !running.is_empty() {
            parts.push(joined(running.join_next().await)?);
        }
        parts.sort_by_key(|part| part.part_number());
        let whole = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let complete = self.storage.call(Operation::Copy, |client| {
            client
                .complete_multipart_upload()
                .bucket(self.storage.bucket())
                .key(&self.key)
                .upload_id(upload)
                .multipart_upload(whole.clone())
                .send()
        });
        complete.await.map(drop)
    }

    async fn piece(
        &self,
        upload: &str,
        number: u64,
        (start, end): (u64, u64),
        etag: Option<String>,
    ) -> Result<CompletedPart> {
        let part_number = i32::try_from(number + 1).unwrap_or(i32::MAX);
        let copied = self.storage.call(Operation::Copy, |client| {
            client
                .upload_part_copy()
                .bucket(self.storage.bucket())
                .key(&self.key)
                .upload_id(upload)
                .part_number(part_number)
                .copy_source(&self.source)
                .copy_source_range(format!("bytes={start}-{}", end - 1))
                .set_copy_source_if_match(etag.clone())
                .send()
        });
        let copied = copied.await.map_err(|error| match error.code() {
            Code::NameTaken => Error::new(Code::FileChanging, Operation::Copy).because(error),
            _ => error,
        })?;
        let etag = copied.copy_part_result().and_then(|result| result.e_tag()).map(str::to_owned);
        let etag = etag.ok_or_else(|| Error::new(Code::StorageTrouble, Operation::Copy))?;
        Ok(CompletedPart::builder().part_number(part_number).e_tag(etag).build())
    }
}

fn joined(done: Option<Result<Result<CompletedPart>, tokio::task::JoinError>>) -> Result<CompletedPart> {
    match done {
        Some(Ok(part)) => part,
        Some(Err(cause)) => Err(Error::new(Code::Unknown, Operation::Copy).because(cause)),
        None => Err(Error::new(Code::Unknown, Operation::Copy)),
    }
}

/// The copy source is a header, and a header is ASCII.
fn percent_encoded(key: &str) -> String {
    percent_encoding::utf8_percent_encode(key, super::sign::PATH).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::{KeySource, Place};
    use crate::secrets::AccessKey;
    use satchel_practice::{Fault, Operation as Asked, Practice, PracticeOptions, Rule};
    use tokio_util::sync::CancellationToken;

    const SMALL: Sizes = Sizes { at_once: 1 << 20, piece: 5 << 20 };
    const BYTES: usize = 12 << 20;

    async fn begun() -> (Practice, Storage, Vec<u8>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let practice = Practice::start(PracticeOptions::new(folder.path())).await.unwrap();
        let identity = practice.identity();
        let place = Place::new("Test", practice.bucket(), "", KeySource::ThisSession).unwrap();
        let place = place.with_endpoint(Some(&practice.endpoint())).unwrap().with_region(Some(practice.region()));
        let key = AccessKey::pasted(&identity.access_key_id, &identity.secret_access_key);
        let storage = Storage::open_with(&place, &key).await.unwrap();
        let bytes: Vec<u8> = (0..BYTES).map(|number| u8::try_from(number % 251).unwrap()).collect();
        practice.put("a film & more.mp4", &bytes).await.unwrap();
        (practice, storage, bytes, folder)
    }

    #[tokio::test]
    async fn a_very_large_file_is_copied_in_pieces_and_says_how_far_it_is() {
        let (practice, storage, bytes, _folder) = begun().await;
        let course = Course::default();
        let copied = course.watch();
        copy_in(SMALL, &storage, "a film & more.mp4", "copy", BYTES as u64, &course).await.unwrap();
        assert_eq!(practice.content("copy").await.unwrap(), Some(bytes));
        assert_eq!(copied.borrow().bytes, BYTES as u64);
        let parts = practice.requests().all().iter().filter(|one| one.operation == Asked::UploadPartCopy).count();
        assert_eq!(parts, 3);
    }

    #[tokio::test]
    async fn a_copy_that_is_stopped_or_refused_leaves_nothing_unfinished() {
        let (practice, storage, _, _folder) = begun().await;
        practice.faults().add(Rule::new(Fault::access_denied()).on(Asked::UploadPartCopy).after(1).always());
        let refused = copy_in(SMALL, &storage, "a film & more.mp4", "copy", BYTES as u64, &Course::default()).await;
        assert_eq!(refused.unwrap_err().code(), Code::UploadDenied);
        assert_eq!(practice.unfinished_uploads().await.unwrap().len(), 0);
        let stop = CancellationToken::new();
        stop.cancel();
        let stopped = copy_in(SMALL, &storage, "a film & more.mp4", "copy", BYTES as u64, &Course::new(stop)).await;
        assert!(stopped.unwrap_err().is_cancelled());
        assert_eq!(practice.unfinished_uploads().await.unwrap().len(), 0);
        assert_eq!(practice.content("copy").await.unwrap(), None);
    }
}
