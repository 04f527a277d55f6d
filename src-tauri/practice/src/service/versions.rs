//! Versioning: switching it, and the listing of versions and delete markers.

use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request, S3Response};

use crate::service::convert::{encodes, etag, limit, shown, signed, timestamp};
use crate::service::listings::after_marker;
use crate::service::{Reply, Work};
use crate::store::StoreError;
use crate::store::buckets::{self, Versioning};
use crate::store::versions::{AskVersions, VersionLine, list_versions};

impl Work<'_> {
    pub async fn get_bucket_versioning(
        self,
        request: S3Request<GetBucketVersioningInput>,
    ) -> Reply<GetBucketVersioningOutput> {
        let bucket = self.bucket(&request.input.bucket).await?;
        let status = match bucket.versioning {
            Versioning::Never => None,
            Versioning::Enabled => Some(BucketVersioningStatus::from_static(BucketVersioningStatus::ENABLED)),
            Versioning::Suspended => Some(BucketVersioningStatus::from_static(BucketVersioningStatus::SUSPENDED)),
        };
        Ok(S3Response::new(GetBucketVersioningOutput { status, ..GetBucketVersioningOutput::default() }))
    }

    pub async fn put_bucket_versioning(
        self,
        request: S3Request<PutBucketVersioningInput>,
    ) -> Reply<PutBucketVersioningOutput> {
        let input = request.input;
        let versioning = match input.versioning_configuration.status.as_ref().map(BucketVersioningStatus::as_str) {
            Some("Enabled") => Versioning::Enabled,
            Some("Suspended") => Versioning::Suspended,
            _ => {
                return Err(StoreError::refuse(
                    S3ErrorCode::IllegalVersioningConfigurationException,
                    "The Versioning element must be specified",
                )
                .into());
            }
        };
        self.store.ask(move |connection| buckets::set_versioning(connection, &input.bucket, versioning)).await?;
        Ok(S3Response::new(PutBucketVersioningOutput::default()))
    }

    pub async fn list_object_versions(
        self,
        request: S3Request<ListObjectVersionsInput>,
    ) -> Reply<ListObjectVersionsOutput> {
        let input = request.input;
        let encoded = encodes(input.encoding_type.as_ref())?;
        let limit = limit(input.max_keys, "Argument maxKeys must be an integer between 0 and 2147483647")?;
        let delimiter = input.delimiter.clone().filter(|text| !text.is_empty());
        let prefix = input.prefix.clone().unwrap_or_default();
        let after = after_marker(input.key_marker.as_deref(), &prefix, delimiter.as_deref());
        let after_version = input.version_id_marker.clone().filter(|text| !text.is_empty());
        if after_version.is_some() && input.key_marker.is_none() {
            return Err(
                StoreError::invalid_argument("A version-id marker cannot be specified without a key marker.").into()
            );
        }
        let bucket = self.bucket(&input.bucket).await?;
        let ask = AskVersions { bucket: bucket.id, prefix, delimiter, after, after_version, limit };
        let page = self.store.ask(move |connection| list_versions(connection, &ask)).await?;
        let is_truncated = page.is_truncated;
        let (next_key, next_version) = match page.lines.last().filter(|_| is_truncated) {
            Some(VersionLine::Version { key, version, .. }) => (Some(shown(key, encoded)), Some(version.clone())),
            Some(VersionLine::Folder(folder)) => (Some(shown(folder, encoded)), None),
            None => (None, None),
        };
        let (mut versions, mut markers, mut folders) = (Vec::new(), Vec::new(), Vec::new());
        for line in page.lines {
            match line {
                VersionLine::Folder(folder) => folders.push(CommonPrefix { prefix: Some(shown(&folder, encoded)) }),
                VersionLine::Version { key, version, is_latest, is_marker: true, modified, .. } => {
                    markers.push(DeleteMarkerEntry {
                        key: Some(shown(&key, encoded)),
                        version_id: Some(version),
                        is_latest: Some(is_latest),
                        last_modified: Some(timestamp(modified)),
                        ..DeleteMarkerEntry::default()
                    });
                }
                VersionLine::Version { key, version, is_latest, size, etag: tag, modified, .. } => {
                    versions.push(ObjectVersion {
                        key: Some(shown(&key, encoded)),
                        version_id: Some(version),
                        is_latest: Some(is_latest),
                        size: Some(signed(size)),
                        e_tag: Some(etag(&tag)),
                        last_modified: Some(timestamp(modified)),
                        storage_class: Some(ObjectVersionStorageClass::from_static(
                            ObjectVersionStorageClass::STANDARD,
                        )),
                        ..ObjectVersion::default()
                    });
                }
            }
        }
        Ok(S3Response::new(ListObjectVersionsOutput {
            name: Some(input.bucket),
            prefix: Some(shown(&input.prefix.unwrap_or_default(), encoded)),
            delimiter: input.delimiter.map(|text| shown(&text, encoded)),
            key_marker: Some(shown(&input.key_marker.unwrap_or_default(), encoded)),
            version_id_marker: input.version_id_marker,
            max_keys: i32::try_from(limit).ok(),
            is_truncated: Some(is_truncated),
            next_key_marker: next_key,
            next_version_id_marker: next_version,
            versions: Some(versions),
            delete_markers: Some(markers),
            common_prefixes: Some(folders),
            encoding_type: input.encoding_type,
            ..ListObjectVersionsOutput::default()
        }))
    }
}
