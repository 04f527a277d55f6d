//! The operations of S3 over the store, in the shape s3s asks for. Each is a few lines; the work is in
//! the files beside.

mod buckets;
mod complete;
mod convert;
mod copy;
mod listings;
mod read;
mod remove;
mod tags;
mod uploads;
mod versions;
pub mod write;

use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result};

use crate::access::{Caller, denied};
use crate::clock::Clock;
use crate::store::Store;

/// What the operations need.
#[derive(Clone)]
pub struct Service {
    pub store: Arc<Store>,
    pub clock: Arc<Clock>,
    pub region: String,
}

pub(crate) fn caller<T>(request: &S3Request<T>) -> S3Result<Caller> {
    request.extensions.get::<Caller>().cloned().ok_or_else(denied)
}

type Reply<T> = S3Result<S3Response<T>>;

macro_rules! operations {
    ($($name:ident: $input:ident => $output:ident),* $(,)?) => {
        #[async_trait::async_trait]
        impl S3 for Service {
            $(async fn $name(&self, request: S3Request<$input>) -> Reply<$output> {
                self.work().$name(request).await
            })*
        }
    };
}

/// The operations by their own names, apart from the trait whose names they share.
#[derive(Clone, Copy)]
pub(crate) struct Work<'a> {
    service: &'a Service,
}

impl Service {
    fn work(&self) -> Work<'_> {
        Work { service: self }
    }
}

impl std::ops::Deref for Work<'_> {
    type Target = Service;

    fn deref(&self) -> &Service {
        self.service
    }
}

operations!(
    list_buckets: ListBucketsInput => ListBucketsOutput,
    create_bucket: CreateBucketInput => CreateBucketOutput,
    head_bucket: HeadBucketInput => HeadBucketOutput,
    delete_bucket: DeleteBucketInput => DeleteBucketOutput,
    get_bucket_location: GetBucketLocationInput => GetBucketLocationOutput,
    get_bucket_versioning: GetBucketVersioningInput => GetBucketVersioningOutput,
    put_bucket_versioning: PutBucketVersioningInput => PutBucketVersioningOutput,
    get_bucket_cors: GetBucketCorsInput => GetBucketCorsOutput,
    put_bucket_cors: PutBucketCorsInput => PutBucketCorsOutput,
    delete_bucket_cors: DeleteBucketCorsInput => DeleteBucketCorsOutput,
    list_objects: ListObjectsInput => ListObjectsOutput,
    list_objects_v2: ListObjectsV2Input => ListObjectsV2Output,
    list_object_versions: ListObjectVersionsInput => ListObjectVersionsOutput,
    list_multipart_uploads: ListMultipartUploadsInput => ListMultipartUploadsOutput,
    get_object: GetObjectInput => GetObjectOutput,
    head_object: HeadObjectInput => HeadObjectOutput,
    put_object: PutObjectInput => PutObjectOutput,
    copy_object: CopyObjectInput => CopyObjectOutput,
    delete_object: DeleteObjectInput => DeleteObjectOutput,
    delete_objects: DeleteObjectsInput => DeleteObjectsOutput,
    create_multipart_upload: CreateMultipartUploadInput => CreateMultipartUploadOutput,
    upload_part: UploadPartInput => UploadPartOutput,
    upload_part_copy: UploadPartCopyInput => UploadPartCopyOutput,
    complete_multipart_upload: CompleteMultipartUploadInput => CompleteMultipartUploadOutput,
    abort_multipart_upload: AbortMultipartUploadInput => AbortMultipartUploadOutput,
    list_parts: ListPartsInput => ListPartsOutput,
    get_object_tagging: GetObjectTaggingInput => GetObjectTaggingOutput,
    put_object_tagging: PutObjectTaggingInput => PutObjectTaggingOutput,
    delete_object_tagging: DeleteObjectTaggingInput => DeleteObjectTaggingOutput,
);
