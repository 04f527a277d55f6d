//! What is kept about a file beside its bytes: headers, metadata, tags, checksums.

use std::collections::BTreeMap;

use s3s::S3ErrorCode;
use serde::{Deserialize, Serialize};

use crate::store::StoreError;
use crate::store::checksums::{Checksums, Kind};

const MAX_METADATA_BYTES: usize = 2048;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_control: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_disposition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_language: Option<String>,
    /// Milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website_redirect: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Checksums::is_empty")]
    pub checksums: Checksums,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum_kind: Option<Kind>,
    /// Number of parts, for a file that came in parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<u32>,
}

impl Details {
    pub fn check(&self) -> Result<(), StoreError> {
        let size: usize = self.metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
        if size > MAX_METADATA_BYTES {
            return Err(StoreError::refuse(
                S3ErrorCode::MetadataTooLarge,
                "Your metadata headers exceed the maximum allowed metadata size",
            ));
        }
        check_tags(&self.tags)
    }
}

pub fn check_tags(tags: &[(String, String)]) -> Result<(), StoreError> {
    if tags.len() > 10 {
        return Err(StoreError::custom(400, "BadRequest", "Object tags cannot be greater than 10"));
    }
    for (place, (name, value)) in tags.iter().enumerate() {
        if name.is_empty() || name.chars().count() > 128 {
            return Err(StoreError::refuse(S3ErrorCode::InvalidTag, "The TagKey you have provided is invalid"));
        }
        if value.chars().count() > 256 {
            return Err(StoreError::refuse(S3ErrorCode::InvalidTag, "The TagValue you have provided is invalid"));
        }
        if tags.iter().skip(place + 1).any(|(other, _)| other == name) {
            return Err(StoreError::refuse(S3ErrorCode::InvalidTag, "Cannot provide multiple Tags with the same key"));
        }
    }
    Ok(())
}

/// The `x-amz-tagging` header: pairs as in a query.
pub fn parse_tags(text: &str) -> Result<Vec<(String, String)>, StoreError> {
    let decode = |part: &str| {
        urlencoding::decode(&part.replace('+', " "))
            .map(|text| text.into_owned())
            .map_err(|_| StoreError::invalid_argument("The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates."))
    };
    let mut tags = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        tags.push((decode(name)?, decode(value)?));
    }
    check_tags(&tags)?;
    Ok(tags)
}
