//! Taking a file in: the body is checked against everything that was promised before it becomes visible.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use s3s::dto::{ChecksumType, PutObjectInput, PutObjectOutput, StreamingBlob};
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result, TrailingHeaders};

use crate::service::convert::{condition, details_of, etag, fill_checksums, signed};
use crate::service::{Reply, Service, Work, caller};
use crate::store::StoreError;
use crate::store::checksums::{Algorithm, Checksums, Kind};
use crate::store::details::Details;
use crate::store::objects::{self, Condition, NewObject, Piece, Placed};
use crate::store::receive::Received;
use crate::store::{buckets, details};

pub const MAX_FILE_BYTES: u64 = 5 << 30;

/// What the request says about its body.
#[derive(Debug, Default)]
pub struct Promise {
    pub checksums: Checksums,
    /// Algorithms whose value comes behind the body, or that are only asked for.
    pub announced: Vec<Algorithm>,
    pub md5: Option<[u8; 16]>,
    pub sha256: Option<String>,
    pub length: Option<u64>,
}

impl Promise {
    pub fn read(headers: &HeaderMap) -> Result<Self, StoreError> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let mut promise = Self::default();
        for algorithm in Algorithm::ALL {
            if let Some(value) = text(algorithm.header()) {
                promise.checksums.set(algorithm, value.to_owned());
            }
        }
        promise.checksums.check_form()?;
        promise.announced.extend(text("x-amz-trailer").and_then(Algorithm::of_header));
        if let Some(name) = text("x-amz-sdk-checksum-algorithm") {
            let algorithm = Algorithm::of_name(name).ok_or_else(|| {
                StoreError::refuse(
                    S3ErrorCode::InvalidRequest,
                    "Value for x-amz-sdk-checksum-algorithm header is invalid.",
                )
            })?;
            promise.announced.push(algorithm);
        }
        let distinct = Algorithm::ALL.into_iter().filter(|known| promise.wants(*known)).count();
        if distinct > 1 {
            return Err(StoreError::refuse(
                S3ErrorCode::InvalidRequest,
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
            ));
        }
        if let Some(given) = text("content-md5") {
            let bytes = STANDARD.decode(given).ok().and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
            promise.md5 = Some(bytes.ok_or_else(|| {
                StoreError::refuse(S3ErrorCode::InvalidDigest, "The Content-MD5 you specified was invalid.")
            })?);
        }
        Ok(promise)
    }

    fn wants(&self, algorithm: Algorithm) -> bool {
        self.announced.contains(&algorithm) || self.checksums.get(algorithm).is_some()
    }

    pub fn algorithms(&self) -> Vec<Algorithm> {
        Algorithm::ALL
            .into_iter()
            .filter(|known| self.wants(*known) || (*known == Algorithm::Sha256 && self.sha256.is_some()))
            .collect()
    }

    /// The algorithm the sender chose.
    pub fn chosen(&self) -> Option<Algorithm> {
        Algorithm::ALL.into_iter().find(|known| self.wants(*known))
    }

    /// Compares what came with what was promised.
    pub fn check(&self, received: &Received, trailers: Option<TrailingHeaders>) -> Result<(), StoreError> {
        if self.length.is_some_and(|length| length != received.size) {
            return Err(StoreError::refuse(
                S3ErrorCode::IncompleteBody,
                "You did not provide the number of bytes specified by the Content-Length HTTP header",
            ));
        }
        if let Some(right) = &self.sha256 {
            let bytes = received.checksums.get(Algorithm::Sha256).and_then(|text| STANDARD.decode(text).ok());
            if bytes.map(|bytes| crate::signature::canonical::hex(&bytes)).as_ref() != Some(right) {
                return Err(StoreError::custom(
                    400,
                    "XAmzContentSHA256Mismatch",
                    "The provided 'x-amz-content-sha256' header does not match what was computed.",
                ));
            }
        }
        if self.md5.is_some_and(|md5| md5 != received.md5) {
            return Err(StoreError::refuse(
                S3ErrorCode::BadDigest,
                "The Content-MD5 you specified did not match what we received.",
            ));
        }
        let mut promised = self.checksums.clone();
        if let Some(headers) = trailers.and_then(|trailers| trailers.take()) {
            for algorithm in Algorithm::ALL {
                if let Some(value) = headers.get(algorithm.header()).and_then(|value| value.to_str().ok()) {
                    promised.set(algorithm, value.to_owned());
                }
            }
            promised.check_form()?;
        }
        for (algorithm, value) in promised.iter() {
            if received.checksums.get(algorithm) != Some(value) {
                let message = format!("The {} you specified did not match the calculated checksum.", algorithm.name());
                return Err(StoreError::Refused(S3Error::with_message(S3ErrorCode::BadDigest, message)));
            }
        }
        Ok(())
    }
}

