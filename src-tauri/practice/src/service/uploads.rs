//! Multipart uploads, all but their completion.

use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request, S3Response, S3Result};

use crate::service::convert::{details_of, encodes, etag, fill_checksums, limit, shown, signed, timestamp};
use crate::service::write::{MAX_FILE_BYTES, Promise};
use crate::service::{Reply, Work, caller};
use crate::store::StoreError;
use crate::store::buckets;
use crate::store::checksums::{Algorithm, Kind};
use crate::store::listing::folder_of;
use crate::store::uploads::{self, UploadRow};

pub(super) fn part_number(number: i32) -> S3Result<u32> {
    u32::try_from(number).ok().filter(|number| (1..=10_000).contains(number)).ok_or_else(|| {
        StoreError::invalid_argument("Part number must be an integer between 1 and 10000, inclusive").into()
    })
}

/// What the sender chose, with the kind that S3 takes for it when none is named.
fn chosen_checksum(
    algorithm: Option<&ChecksumAlgorithm>,
    kind: Option<&ChecksumType>,
) -> Result<Option<(Algorithm, Kind)>, StoreError> {
    let invalid = |message| StoreError::refuse(S3ErrorCode::InvalidRequest, message);
    let Some(name) = algorithm else {
        return match kind {
            None => Ok(None),
            Some(_) => Err(invalid(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
            )),
        };
    };
    let algorithm = Algorithm::of_name(name.as_str())
        .ok_or_else(|| invalid("Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]"))?;
    let kind = match kind.map(ChecksumType::as_str) {
        Some("FULL_OBJECT") => Kind::FullObject,
        Some("COMPOSITE") => Kind::Composite,
        Some(_) => return Err(invalid("Value for x-amz-checksum-type header is invalid.")),
        None if algorithm == Algorithm::Crc64nvme => Kind::FullObject,
        None => Kind::Composite,
    };
    let possible = match kind {
        Kind::FullObject => algorithm.can_cover_whole_uploads(),
        Kind::Composite => algorithm != Algorithm::Crc64nvme,
    };
    if !possible {
        return Err(invalid("The checksum type cannot be used with the given checksum algorithm."));
    }
    Ok(Some((algorithm, kind)))
}

