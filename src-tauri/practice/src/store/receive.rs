//! Takes a body from the network to the disk and hashes it on the way: writing with the checksums on one
//! thread, MD5, which is the slowest, on another. Memory stays flat.

use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use md5::{Digest as _, Md5};
use s3s::{S3ErrorCode, StdError};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use crate::signature::canonical::hex;
use crate::store::bodies::{Bodies, Draft};
use crate::store::checksums::{Algorithm, Checksums, Hasher};
use crate::store::{Store, StoreError};

const BATCH_BYTES: usize = 1 << 20;
const BATCHES_WAITING: usize = 4;

type Batch = Arc<Vec<Bytes>>;

/// A body on the disk that nothing refers to yet. Dropped, it is gone.
#[derive(Debug)]
pub struct Received {
    pub draft: Draft,
    pub size: u64,
    pub md5: [u8; 16],
    pub checksums: Checksums,
}

impl Received {
    pub fn etag(&self) -> String {
        hex(&self.md5)
    }
}

impl Store {
    /// # Cancellation
    /// Dropped, it leaves no file behind.
    pub async fn receive<S>(
        &self,
        mut body: S,
        algorithms: &[Algorithm],
        max_bytes: u64,
    ) -> Result<Received, StoreError>
    where
        S: Stream<Item = Result<Bytes, StdError>> + Unpin,
    {
        let mut algorithms = algorithms.to_vec();
        // Next to free, and it lets a whole upload be checked from its parts later.
        if !algorithms.contains(&Algorithm::Crc64nvme) {
            algorithms.push(Algorithm::Crc64nvme);
        }
        let mut size = 0_u64;
        let (first, more) = next_batch(&mut body, &mut size, max_bytes).await?;
        if !more {
            let bodies = self.bodies.clone();
            let mut received =
                spawn_blocking(move || write_small(&bodies, &first, &algorithms)).await.map_err(joined)??;
            received.size = size;
            return Ok(received);
        }
        let (to_disk, disk_queue) = mpsc::channel::<Batch>(BATCHES_WAITING);
        let (to_md5, md5_queue) = mpsc::channel::<Batch>(BATCHES_WAITING);
        let bodies = self.bodies.clone();
        let writer = spawn_blocking(move || {
            let (draft, file) = bodies.draft()?;
            let checksums = write_queue(file, disk_queue, &algorithms)?;
            Ok::<_, StoreError>((draft, checksums))
        });
        let summer = spawn_blocking(move || md5_of_queue(md5_queue));
        let mut batch = Arc::new(first);
        let mut more = true;
        let mut outcome = Ok(());
        loop {
            // A closed queue means the writer has failed; it says why below.
            if to_disk.send(Arc::clone(&batch)).await.is_err() || to_md5.send(batch).await.is_err() || !more {
                break;
            }
            match next_batch(&mut body, &mut size, max_bytes).await {
                Ok((next, again)) => (batch, more) = (Arc::new(next), again),
                Err(error) => {
                    outcome = Err(error);
                    break;
                }
            }
        }
        drop((to_disk, to_md5));
        let (written, md5) = (writer.await.map_err(joined)?, summer.await.map_err(joined)?);
        let (draft, checksums) = written?;
        outcome?;
        Ok(Received { draft, size, md5, checksums })
    }
}

async fn next_batch<S>(body: &mut S, size: &mut u64, max_bytes: u64) -> Result<(Vec<Bytes>, bool), StoreError>
where
    S: Stream<Item = Result<Bytes, StdError>> + Unpin,
{
    let mut batch = Vec::new();
    let mut length = 0;
    while length < BATCH_BYTES {
        match body.next().await {
            Some(Ok(bytes)) => {
                length += bytes.len();
                *size += bytes.len() as u64;
                if *size > max_bytes {
                    return Err(StoreError::refuse(
                        S3ErrorCode::EntityTooLarge,
                        "Your proposed upload exceeds the maximum allowed size",
                    ));
                }
                batch.push(bytes);
            }
            Some(Err(error)) => return Err(broken_body(error)),
            None => return Ok((batch, false)),
        }
    }
    Ok((batch, true))
}

/// s3s reports what is wrong with a chunked body inside the stream, as types it keeps to itself.
fn broken_body(error: StdError) -> StoreError {
    let text = error.to_string();
    if text.contains("SignatureMismatch") {
        return StoreError::refuse(
            S3ErrorCode::SignatureDoesNotMatch,
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
        );
    }
    if text.contains("FormatError") || text.contains("TooLarge") || text.contains("TooMany") {
        return StoreError::refuse(
            S3ErrorCode::InvalidRequest,
            "The chunks of the body are not in the form they should have.",
        );
    }
    StoreError::refuse(
        S3ErrorCode::IncompleteBody,
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
    )
}

fn write_small(bodies: &Bodies, batch: &[Bytes], algorithms: &[Algorithm]) -> Result<Received, StoreError> {
    let (draft, mut file) = bodies.draft()?;
    let mut hasher = Hasher::new(algorithms);
    let mut md5 = Md5::new();
    for bytes in batch {
        file.write_all(bytes)?;
        hasher.update(bytes);
        md5.update(bytes);
    }
    Ok(Received { draft, size: 0, md5: md5.finalize().into(), checksums: hasher.finish() })
}

fn write_queue(
    mut file: File,
    mut queue: mpsc::Receiver<Batch>,
    algorithms: &[Algorithm],
) -> Result<Checksums, StoreError> {
    let mut hasher = Hasher::new(algorithms);
    while let Some(batch) = queue.blocking_recv() {
        for bytes in batch.iter() {
            file.write_all(bytes)?;
            hasher.update(bytes);
        }
    }
    Ok(hasher.finish())
}

fn md5_of_queue(mut queue: mpsc::Receiver<Batch>) -> [u8; 16] {
    let mut md5 = Md5::new();
    while let Some(batch) = queue.blocking_recv() {
        for bytes in batch.iter() {
            md5.update(bytes);
        }
    }
    md5.finalize().into()
}

fn joined(error: tokio::task::JoinError) -> StoreError {
    StoreError::File(std::io::Error::other(error))
}
