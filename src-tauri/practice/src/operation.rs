//! Which S3 operation a request asks for, told from its method, path and query, the way S3 does.

use hyper::Method;

use crate::gate::head::Head;

macro_rules! operations {
    ($($name:ident),* $(,)?) => {
        /// The operations of S3 that the practice place knows. `Other` is answered with `NotImplemented`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Operation { $($name),*, Other }

        impl Operation {
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),*, Self::Other => "Other" }
            }

            pub(crate) fn is_known(name: &str) -> bool {
                [$(stringify!($name)),*].contains(&name)
            }
        }
    };
}

operations!(
    ListBuckets,
    CreateBucket,
    HeadBucket,
    DeleteBucket,
    GetBucketLocation,
    GetBucketVersioning,
    PutBucketVersioning,
    GetBucketCors,
    PutBucketCors,
    DeleteBucketCors,
    ListObjects,
    ListObjectsV2,
    ListObjectVersions,
    ListMultipartUploads,
    GetObject,
    HeadObject,
    PutObject,
    PostObject,
    CopyObject,
    DeleteObject,
    DeleteObjects,
    CreateMultipartUpload,
    UploadPart,
    UploadPartCopy,
    CompleteMultipartUpload,
    AbortMultipartUpload,
    ListParts,
    GetObjectTagging,
    PutObjectTagging,
    DeleteObjectTagging,
    Preflight,
);

/// Sub-resources that turn a request into one the practice place does not know.
const UNKNOWN: [&str; 30] = [
    "accelerate",
    "acl",
    "analytics",
    "attributes",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "logging",
    "metadataConfiguration",
    "metadataInventoryTable",
    "metadataJournalTable",
    "metadataTable",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "renameObject",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "session",
    "torrent",
    "website",
];

impl Operation {
    pub(crate) fn of(head: &Head) -> Self {
        if head.method == Method::OPTIONS {
            return Self::Preflight;
        }
        if head.bucket.is_empty() {
            return if head.method == Method::GET { Self::ListBuckets } else { Self::Other };
        }
        if UNKNOWN.iter().any(|name| head.has_query(name)) {
            return Self::Other;
        }
        if head.key.is_empty() { Self::of_bucket(head) } else { Self::of_object(head) }
    }

    fn of_bucket(head: &Head) -> Self {
        match head.method {
            Method::GET if head.has_query("tagging") => Self::Other,
            Method::GET if head.has_query("location") => Self::GetBucketLocation,
            Method::GET if head.has_query("versioning") => Self::GetBucketVersioning,
            Method::GET if head.has_query("cors") => Self::GetBucketCors,
            Method::GET if head.has_query("uploads") => Self::ListMultipartUploads,
            Method::GET if head.has_query("versions") => Self::ListObjectVersions,
            Method::GET if head.query("list-type") == Some("2") => Self::ListObjectsV2,
            Method::GET => Self::ListObjects,
            Method::HEAD => Self::HeadBucket,
            Method::PUT if head.has_query("tagging") => Self::Other,
            Method::PUT if head.has_query("versioning") => Self::PutBucketVersioning,
            Method::PUT if head.has_query("cors") => Self::PutBucketCors,
            Method::PUT => Self::CreateBucket,
            Method::DELETE if head.has_query("tagging") => Self::Other,
            Method::DELETE if head.has_query("cors") => Self::DeleteBucketCors,
            Method::DELETE => Self::DeleteBucket,
            Method::POST if head.is_form() => Self::PostObject,
            Method::POST if head.has_query("delete") => Self::DeleteObjects,
            _ => Self::Other,
        }
    }

    fn of_object(head: &Head) -> Self {
        let part = head.has_query("partNumber") && head.has_query("uploadId");
        let copies = head.headers.contains_key("x-amz-copy-source");
        match head.method {
            Method::GET if head.has_query("tagging") => Self::GetObjectTagging,
            Method::GET if head.has_query("uploadId") => Self::ListParts,
            Method::GET => Self::GetObject,
            Method::HEAD => Self::HeadObject,
            Method::PUT if head.has_query("tagging") => Self::PutObjectTagging,
            Method::PUT if part && copies => Self::UploadPartCopy,
            Method::PUT if part => Self::UploadPart,
            Method::PUT if copies => Self::CopyObject,
            Method::PUT => Self::PutObject,
            Method::DELETE if head.has_query("tagging") => Self::DeleteObjectTagging,
            Method::DELETE if head.has_query("uploadId") => Self::AbortMultipartUpload,
            Method::DELETE => Self::DeleteObject,
            Method::POST if head.has_query("uploads") => Self::CreateMultipartUpload,
            Method::POST if head.has_query("uploadId") => Self::CompleteMultipartUpload,
            _ => Self::Other,
        }
    }

    /// The body is a file's bytes, not a document of S3's own.
    pub(crate) fn carries_file(self) -> bool {
        matches!(self, Self::PutObject | Self::UploadPart | Self::PostObject)
    }
}