impl Work<'_> {
    pub(super) async fn find_upload(self, bucket: &str, key: &str, id: &str) -> S3Result<UploadRow> {
        let (bucket, key, id) = (bucket.to_owned(), key.to_owned(), id.to_owned());
        Ok(self.store.ask(move |connection| uploads::find(connection, &bucket, &key, &id)).await?)
    }

    pub async fn create_multipart_upload(
        self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> Reply<CreateMultipartUploadOutput> {
        let input = request.input;
        let checksum = chosen_checksum(input.checksum_algorithm.as_ref(), input.checksum_type.as_ref())?;
        let mut details = details_of!(input);
        details.content_type.get_or_insert_with(|| "binary/octet-stream".to_owned());
        let now = self.clock.now_millis();
        let (bucket, key) = (input.bucket.clone(), input.key.clone());
        let id = self
            .store
            .ask(move |connection| uploads::create(connection, &bucket, &key, checksum, &details, now))
            .await?;
        Ok(S3Response::new(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(id),
            checksum_algorithm: checksum.map(|(algorithm, _)| ChecksumAlgorithm::from_static(algorithm.name())),
            checksum_type: checksum.map(|(_, kind)| ChecksumType::from_static(kind.name())),
            ..CreateMultipartUploadOutput::default()
        }))
    }

    pub async fn upload_part(self, request: S3Request<UploadPartInput>) -> Reply<UploadPartOutput> {
        let caller = caller(&request)?;
        let mut promise = Promise::read(&request.headers)?;
        promise.sha256 = caller.body_sha256;
        promise.length = request.input.content_length.and_then(|length| u64::try_from(length).ok());
        let trailers = request.trailing_headers;
        let input = request.input;
        let number = part_number(input.part_number)?;
        let upload = self.find_upload(&input.bucket, &input.key, &input.upload_id).await?;
        if let (Some(agreed), Some(chosen)) = (upload.algorithm, promise.chosen())
            && agreed != chosen
        {
            let message = format!(
                "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
                agreed.name().to_lowercase(),
                chosen.name().to_lowercase()
            );
            return Err(s3s::S3Error::with_message(S3ErrorCode::InvalidRequest, message));
        }
        promise.announced.extend(upload.algorithm);
        let received = self.take_body(input.body, &promise, trailers, MAX_FILE_BYTES).await?;
        let algorithms: Vec<Algorithm> = promise.chosen().into_iter().collect();
        let shown = received.checksums.only(&algorithms);
        let tag = received.etag();
        let now = self.clock.now_millis();
        self.keep_part(input.bucket, input.key, input.upload_id, number, received, now).await?;
        let mut output = UploadPartOutput { e_tag: Some(etag(&tag)), ..UploadPartOutput::default() };
        fill_checksums!(output, shown);
        Ok(S3Response::new(output))
    }

    pub async fn abort_multipart_upload(
        self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> Reply<AbortMultipartUploadOutput> {
        let input = request.input;
        let bodies = self.store.bodies.clone();
        self.store
            .ask(move |connection| {
                let orphans = uploads::abort(connection, &input.bucket, &input.key, &input.upload_id)?;
                bodies.remove(&orphans);
                Ok(())
            })
            .await?;
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }

    pub async fn list_parts(self, request: S3Request<ListPartsInput>) -> Reply<ListPartsOutput> {
        let input = request.input;
        let limit = limit(input.max_parts, "Argument max-parts must be an integer between 0 and 2147483647")?;
        let marker = input.part_number_marker.unwrap_or(0);
        let after = u32::try_from(marker).map_err(|_| {
            StoreError::invalid_argument("Argument part-number-marker must be an integer between 0 and 2147483647")
        })?;
        let upload = self.find_upload(&input.bucket, &input.key, &input.upload_id).await?;
        let id = input.upload_id.clone();
        let mut rows = self.store.ask(move |connection| uploads::parts(connection, &id, after, limit + 1)).await?;
        let is_truncated = rows.len() > limit && limit > 0;
        rows.truncate(limit);
        let next = rows.last().and_then(|part| i32::try_from(part.number).ok());
        let algorithms: Vec<Algorithm> = upload.algorithm.into_iter().collect();
        let parts = rows
            .into_iter()
            .map(|row| {
                let mut part = Part {
                    e_tag: Some(etag(&row.etag)),
                    last_modified: Some(timestamp(row.modified)),
                    part_number: i32::try_from(row.number).ok(),
                    size: Some(signed(row.size)),
                    ..Part::default()
                };
                fill_checksums!(part, row.checksums.only(&algorithms));
                part
            })
            .collect();
        Ok(S3Response::new(ListPartsOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(input.upload_id),
            parts: Some(parts),
            max_parts: i32::try_from(limit).ok(),
            part_number_marker: Some(marker),
            next_part_number_marker: next,
            is_truncated: Some(is_truncated),
            checksum_algorithm: upload.algorithm.map(|algorithm| ChecksumAlgorithm::from_static(algorithm.name())),
            checksum_type: upload.kind.map(|kind| ChecksumType::from_static(kind.name())),
            storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
            ..ListPartsOutput::default()
        }))
    }

    pub async fn list_multipart_uploads(
        self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> Reply<ListMultipartUploadsOutput> {
        let input = request.input;
        let encoded = encodes(input.encoding_type.as_ref())?;
        let limit = limit(input.max_uploads, "Argument max-uploads must be an integer between 0 and 2147483647")?;
        let delimiter = input.delimiter.clone().filter(|text| !text.is_empty());
        let prefix = input.prefix.clone().unwrap_or_default();
        let (bucket, from) = (input.bucket.clone(), prefix.clone());
        let (key_marker, id_marker) = (input.key_marker.clone().unwrap_or_default(), input.upload_id_marker.clone());
        let rows = self
            .store
            .ask(move |connection| {
                let bucket = buckets::find(connection, &bucket)?;
                uploads::list(connection, bucket.id, &from, &key_marker, id_marker.as_deref())
            })
            .await?;
        let mut found: Vec<MultipartUpload> = Vec::new();
        let mut folders: Vec<String> = Vec::new();
        let mut last: Option<(String, Option<String>)> = None;
        let mut is_truncated = false;
        for row in rows {
            let folder = folder_of(&row.key, &prefix, delimiter.as_deref()).map(str::to_owned);
            let is_known = folder
                .as_ref()
                .is_some_and(|folder| folders.last() == Some(folder) || input.key_marker.as_ref() == Some(folder));
            if is_known {
                continue;
            }
            if found.len() + folders.len() >= limit {
                is_truncated = limit > 0;
                break;
            }
            match folder {
                Some(folder) => {
                    last = Some((folder.clone(), None));
                    folders.push(folder);
                }
                None => {
                    last = Some((row.key.clone(), Some(row.id.clone())));
                    found.push(MultipartUpload {
                        key: Some(shown(&row.key, encoded)),
                        upload_id: Some(row.id),
                        initiated: Some(timestamp(row.initiated)),
                        storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
                        checksum_algorithm: row.algorithm.map(|kind| ChecksumAlgorithm::from_static(kind.name())),
                        checksum_type: row.kind.map(|kind| ChecksumType::from_static(kind.name())),
                        ..MultipartUpload::default()
                    });
                }
            }
        }
        let next = last.filter(|_| is_truncated);
        Ok(S3Response::new(ListMultipartUploadsOutput {
            bucket: Some(input.bucket),
            common_prefixes: Some(
                folders.iter().map(|folder| CommonPrefix { prefix: Some(shown(folder, encoded)) }).collect(),
            ),
            delimiter: input.delimiter.map(|text| shown(&text, encoded)),
            encoding_type: input.encoding_type,
            is_truncated: Some(is_truncated),
            key_marker: Some(shown(&input.key_marker.unwrap_or_default(), encoded)),
            max_uploads: i32::try_from(limit).ok(),
            next_key_marker: next.as_ref().map(|(key, _)| shown(key, encoded)),
            next_upload_id_marker: next.and_then(|(_, id)| id),
            prefix: Some(shown(&prefix, encoded)),
            upload_id_marker: input.upload_id_marker,
            uploads: Some(found),
            ..ListMultipartUploadsOutput::default()
        }))
    }
}
