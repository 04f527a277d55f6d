//! Rights: which identity may do what. s3s asks here before an operation is carried out; the parts of a
//! request that s3s does not show (further keys, copy sources) are asked about by the service.

use std::sync::Arc;

use s3s::access::{S3Access, S3AccessContext};
use s3s::{S3Error, S3ErrorCode, S3Result};

use crate::identity::{Allow, Identity, Permissions};
use crate::operation::Operation;

/// Who makes a request; travels with it as an extension.
#[derive(Debug, Clone)]
pub struct Caller {
    pub identity: Arc<Identity>,
    pub operation: Operation,
    pub key: String,
    /// The prefix a listing asks for.
    pub prefix: String,
    /// The SHA-256 the signature promises for the body (hexadecimal).
    pub body_sha256: Option<String>,
}

impl Caller {
    pub fn may_read(&self, key: &str) -> S3Result<()> {
        allowed(self.identity.allow.read.covers(key))
    }

    pub fn may_delete(&self, key: &str) -> S3Result<()> {
        allowed(self.identity.allow.delete.covers(key))
    }

    /// S3 tells only those who may list that a file is not there.
    pub fn hide_absence(&self, key: &str, error: S3Error) -> S3Error {
        let is_absence = matches!(error.code(), S3ErrorCode::NoSuchKey | S3ErrorCode::NoSuchVersion);
        if is_absence && !self.identity.allow.list.covers(key) { denied() } else { error }
    }
}

pub fn denied() -> S3Error {
    S3Error::with_message(S3ErrorCode::AccessDenied, "Access Denied")
}

fn allowed(yes: bool) -> S3Result<()> {
    if yes { Ok(()) } else { Err(denied()) }
}

pub fn permits(permissions: &Permissions, operation: Operation, key: &str, prefix: &str) -> bool {
    use Operation as O;
    match operation {
        O::ListBuckets => permissions.list_buckets,
        O::CreateBucket
        | O::DeleteBucket
        | O::GetBucketVersioning
        | O::PutBucketVersioning
        | O::GetBucketCors
        | O::PutBucketCors
        | O::DeleteBucketCors => permissions.administer,
        O::GetBucketLocation => permissions.administer || permissions.list != Allow::Nowhere,
        O::HeadBucket => permissions.list == Allow::Everywhere,
        O::ListObjects | O::ListObjectsV2 | O::ListObjectVersions => permissions.list.covers(prefix),
        O::ListMultipartUploads => permissions.write.covers(prefix),
        O::GetObject | O::HeadObject | O::GetObjectTagging => permissions.read.covers(key),
        O::PutObject
        | O::PostObject
        | O::CopyObject
        | O::CreateMultipartUpload
        | O::UploadPart
        | O::UploadPartCopy
        | O::CompleteMultipartUpload
        | O::AbortMultipartUpload
        | O::ListParts
        | O::PutObjectTagging
        | O::DeleteObjectTagging => permissions.write.covers(key),
        O::DeleteObject => permissions.delete.covers(key),
        // Each key of the list is asked about when its turn comes.
        O::DeleteObjects => true,
        O::Preflight | O::Other => true,
    }
}

/// The check that s3s makes.
#[derive(Debug)]
pub struct Rights;

#[async_trait::async_trait]
impl S3Access for Rights {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let name = context.s3_op().name().to_owned();
        let caller = context.extensions_mut().get::<Caller>().cloned().ok_or_else(denied)?;
        // Were s3s to read the request as another operation than we did, the wrong right would be asked for.
        if caller.operation != Operation::Other && caller.operation.name() != name {
            return Err(S3ErrorCode::NotImplemented.into());
        }
        let known = caller.operation != Operation::Other || !Operation::is_known(&name);
        if !known {
            return Err(S3ErrorCode::NotImplemented.into());
        }
        allowed(permits(&caller.identity.allow, caller.operation, &caller.key, &caller.prefix))
    }
}
