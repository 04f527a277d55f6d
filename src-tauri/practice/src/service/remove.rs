//! Deleting files, one or many.

use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result};

use crate::service::{Reply, Work, caller};
use crate::store::StoreError;
use crate::store::buckets;
use crate::store::objects::{self, Deleted};

fn wanted_etag(condition: Option<&ETagCondition>) -> Option<String> {
    condition.map(|condition| match condition {
        ETagCondition::Any => "*".to_owned(),
        ETagCondition::ETag(etag) => etag.value().to_owned(),
    })
}

impl Work<'_> {
    async fn remove(
        self,
        bucket: String,
        key: String,
        version: Option<String>,
        must_match: Option<String>,
    ) -> S3Result<Deleted> {
        let now = self.clock.now_millis();
        let bodies = self.store.bodies.clone();
        Ok(self
            .store
            .ask(move |connection| {
                let transaction = connection.transaction()?;
                let bucket = buckets::find(&transaction, &bucket)?;
                let deleted =
                    objects::delete(&transaction, &bucket, &key, version.as_deref(), must_match.as_deref(), now)?;
                transaction.commit()?;
                bodies.remove(&deleted.orphans);
                Ok(deleted)
            })
            .await?)
    }

    pub async fn delete_object(self, request: S3Request<DeleteObjectInput>) -> Reply<DeleteObjectOutput> {
        let input = request.input;
        let must_match = wanted_etag(input.if_match.as_ref());
        let deleted = self.remove(input.bucket, input.key, input.version_id, must_match).await?;
        Ok(S3Response::new(DeleteObjectOutput {
            delete_marker: deleted.is_marker.then_some(true),
            version_id: deleted.version,
            ..DeleteObjectOutput::default()
        }))
    }

    pub async fn delete_objects(self, request: S3Request<DeleteObjectsInput>) -> Reply<DeleteObjectsOutput> {
        let caller = caller(&request)?;
        let input = request.input;
        if input.delete.objects.is_empty() || input.delete.objects.len() > 1000 {
            return Err(S3Error::with_message(
                S3ErrorCode::MalformedXML,
                "The XML you provided was not well-formed or did not validate against our published schema",
            ));
        }
        self.require_bucket(&input.bucket).await?;
        let is_quiet = input.delete.quiet.unwrap_or(false);
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        for object in input.delete.objects {
            let must_match = object.e_tag.map(ETag::into_value);
            let outcome = match caller.may_delete(&object.key) {
                Err(refused) => Err(refused),
                Ok(()) if object.key.len() > 1024 => {
                    Err(StoreError::refuse(S3ErrorCode::KeyTooLongError, "Your key is too long").into())
                }
                Ok(()) => {
                    self.remove(input.bucket.clone(), object.key.clone(), object.version_id.clone(), must_match).await
                }
            };
            match outcome {
                Ok(_) if is_quiet => {}
                Ok(done) => deleted.push(DeletedObject {
                    delete_marker: done.is_marker.then_some(true),
                    delete_marker_version_id: done.version.filter(|_| done.is_marker),
                    key: Some(object.key),
                    version_id: object.version_id,
                }),
                Err(error) => errors.push(Error {
                    code: Some(error.code().as_str().to_owned()),
                    message: error.message().map(str::to_owned),
                    key: Some(object.key),
                    version_id: object.version_id,
                }),
            }
        }
        Ok(S3Response::new(DeleteObjectsOutput {
            deleted: Some(deleted),
            errors: Some(errors),
            ..DeleteObjectsOutput::default()
        }))
    }
}
