//! What an account and a bucket need for one place, as the documents that AWS takes: for IT to read and to paste.

use super::Place;
use serde_json::{Value, json};

/// The documents of one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// What the account may do: the least with which everything works.
    pub account: Value,
    /// Links reach only private copies, and no longer than IT allows. For the bucket, if the company wishes it.
    pub bucket: Value,
    /// Private copies and unfinished uploads that no computer comes by for.
    pub lifecycle: Value,
}

impl Policy {
    pub fn of(place: &Place) -> Self {
        Policy { account: account(place), bucket: bucket(place), lifecycle: lifecycle(place) }
    }
}

/// AWS is divided; an address of one part means nothing in another.
fn partition(place: &Place) -> &'static str {
    match place.region.as_deref() {
        Some(region) if region.starts_with("cn-") => "aws-cn",
        Some(region) if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

fn bucket_arn(place: &Place) -> String {
    format!("arn:{}:s3:::{}", partition(place), place.bucket)
}

fn below(place: &Place, folder: &str) -> String {
    format!("{}/{}{folder}*", bucket_arn(place), place.prefix)
}

fn account(place: &Place) -> Value {
    let folder = if place.prefix.is_empty() {
        Value::Null
    } else {
        json!({ "StringLike": { "s3:prefix": [format!("{}*", place.prefix)] } })
    };
    let mut see = json!({
        "Sid": "SeeTheFolder",
        "Effect": "Allow",
        "Action": ["s3:ListBucket", "s3:ListBucketVersions"],
        "Resource": bucket_arn(place),
    });
    if let (Some(see), Value::Object(_)) = (see.as_object_mut(), &folder) {
        see.insert("Condition".to_owned(), folder);
    }
    json!({
        "Version": "2012-10-17",
        "Statement": [
            see,
            {
                "Sid": "FilesAndLinks",
                "Effect": "Allow",
                "Action": [
                    "s3:GetObject",
                    "s3:PutObject",
                    "s3:DeleteObject",
                    "s3:AbortMultipartUpload",
                    "s3:ListMultipartUploadParts",
                ],
                "Resource": below(place, ""),
            },
            {
                "Sid": "StoppedLinksLeaveNothing",
                "Effect": "Allow",
                "Action": "s3:DeleteObjectVersion",
                "Resource": below(place, &place.share_folder),
            },
            {
                "Sid": "UnfinishedUploads",
                "Effect": "Allow",
                "Action": "s3:ListBucketMultipartUploads",
                "Resource": bucket_arn(place),
            },
        ],
    })
}

fn bucket(place: &Place) -> Value {
    let mut statements = vec![json!({
        "Sid": "LinksOnlyToPrivateCopies",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:GetObject",
        "NotResource": below(place, &place.share_folder),
        "Condition": { "StringEquals": { "s3:authType": "REST-QUERY-STRING" } },
    })];
    if let Some(seconds) = place.longest_link_seconds {
        statements.push(json!({
            "Sid": "NoLongerLinks",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": below(place, ""),
            "Condition": { "NumericGreaterThan": { "s3:signatureAge": (seconds * 1000).to_string() } },
        }));
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn lifecycle(place: &Place) -> Value {
    json!({
        "Rules": [
            {
                // Their names begin with the year of their end; the log's don't.
                "ID": "satchel-private-copies",
                "Status": "Enabled",
                "Filter": { "Prefix": format!("{}{}2", place.prefix, place.share_folder) },
                "Expiration": { "Days": 9 },
                "NoncurrentVersionExpiration": { "NoncurrentDays": 1 },
            },
            {
                "ID": "satchel-unfinished-uploads",
                "Status": "Enabled",
                "Filter": { "Prefix": place.prefix },
                "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": 14 },
            },
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::KeySource;

    fn place(prefix: &str) -> Place {
        Place::new("", "acme-files", prefix, KeySource::PasswordStore).unwrap()
    }

    #[test]
    fn the_documents_are_about_this_place_and_no_other() {
        let policy = Policy::of(&place("marketing"));
        let text = policy.account.to_string();
        assert!(text.contains("arn:aws:s3:::acme-files/marketing/*"), "{text}");
        assert!(text.contains(r#""s3:prefix":["marketing/*"]"#), "{text}");
        assert!(!text.contains("Acl") && !text.contains("s3:*"), "{text}");
        assert!(policy.bucket.to_string().contains("arn:aws:s3:::acme-files/marketing/.s/*"));
        assert!(policy.lifecycle.to_string().contains(r#""Prefix":"marketing/.s/2""#));
        assert!(!Policy::of(&place("")).account.to_string().contains("Condition"));
    }

    #[test]
    fn a_longest_link_is_kept_by_the_bucket_too_and_other_parts_of_aws_have_names_of_their_own() {
        let limited = Place { longest_link_seconds: Some(86_400), ..place("marketing") };
        assert!(Policy::of(&limited).bucket.to_string().contains(r#""s3:signatureAge":"86400000""#));
        let china = place("marketing").with_region(Some("cn-north-1"));
        assert!(Policy::of(&china).account.to_string().contains("arn:aws-cn:s3:::acme-files"));
    }
}
