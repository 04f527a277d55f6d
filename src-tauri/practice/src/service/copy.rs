//! Copying inside the practice place: whole files share their bytes on the disk, ranges are read again.

use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result};

use crate::service::convert::{condition, details_of, etag, fill_checksums, source, timestamp};
use crate::service::read::{Conditions, Found, Verdict};
use crate::service::{Reply, Work, caller};
use crate::store::StoreError;
use crate::store::buckets;
use crate::store::checksums::{Algorithm, Checksums, Kind};
use crate::store::details::Details;
use crate::store::objects::{self, NewObject, ObjectRow, Piece};
use crate::store::pieces::PieceStream;
use crate::store::receive::Received;
use crate::store::uploads::{self, PartRow};

const MAX_COPY_BYTES: u64 = 5 << 30;

macro_rules! obey_source {
    ($input:expr, $row:expr) => {{
        let conditions = Conditions {
            if_match: $input.copy_source_if_match.as_ref(),
            if_none_match: $input.copy_source_if_none_match.as_ref(),
            if_modified_since: $input.copy_source_if_modified_since.as_ref(),
            if_unmodified_since: $input.copy_source_if_unmodified_since.as_ref(),
        };
        if conditions.judge(&$row) != Verdict::Go {
            return Err(StoreError::precondition_failed().into());
        }
    }};
}

