//! Giving files out: conditions, ranges, parts, versions.

use hyper::header::{CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderValue, LAST_MODIFIED};
use hyper::{HeaderMap, StatusCode};
use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result};

use crate::service::convert::{etag, fill_checksums, signed, timestamp};
use crate::service::{Reply, Service, Work, caller};
use crate::store::StoreError;
use crate::store::checksums::Checksums;
use crate::store::leases::Lease;
use crate::store::objects::{self, ObjectRow, Piece};
use crate::store::pieces::PieceStream;

pub struct Conditions<'a> {
    pub if_match: Option<&'a ETagCondition>,
    pub if_none_match: Option<&'a ETagCondition>,
    pub if_modified_since: Option<&'a Timestamp>,
    pub if_unmodified_since: Option<&'a Timestamp>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    Go,
    NotModified,
    Failed,
}

impl Conditions<'_> {
    /// In the order RFC 9110 lays down; dates count in whole seconds.
    pub fn judge(&self, row: &ObjectRow) -> Verdict {
        let matches = |condition: &ETagCondition| match condition {
            ETagCondition::Any => true,
            ETagCondition::ETag(etag) => etag.value() == row.etag,
        };
        let seconds = |date: &Timestamp| -> i64 {
            let date: time::OffsetDateTime = date.clone().into();
            date.unix_timestamp()
        };
        let modified = row.modified.div_euclid(1000);
        match (self.if_match, self.if_unmodified_since) {
            (Some(condition), _) if !matches(condition) => return Verdict::Failed,
            (None, Some(date)) if modified > seconds(date) => return Verdict::Failed,
            _ => {}
        }
        match (self.if_none_match, self.if_modified_since) {
            (Some(condition), _) if matches(condition) => Verdict::NotModified,
            (None, Some(date)) if modified <= seconds(date) => Verdict::NotModified,
            _ => Verdict::Go,
        }
    }
}

/// Which of the file's bytes are wanted, and which part they are.
struct Slice {
    range: std::ops::Range<u64>,
    is_partial: bool,
    part: Option<usize>,
}

fn slice(row: &ObjectRow, pieces: &[Piece], range: Option<&Range>, part: Option<i32>) -> S3Result<Slice> {
    if let (Some(_), Some(_)) = (range, part) {
        return Err(StoreError::refuse(
            S3ErrorCode::InvalidRequest,
            "Cannot specify both Range header and partNumber query parameter",
        )
        .into());
    }
    if let Some(number) = part {
        let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1)).ok_or_else(|| {
            StoreError::invalid_argument("Part number must be an integer between 1 and 10000, inclusive")
        })?;
        let piece = pieces.get(place).ok_or_else(|| not_satisfiable(row.size))?;
        let start = pieces.iter().take(place).map(|piece| piece.size).sum::<u64>();
        return Ok(Slice { range: start..start + piece.size, is_partial: true, part: Some(place) });
    }
    match range {
        None => Ok(Slice { range: 0..row.size, is_partial: false, part: None }),
        Some(range) => {
            let range = range.check(row.size).map_err(|_| not_satisfiable(row.size))?;
            if range.is_empty() {
                return Err(not_satisfiable(row.size));
            }
            Ok(Slice { range, is_partial: true, part: None })
        }
    }
}

fn not_satisfiable(size: u64) -> S3Error {
    let mut error = S3Error::with_message(S3ErrorCode::InvalidRange, "The requested range is not satisfiable");
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    if let Ok(value) = HeaderValue::from_str(&format!("bytes */{size}")) {
        headers.insert(CONTENT_RANGE, value);
    }
    error.set_headers(headers);
    error
}

fn not_modified(row: &ObjectRow) -> S3Error {
    let mut error = S3Error::new(S3ErrorCode::NotModified);
    error.set_status_code(StatusCode::NOT_MODIFIED);
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(&format!("\"{}\"", row.etag)) {
        headers.insert(ETAG, value);
    }
    let mut date = Vec::new();
    if timestamp(row.modified).format(TimestampFormat::HttpDate, &mut date).is_ok()
        && let Ok(value) = HeaderValue::from_bytes(&date)
    {
        headers.insert(LAST_MODIFIED, value);
    }
    error.set_headers(headers);
    error
}

fn marker_in_the_way(row: &ObjectRow, by_version: bool) -> S3Error {
    let mut error = if by_version {
        S3Error::with_message(
            S3ErrorCode::MethodNotAllowed,
            "The specified method is not allowed against this resource.",
        )
    } else {
        S3Error::with_message(S3ErrorCode::NoSuchKey, "The specified key does not exist.")
    };
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    headers.insert("x-amz-delete-marker", HeaderValue::from_static("true"));
    if let Ok(value) = HeaderValue::from_str(&row.version) {
        headers.insert("x-amz-version-id", value);
    }
    error.set_headers(headers);
    error
}

/// A file, its pieces, and the promise that they stay on the disk meanwhile.
pub(crate) struct Found {
    pub row: ObjectRow,
    pub pieces: Vec<Piece>,
    pub lease: Lease,
}

