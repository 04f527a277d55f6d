//! The two listings of files, which differ in how they are continued.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request, S3Response, S3Result};

use crate::service::convert::{encodes, etag, limit, shown, signed, timestamp};
use crate::service::{Reply, Work};
use crate::store::StoreError;
use crate::store::buckets;
use crate::store::listing::{After, Ask, Line, Page, folder_of, list};

const MAX_KEYS: &str = "Argument maxKeys must be an integer between 0 and 2147483647";

/// Where the next page starts, in a form that only this server reads.
fn token(after: &Line) -> String {
    let text = match after {
        Line::File { key, .. } => format!("k{key}"),
        Line::Folder(folder) => format!("f{folder}"),
    };
    URL_SAFE_NO_PAD.encode(text)
}

fn after_token(token: &str) -> S3Result<After> {
    let text = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    match (text.get(..1), text.get(1..)) {
        (Some("k"), Some(key)) => Ok(After::Key(key.to_owned())),
        (Some("f"), Some(folder)) => Ok(After::Folder(folder.to_owned())),
        _ => Err(StoreError::invalid_argument("The continuation token provided is incorrect").into()),
    }
}

pub(super) fn after_marker(marker: Option<&str>, prefix: &str, delimiter: Option<&str>) -> After {
    match marker {
        None | Some("") => After::Start,
        Some(marker) if marker.starts_with(prefix) && folder_of(marker, prefix, delimiter) == Some(marker) => {
            After::Folder(marker.to_owned())
        }
        Some(marker) => After::Key(marker.to_owned()),
    }
}

pub(super) fn check_text(text: Option<&String>) -> S3Result<()> {
    if text.is_some_and(|text| text.len() > 1024) {
        return Err(s3s::S3Error::with_message(S3ErrorCode::KeyTooLongError, "Your key is too long"));
    }
    Ok(())
}

/// The lines of a page as s3s wants them.
fn split(page: Page, encoded: bool) -> (Vec<Object>, Vec<CommonPrefix>) {
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for line in page.lines {
        match line {
            Line::Folder(folder) => folders.push(CommonPrefix { prefix: Some(shown(&folder, encoded)) }),
            Line::File { key, size, etag: tag, modified, algorithm } => files.push(Object {
                key: Some(shown(&key, encoded)),
                size: Some(signed(size)),
                e_tag: Some(etag(&tag)),
                last_modified: Some(timestamp(modified)),
                checksum_algorithm: (!algorithm.is_empty()).then(|| vec![ChecksumAlgorithm::from(algorithm)]),
                storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
                ..Object::default()
            }),
        }
    }
    (files, folders)
}

impl Work<'_> {
    async fn page(self, bucket: &str, ask: Ask) -> S3Result<Page> {
        let name = bucket.to_owned();
        Ok(self
            .store
            .ask(move |connection| {
                let bucket = buckets::find(connection, &name)?;
                list(connection, &Ask { bucket: bucket.id, ..ask })
            })
            .await?)
    }

    pub async fn list_objects_v2(self, request: S3Request<ListObjectsV2Input>) -> Reply<ListObjectsV2Output> {
        let input = request.input;
        let encoded = encodes(input.encoding_type.as_ref())?;
        let limit = limit(input.max_keys, MAX_KEYS)?;
        check_text(input.prefix.as_ref())?;
        let delimiter = input.delimiter.clone().filter(|text| !text.is_empty());
        let after = match (&input.continuation_token, &input.start_after) {
            (Some(token), _) => after_token(token)?,
            (None, Some(key)) if !key.is_empty() => After::Key(key.clone()),
            _ => After::Start,
        };
        let prefix = input.prefix.clone().unwrap_or_default();
        let page = self.page(&input.bucket, Ask { bucket: 0, prefix, delimiter, after, limit }).await?;
        let is_truncated = page.is_truncated;
        let next = page.lines.last().filter(|_| is_truncated).map(token);
        let (files, folders) = split(page, encoded);
        Ok(S3Response::new(ListObjectsV2Output {
            name: Some(input.bucket),
            prefix: Some(shown(&input.prefix.unwrap_or_default(), encoded)),
            delimiter: input.delimiter.map(|text| shown(&text, encoded)),
            max_keys: i32::try_from(limit).ok(),
            key_count: i32::try_from(files.len() + folders.len()).ok(),
            continuation_token: input.continuation_token,
            start_after: input.start_after.map(|text| shown(&text, encoded)),
            is_truncated: Some(is_truncated),
            next_continuation_token: next,
            contents: Some(files),
            common_prefixes: Some(folders),
            encoding_type: input.encoding_type,
            ..ListObjectsV2Output::default()
        }))
    }

    pub async fn list_objects(self, request: S3Request<ListObjectsInput>) -> Reply<ListObjectsOutput> {
        let input = request.input;
        let encoded = encodes(input.encoding_type.as_ref())?;
        let limit = limit(input.max_keys, MAX_KEYS)?;
        check_text(input.prefix.as_ref())?;
        let delimiter = input.delimiter.clone().filter(|text| !text.is_empty());
        let prefix = input.prefix.clone().unwrap_or_default();
        let after = after_marker(input.marker.as_deref(), &prefix, delimiter.as_deref());
        let with_delimiter = delimiter.is_some();
        let page = self.page(&input.bucket, Ask { bucket: 0, prefix, delimiter, after, limit }).await?;
        let is_truncated = page.is_truncated;
        // Without a delimiter S3 leaves the marker out: it is the last key.
        let next = page.lines.last().filter(|_| is_truncated && with_delimiter).map(|line| match line {
            Line::File { key, .. } => shown(key, encoded),
            Line::Folder(folder) => shown(folder, encoded),
        });
        let (files, folders) = split(page, encoded);
        Ok(S3Response::new(ListObjectsOutput {
            name: Some(input.bucket),
            prefix: Some(shown(&input.prefix.unwrap_or_default(), encoded)),
            marker: Some(shown(&input.marker.unwrap_or_default(), encoded)),
            delimiter: input.delimiter.map(|text| shown(&text, encoded)),
            max_keys: i32::try_from(limit).ok(),
            is_truncated: Some(is_truncated),
            next_marker: next,
            contents: Some(files),
            common_prefixes: Some(folders),
            encoding_type: input.encoding_type,
            ..ListObjectsOutput::default()
        }))
    }
}
