//! Behind the server's back: putting files in place and looking at them without a request, for tests and
//! for filling a place with many files at once.

use futures::StreamExt as _;
use md5::{Digest as _, Md5};
use s3s::S3Error;
use s3s::dto::StreamingBlob;

use crate::practice::{Practice, PracticeError};
use crate::service::write::Promise;
use crate::signature::canonical::hex;
use crate::store::checksums::Checksums;
use crate::store::details::Details;
use crate::store::listing::{After, Ask, Line, list};
use crate::store::objects::{self, Condition, NewObject, Piece};
use crate::store::pieces::PieceStream;
use crate::store::{StoreError, buckets, uploads};

/// An upload that was begun and neither completed nor abandoned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfinishedUpload {
    pub key: String,
    pub upload_id: String,
    pub part_numbers: Vec<u32>,
}

impl From<S3Error> for PracticeError {
    fn from(error: S3Error) -> Self {
        Self::Store(Box::new(error))
    }
}

impl Practice {
    /// Puts a file into the bucket.
    pub async fn put(&self, key: &str, content: &[u8]) -> Result<(), PracticeError> {
        let service = &self.gate.service;
        let body = StreamingBlob::from(s3s::Body::from(content.to_vec()));
        let received = service.take_body(Some(body), &Promise::default(), None, u64::MAX).await?;
        let details = Details { content_type: Some("binary/octet-stream".to_owned()), ..Details::default() };
        let (bucket, key) = (self.bucket.clone(), key.to_owned());
        service.put(bucket, key, received, details, None, Condition::default()).await?;
        Ok(())
    }

    /// Files of this size, all zeros, that take no room on the disk. A hundred thousand take a few seconds.
    pub async fn fill(
        &self,
        keys: impl IntoIterator<Item = String> + Send + 'static,
        size_bytes: u64,
    ) -> Result<(), PracticeError> {
        let mut md5 = Md5::new();
        let zeros = [0_u8; 65_536];
        let mut left = size_bytes;
        while left > 0 {
            let step = left.min(65_536);
            md5.update(zeros.get(..usize::try_from(step).unwrap_or(0)).unwrap_or_default());
            left -= step;
        }
        let etag = hex(&md5.finalize());
        let (bucket, modified) = (self.bucket.clone(), self.gate.service.clock.now_millis());
        let keys: Vec<String> = keys.into_iter().collect();
        self.gate
            .service
            .store
            .ask(move |connection| {
                let transaction = connection.transaction()?;
                let bucket = buckets::find(&transaction, &bucket)?;
                let piece = Piece { body: None, size: size_bytes, checksums: Checksums::default() };
                let new = NewObject {
                    size: size_bytes,
                    etag,
                    modified,
                    algorithm: "",
                    details: Details { content_type: Some("binary/octet-stream".to_owned()), ..Details::default() },
                    pieces: if size_bytes == 0 { Vec::new() } else { vec![piece] },
                };
                for key in keys {
                    objects::place(&transaction, &bucket, &key, &new, &Condition::default())?;
                }
                transaction.commit()?;
                Ok(())
            })
            .await?;
        Ok(())
    }

    /// The content of a file, or `None` if there is no such file.
    pub async fn content(&self, key: &str) -> Result<Option<Vec<u8>>, PracticeError> {
        let service = &self.gate.service;
        let found = match service.look_up(&self.bucket, key, None).await {
            Ok(found) => found,
            Err(error) if *error.code() == s3s::S3ErrorCode::NoSuchKey => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut stream = PieceStream::new(&service.store.bodies, &found.pieces, 0..found.row.size, found.lease);
        let mut content = Vec::new();
        while let Some(chunk) = stream.next().await {
            content.extend_from_slice(&chunk.map_err(PracticeError::Store)?);
        }
        Ok(Some(content))
    }

    /// All keys that start with this, in their order.
    pub async fn keys(&self, prefix: &str) -> Result<Vec<String>, PracticeError> {
        let (bucket, prefix) = (self.bucket.clone(), prefix.to_owned());
        let page = self
            .gate
            .service
            .store
            .ask(move |connection| {
                let bucket = buckets::find(connection, &bucket)?.id;
                list(connection, &Ask { bucket, prefix, delimiter: None, after: After::Start, limit: usize::MAX / 2 })
            })
            .await?;
        Ok(page
            .lines
            .into_iter()
            .filter_map(|line| match line {
                Line::File { key, .. } => Some(key),
                Line::Folder(_) => None,
            })
            .collect())
    }

    /// What uploads have left behind.
    pub async fn unfinished_uploads(&self) -> Result<Vec<UnfinishedUpload>, PracticeError> {
        let bucket = self.bucket.clone();
        let uploads = self
            .gate
            .service
            .store
            .ask(move |connection| {
                let bucket = buckets::find(connection, &bucket)?;
                let mut found = Vec::new();
                for upload in uploads::list(connection, bucket.id, "", "", None)? {
                    let parts = uploads::parts(connection, &upload.id, 0, usize::MAX)?;
                    found.push(UnfinishedUpload {
                        key: upload.key,
                        upload_id: upload.id,
                        part_numbers: parts.into_iter().map(|part| part.number).collect(),
                    });
                }
                Ok::<_, StoreError>(found)
            })
            .await?;
        Ok(uploads)
    }

    /// Forgets an unfinished upload with its parts, as a store does that sweeps by a rule.
    pub async fn forget_upload(&self, upload: &UnfinishedUpload) -> Result<(), PracticeError> {
        let (bucket, upload) = (self.bucket.clone(), upload.clone());
        let bodies = self.gate.service.store.bodies.clone();
        let forgotten = self.gate.service.store.ask(move |connection| {
            let orphans = uploads::abort(connection, &bucket, &upload.key, &upload.upload_id)?;
            bodies.remove(&orphans);
            Ok::<_, StoreError>(())
        });
        Ok(forgotten.await?)
    }
}