impl Service {
    /// Receives a body and checks it. Nothing is visible yet.
    pub async fn take_body(
        &self,
        body: Option<StreamingBlob>,
        promise: &Promise,
        trailers: Option<TrailingHeaders>,
        max_bytes: u64,
    ) -> Result<Received, StoreError> {
        if promise.length.is_some_and(|length| length > max_bytes) {
            return Err(StoreError::refuse(
                S3ErrorCode::EntityTooLarge,
                "Your proposed upload exceeds the maximum allowed size",
            ));
        }
        let body = body.unwrap_or_else(|| StreamingBlob::from(s3s::Body::empty()));
        let received = self.store.receive(body, &promise.algorithms(), max_bytes).await?;
        promise.check(&received, trailers)?;
        Ok(received)
    }

    /// Makes a received body the file of this name, if the condition holds.
    pub async fn put(
        &self,
        bucket: String,
        key: String,
        received: Received,
        mut details: Details,
        chosen: Option<Algorithm>,
        condition: Condition,
    ) -> Result<(Placed, String, Checksums), StoreError> {
        details.check()?;
        let algorithm = chosen.unwrap_or(Algorithm::Crc64nvme);
        let shown = received.checksums.only(&[algorithm]);
        details.checksums = shown.clone();
        details.checksum_kind = Some(Kind::FullObject);
        let etag = received.etag();
        let modified = self.clock.now_millis();
        let bodies = self.store.bodies.clone();
        let tag = etag.clone();
        let placed = self
            .store
            .ask(move |connection| {
                let transaction = connection.transaction()?;
                let bucket = buckets::find(&transaction, &bucket)?;
                if condition != Condition::default() {
                    objects::check(objects::latest(&transaction, &bucket, &key)?.as_ref(), &condition)?;
                }
                let (size, checksums) = (received.size, received.checksums.clone());
                let body = bodies.keep(received.draft)?;
                let new = NewObject {
                    size,
                    etag: tag,
                    modified,
                    algorithm: algorithm.name(),
                    details,
                    pieces: vec![Piece { body: Some(body), size, checksums }],
                };
                let placed = objects::place(&transaction, &bucket, &key, &new, &Condition::default())?;
                transaction.commit()?;
                bodies.remove(&placed.orphans);
                Ok(placed)
            })
            .await?;
        Ok((placed, etag, shown))
    }
}

impl Work<'_> {
    pub async fn put_object(self, request: S3Request<PutObjectInput>) -> Reply<PutObjectOutput> {
        let caller = caller(&request)?;
        let mut promise = Promise::read(&request.headers)?;
        promise.sha256 = caller.body_sha256;
        promise.length = request.input.content_length.and_then(|length| u64::try_from(length).ok());
        let trailers = request.trailing_headers;
        let input = request.input;
        let condition = condition(input.if_match.as_ref(), input.if_none_match.as_ref())?;
        let mut details = details_of!(input);
        details.content_type.get_or_insert_with(|| "binary/octet-stream".to_owned());
        self.require_bucket(&input.bucket).await?;
        let received = self.take_body(input.body, &promise, trailers, MAX_FILE_BYTES).await?;
        let size = received.size;
        let (placed, tag, shown) =
            self.put(input.bucket, input.key, received, details, promise.chosen(), condition).await?;
        let mut output = PutObjectOutput {
            e_tag: Some(etag(&tag)),
            version_id: placed.version,
            checksum_type: Some(ChecksumType::from_static(ChecksumType::FULL_OBJECT)),
            size: None,
            ..PutObjectOutput::default()
        };
        fill_checksums!(output, shown);
        tracing::debug!(size_bytes = signed(size), "a file was put");
        Ok(S3Response::new(output))
    }
}

impl Service {
    /// Told before a body is taken in, not behind it.
    pub async fn require_bucket(&self, bucket: &str) -> S3Result<()> {
        let name = bucket.to_owned();
        self.store.ask(move |connection| buckets::find(connection, &name)).await?;
        Ok(())
    }
}

/// Tags from the header form, for callers that have no s3s input.
pub fn tags(text: &str) -> Result<Vec<(String, String)>, StoreError> {
    details::parse_tags(text)
}