impl Work<'_> {
    pub async fn copy_object(self, request: S3Request<CopyObjectInput>) -> Reply<CopyObjectOutput> {
        let caller = caller(&request)?;
        let conditions = conditions_of(&request.headers)?;
        let input = request.input;
        let from = source(&input.copy_source)?;
        caller.may_read(&from.key)?;
        let Found { row, pieces, lease } = self
            .look_up(&from.bucket, &from.key, from.version.as_deref())
            .await
            .map_err(|error| caller.hide_absence(&from.key, error))?;
        obey_source!(input, row);
        if row.size > MAX_COPY_BYTES {
            return Err(too_large());
        }
        let replaces = input.metadata_directive.as_ref().map(MetadataDirective::as_str) == Some("REPLACE");
        let is_self = from.bucket == input.bucket && from.key == input.key && from.version.is_none();
        if is_self && !replaces && input.storage_class.is_none() {
            return Err(S3Error::with_message(
                S3ErrorCode::InvalidRequest,
                "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
            ));
        }
        let given: Details = details_of!(input);
        let mut details = if replaces { given.clone() } else { row.details.clone() };
        let replaces_tags = input.tagging_directive.as_ref().map(TaggingDirective::as_str) == Some("REPLACE");
        details.tags = if replaces_tags { given.tags } else { row.details.tags.clone() };
        details.storage_class = given.storage_class;
        let wanted = input.checksum_algorithm.as_ref().and_then(|name| Algorithm::of_name(name.as_str()));
        let (checksums, kind, tag) = self.whole_sums(&row, &pieces, wanted, lease).await?;
        let algorithm = checksums.iter().next().map_or(Algorithm::Crc64nvme, |(algorithm, _)| algorithm);
        details.checksums = checksums.clone();
        details.checksum_kind = Some(kind);
        details.parts = None;
        let modified = self.clock.now_millis();
        let bodies = self.store.bodies.clone();
        let (size, new_tag) = (row.size, tag.clone());
        let placed = self
            .store
            .ask(move |connection| {
                let transaction = connection.transaction()?;
                let bucket = buckets::find(&transaction, &input.bucket)?;
                objects::check(objects::latest(&transaction, &bucket, &input.key)?.as_ref(), &conditions)?;
                let mut copies = Vec::with_capacity(pieces.len());
                for piece in pieces {
                    let body = piece.body.as_deref().map(|name| bodies.duplicate(name)).transpose()?;
                    copies.push(Piece { body, ..piece });
                }
                let new =
                    NewObject { size, etag: new_tag, modified, algorithm: algorithm.name(), details, pieces: copies };
                let placed = objects::place(&transaction, &bucket, &input.key, &new, &Default::default())?;
                transaction.commit()?;
                bodies.remove(&placed.orphans);
                Ok(placed)
            })
            .await?;
        let mut result = CopyObjectResult {
            e_tag: Some(etag(&tag)),
            last_modified: Some(timestamp(modified)),
            checksum_type: Some(ChecksumType::from_static(kind.name())),
            ..CopyObjectResult::default()
        };
        fill_checksums!(result, checksums);
        Ok(S3Response::new(CopyObjectOutput {
            copy_object_result: Some(result),
            version_id: placed.version,
            copy_source_version_id: row.shows_version.then_some(row.version),
            ..CopyObjectOutput::default()
        }))
    }

    /// A copy is one piece to its readers: its ETag is an MD5 again, its checksum covers the whole.
    async fn whole_sums(
        self,
        row: &ObjectRow,
        pieces: &[Piece],
        wanted: Option<Algorithm>,
        lease: crate::store::leases::Lease,
    ) -> S3Result<(Checksums, Kind, String)> {
        let kept = row.details.checksum_kind == Some(Kind::FullObject)
            && wanted.is_none_or(|algorithm| row.details.checksums.get(algorithm).is_some());
        if kept && row.details.parts.is_none() {
            return Ok((row.details.checksums.clone(), Kind::FullObject, row.etag.clone()));
        }
        let algorithm = wanted
            .or(row.details.checksums.iter().next().map(|(algorithm, _)| algorithm))
            .unwrap_or(Algorithm::Crc64nvme);
        let stream = PieceStream::new(&self.store.bodies, pieces, 0..row.size, lease);
        let sums = self.store.receive(stream, &[algorithm], u64::MAX).await?;
        Ok((sums.checksums.only(&[algorithm]), Kind::FullObject, sums.etag()))
    }

    pub async fn upload_part_copy(self, request: S3Request<UploadPartCopyInput>) -> Reply<UploadPartCopyOutput> {
        let caller = caller(&request)?;
        let input = request.input;
        let number = super::uploads::part_number(input.part_number)?;
        let from = source(&input.copy_source)?;
        caller.may_read(&from.key)?;
        let upload = self.find_upload(&input.bucket, &input.key, &input.upload_id).await?;
        let Found { row, pieces, lease } = self
            .look_up(&from.bucket, &from.key, from.version.as_deref())
            .await
            .map_err(|error| caller.hide_absence(&from.key, error))?;
        obey_source!(input, row);
        let range = match &input.copy_source_range {
            None => 0..row.size,
            Some(text) => copy_range(text, row.size)?,
        };
        if range.end - range.start > MAX_COPY_BYTES {
            return Err(too_large());
        }
        let algorithms: Vec<Algorithm> = upload.algorithm.into_iter().collect();
        let stream = PieceStream::new(&self.store.bodies, &pieces, range, lease);
        let received = self.store.receive(stream, &algorithms, u64::MAX).await?;
        let shown = received.checksums.only(&algorithms);
        let (tag, modified) = (received.etag(), self.clock.now_millis());
        self.keep_part(input.bucket, input.key, input.upload_id, number, received, modified).await?;
        let mut result = CopyPartResult {
            e_tag: Some(etag(&tag)),
            last_modified: Some(timestamp(modified)),
            ..CopyPartResult::default()
        };
        fill_checksums!(result, shown);
        Ok(S3Response::new(UploadPartCopyOutput {
            copy_part_result: Some(result),
            copy_source_version_id: row.shows_version.then_some(row.version),
            ..UploadPartCopyOutput::default()
        }))
    }

    pub(super) async fn keep_part(
        self,
        bucket: String,
        key: String,
        upload: String,
        number: u32,
        received: Received,
        modified: i64,
    ) -> S3Result<()> {
        let bodies = self.store.bodies.clone();
        self.store
            .ask(move |connection| {
                uploads::find(connection, &bucket, &key, &upload)?;
                let etag = received.etag();
                let (size, checksums) = (received.size, received.checksums);
                let body = bodies.keep(received.draft)?;
                let part = PartRow { number, body, size, etag, modified, checksums };
                let replaced = uploads::put_part(connection, &bucket, &key, &upload, &part)?;
                bodies.remove(&replaced);
                Ok(())
            })
            .await?;
        Ok(())
    }
}

/// s3s does not hand on the conditions a copy may set for its target.
fn conditions_of(headers: &hyper::HeaderMap) -> S3Result<objects::Condition> {
    let read = |name: &str| -> S3Result<Option<ETagCondition>> {
        let Some(value) = headers.get(name) else { return Ok(None) };
        ETagCondition::parse_http_header(value.as_bytes())
            .map(Some)
            .map_err(|_| StoreError::invalid_argument("The condition is not an entity tag").into())
    };
    condition(read("if-match")?.as_ref(), read("if-none-match")?.as_ref())
}

fn copy_range(text: &str, size: u64) -> S3Result<std::ops::Range<u64>> {
    let invalid = || {
        S3Error::from(StoreError::invalid_argument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
        ))
    };
    match Range::parse(text).map_err(|_| invalid())? {
        Range::Int { first, last: Some(last) } if last < size => Ok(first..last + 1),
        Range::Int { last: Some(_), .. } => {
            Err(S3Error::with_message(S3ErrorCode::InvalidArgument, "Range specified is not valid for source object"))
        }
        _ => Err(invalid()),
    }
}

fn too_large() -> S3Error {
    S3Error::with_message(
        S3ErrorCode::InvalidRequest,
        "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120",
    )
}
