//! Between the store's values and those of s3s.

use s3s::dto::{CopySource, ETag, ETagCondition, EncodingType, Timestamp};
use s3s::{S3Error, S3ErrorCode, S3Result};

use crate::clock::from_millis;
use crate::store::StoreError;
use crate::store::objects::Condition;

pub fn timestamp(millis: i64) -> Timestamp {
    Timestamp::from(from_millis(millis))
}

pub fn millis(timestamp: &Timestamp) -> i64 {
    let date: time::OffsetDateTime = timestamp.clone().into();
    i64::try_from(date.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

pub fn etag(text: &str) -> ETag {
    ETag::Strong(text.to_owned())
}

pub fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Fills `Details` from any request that carries a file's headers.
macro_rules! details_of {
    ($input:expr) => {{
        let input = &$input;
        let mut details = crate::store::details::Details {
            content_type: input.content_type.as_ref().map(|kind| kind.to_string()),
            cache_control: input.cache_control.clone(),
            content_disposition: input.content_disposition.clone(),
            content_encoding: crate::service::convert::kept_encoding(input.content_encoding.as_deref()),
            content_language: input.content_language.clone(),
            expires: input.expires.as_ref().map(crate::service::convert::millis),
            website_redirect: input.website_redirect_location.clone(),
            storage_class: crate::service::convert::storage_class(
                input.storage_class.as_ref().map(|class| class.as_str()),
            )?,
            ..Default::default()
        };
        if let Some(metadata) = &input.metadata {
            details.metadata = metadata.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        }
        if let Some(tagging) = &input.tagging {
            details.tags = crate::store::details::parse_tags(tagging)?;
        }
        details.check()?;
        details
    }};
}
pub(crate) use details_of;

/// `aws-chunked` is how the body travelled, not what the file is.
pub fn kept_encoding(text: Option<&str>) -> Option<String> {
    let kept: Vec<&str> =
        text?.split(',').map(str::trim).filter(|part| !part.is_empty() && *part != "aws-chunked").collect();
    (!kept.is_empty()).then(|| kept.join(","))
}

const STORAGE_CLASSES: [&str; 9] = [
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
    "EXPRESS_ONEZONE",
];

pub fn storage_class(name: Option<&str>) -> S3Result<Option<String>> {
    match name {
        None | Some("STANDARD") => Ok(None),
        Some(name) if STORAGE_CLASSES.contains(&name) => Ok(Some(name.to_owned())),
        Some(_) => {
            Err(S3Error::with_message(S3ErrorCode::InvalidStorageClass, "The storage class you specified is not valid"))
        }
    }
}

pub fn condition(if_match: Option<&ETagCondition>, if_none_match: Option<&ETagCondition>) -> S3Result<Condition> {
    let must_be_new = match if_none_match {
        None => false,
        Some(ETagCondition::Any) => true,
        Some(ETagCondition::ETag(_)) => return Err(not_implemented()),
    };
    let must_match = if_match.map(|condition| match condition {
        ETagCondition::Any => "*".to_owned(),
        ETagCondition::ETag(etag) => etag.value().to_owned(),
    });
    if must_be_new && must_match.is_some() {
        return Err(not_implemented());
    }
    Ok(Condition { must_be_new, must_match })
}

pub fn not_implemented() -> S3Error {
    S3Error::with_message(
        S3ErrorCode::NotImplemented,
        "A header you provided implies functionality that is not implemented",
    )
}

/// Whether a listing is to be encoded, from the request.
pub fn encodes(encoding: Option<&EncodingType>) -> S3Result<bool> {
    match encoding.map(EncodingType::as_str) {
        None => Ok(false),
        Some("url") => Ok(true),
        Some(_) => Err(StoreError::invalid_argument("Invalid Encoding Method specified in Request").into()),
    }
}

/// A key as it goes into a listing.
pub fn shown(text: &str, encoded: bool) -> String {
    if !encoded {
        return text.to_owned();
    }
    let parts: Vec<_> = text.split('/').map(urlencoding::encode).collect();
    parts.join("/")
}

/// `max-keys` and its like: at most a thousand.
pub fn limit(asked: Option<i32>, message: &'static str) -> S3Result<usize> {
    match asked {
        None => Ok(1000),
        Some(number) => match usize::try_from(number) {
            Ok(number) => Ok(number.min(1000)),
            Err(_) => Err(StoreError::invalid_argument(message).into()),
        },
    }
}

pub struct Source {
    pub bucket: String,
    pub key: String,
    pub version: Option<String>,
}

pub fn source(copy_source: &CopySource) -> S3Result<Source> {
    match copy_source {
        CopySource::Bucket { bucket, key, version_id } => Ok(Source {
            bucket: bucket.to_string(),
            key: key.to_string(),
            version: version_id.as_deref().map(str::to_owned),
        }),
        _ => Err(not_implemented()),
    }
}

/// Copies the checksums of the store into the five fields that every answer has.
macro_rules! fill_checksums {
    ($output:expr, $checksums:expr) => {{
        use crate::store::checksums::Algorithm;
        let checksums = &$checksums;
        $output.checksum_crc32 = checksums.get(Algorithm::Crc32).map(str::to_owned);
        $output.checksum_crc32c = checksums.get(Algorithm::Crc32c).map(str::to_owned);
        $output.checksum_crc64nvme = checksums.get(Algorithm::Crc64nvme).map(str::to_owned);
        $output.checksum_sha1 = checksums.get(Algorithm::Sha1).map(str::to_owned);
        $output.checksum_sha256 = checksums.get(Algorithm::Sha256).map(str::to_owned);
    }};
}
pub(crate) use fill_checksums;

macro_rules! given_checksums {
    ($input:expr) => {{
        use crate::store::checksums::{Algorithm, Checksums};
        let input = &$input;
        let mut checksums = Checksums::default();
        for (algorithm, value) in [
            (Algorithm::Crc32, &input.checksum_crc32),
            (Algorithm::Crc32c, &input.checksum_crc32c),
            (Algorithm::Crc64nvme, &input.checksum_crc64nvme),
            (Algorithm::Sha1, &input.checksum_sha1),
            (Algorithm::Sha256, &input.checksum_sha256),
        ] {
            if let Some(value) = value {
                checksums.set(algorithm, value.clone());
            }
        }
        checksums
    }};
}
pub(crate) use given_checksums;