impl Service {
    pub(crate) async fn look_up(&self, bucket: &str, key: &str, version: Option<&str>) -> S3Result<Found> {
        let (bucket, key, id) = (bucket.to_owned(), key.to_owned(), version.map(str::to_owned));
        let bodies = self.store.bodies.clone();
        let found = self
            .store
            .ask(move |connection| {
                let row = objects::wanted(connection, &bucket, &key, id.as_deref())?;
                let pieces = objects::pieces(connection, row.id)?;
                // Taken on the index thread, where bodies are also given up: nothing comes between.
                let lease = bodies.lease(pieces.iter().filter_map(|piece| piece.body.clone()).collect());
                Ok(Found { row, pieces, lease })
            })
            .await?;
        if found.row.is_marker {
            return Err(marker_in_the_way(&found.row, version.is_some()));
        }
        Ok(found)
    }
}

/// Checksums belong to the whole file, or to the part that was asked for, never to a range.
fn shown_checksums(row: &ObjectRow, pieces: &[Piece], slice: &Slice) -> Checksums {
    match slice.part {
        Some(place) if row.details.parts.is_some() => {
            let kinds: Vec<_> = row.details.checksums.iter().map(|(algorithm, _)| algorithm).collect();
            pieces.get(place).map(|piece| piece.checksums.only(&kinds)).unwrap_or_default()
        }
        _ if slice.is_partial => Checksums::default(),
        _ => row.details.checksums.clone(),
    }
}

macro_rules! describe {
    ($output:ident, $row:expr, $pieces:expr, $slice:expr, $asks_checksums:expr, $asks_part:expr) => {{
        let (row, slice) = (&$row, &$slice);
        $output.accept_ranges = Some("bytes".to_owned());
        $output.content_length = Some(signed(slice.range.end - slice.range.start));
        $output.content_type = row.details.content_type.as_ref().and_then(|kind| kind.parse().ok());
        $output.cache_control = row.details.cache_control.clone();
        $output.content_disposition = row.details.content_disposition.clone();
        $output.content_encoding = row.details.content_encoding.clone();
        $output.content_language = row.details.content_language.clone();
        $output.expires = row.details.expires.map(timestamp);
        $output.website_redirect_location = row.details.website_redirect.clone();
        $output.storage_class = row.details.storage_class.clone().map(StorageClass::from);
        $output.e_tag = Some(etag(&row.etag));
        $output.last_modified = Some(timestamp(row.modified));
        $output.metadata = Some(row.details.metadata.clone().into_iter().collect());
        $output.version_id = row.shows_version.then(|| row.version.clone());
        if slice.is_partial && !slice.range.is_empty() {
            $output.content_range = Some(format!("bytes {}-{}/{}", slice.range.start, slice.range.end - 1, row.size));
        }
        if $asks_part {
            $output.parts_count = row.details.parts.and_then(|parts| i32::try_from(parts).ok());
        }
        if $asks_checksums {
            let checksums = shown_checksums(row, &$pieces, slice);
            fill_checksums!($output, checksums);
            if !checksums.is_empty() {
                $output.checksum_type = row.details.checksum_kind.map(|kind| ChecksumType::from_static(kind.name()));
            }
        }
    }};
}

fn asks(mode: Option<&ChecksumMode>) -> bool {
    mode.is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED)
}

impl Work<'_> {
    pub async fn get_object(self, request: S3Request<GetObjectInput>) -> Reply<GetObjectOutput> {
        let caller = caller(&request)?;
        let input = request.input;
        let Found { row, pieces, lease } = self
            .look_up(&input.bucket, &input.key, input.version_id.as_deref())
            .await
            .map_err(|error| caller.hide_absence(&input.key, error))?;
        let conditions = Conditions {
            if_match: input.if_match.as_ref(),
            if_none_match: input.if_none_match.as_ref(),
            if_modified_since: input.if_modified_since.as_ref(),
            if_unmodified_since: input.if_unmodified_since.as_ref(),
        };
        obey(&conditions, &row)?;
        let slice = slice(&row, &pieces, input.range.as_ref(), input.part_number)?;
        let mut output = GetObjectOutput::default();
        describe!(output, row, pieces, slice, asks(input.checksum_mode.as_ref()), input.part_number.is_some());
        let tags = row.details.tags.len();
        output.tag_count = (tags > 0).then(|| i32::try_from(tags).unwrap_or(i32::MAX));
        output.body = Some(StreamingBlob::new(PieceStream::new(&self.store.bodies, &pieces, slice.range, lease)));
        Ok(S3Response::new(output))
    }

    pub async fn head_object(self, request: S3Request<HeadObjectInput>) -> Reply<HeadObjectOutput> {
        let caller = caller(&request)?;
        let input = request.input;
        let Found { row, pieces, .. } = self
            .look_up(&input.bucket, &input.key, input.version_id.as_deref())
            .await
            .map_err(|error| caller.hide_absence(&input.key, error))?;
        let conditions = Conditions {
            if_match: input.if_match.as_ref(),
            if_none_match: input.if_none_match.as_ref(),
            if_modified_since: input.if_modified_since.as_ref(),
            if_unmodified_since: input.if_unmodified_since.as_ref(),
        };
        obey(&conditions, &row)?;
        let slice = slice(&row, &pieces, input.range.as_ref(), input.part_number)?;
        let mut output = HeadObjectOutput::default();
        describe!(output, row, pieces, slice, asks(input.checksum_mode.as_ref()), input.part_number.is_some());
        Ok(S3Response::new(output))
    }
}

fn obey(conditions: &Conditions<'_>, row: &ObjectRow) -> S3Result<()> {
    match conditions.judge(row) {
        Verdict::Go => Ok(()),
        Verdict::NotModified => Err(not_modified(row)),
        Verdict::Failed => Err(StoreError::precondition_failed().into()),
    }
}
