//! Tags of a file.

use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result};

use crate::service::{Reply, Work, caller};
use crate::store::details::check_tags;
use crate::store::objects::{self, ObjectRow};

impl Work<'_> {
    async fn set_tags(
        self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
        tags: Vec<(String, String)>,
    ) -> S3Result<ObjectRow> {
        let row = self.look_up(bucket, key, version).await?.row;
        let (id, mut details) = (row.id, row.details.clone());
        details.tags = tags;
        self.store.ask(move |connection| objects::set_details(connection, id, &details)).await?;
        Ok(row)
    }

    pub async fn get_object_tagging(self, request: S3Request<GetObjectTaggingInput>) -> Reply<GetObjectTaggingOutput> {
        let caller = caller(&request)?;
        let input = request.input;
        let row = self
            .look_up(&input.bucket, &input.key, input.version_id.as_deref())
            .await
            .map_err(|error| caller.hide_absence(&input.key, error))?
            .row;
        let tag_set =
            row.details.tags.into_iter().map(|(key, value)| Tag { key: Some(key), value: Some(value) }).collect();
        Ok(S3Response::new(GetObjectTaggingOutput { tag_set, version_id: row.shows_version.then_some(row.version) }))
    }

    pub async fn put_object_tagging(self, request: S3Request<PutObjectTaggingInput>) -> Reply<PutObjectTaggingOutput> {
        let input = request.input;
        let tags: Vec<_> = input
            .tagging
            .tag_set
            .into_iter()
            .map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()))
            .collect();
        check_tags(&tags)?;
        let row = self.set_tags(&input.bucket, &input.key, input.version_id.as_deref(), tags).await?;
        Ok(S3Response::new(PutObjectTaggingOutput { version_id: row.shows_version.then_some(row.version) }))
    }

    pub async fn delete_object_tagging(
        self,
        request: S3Request<DeleteObjectTaggingInput>,
    ) -> Reply<DeleteObjectTaggingOutput> {
        let input = request.input;
        let row = self.set_tags(&input.bucket, &input.key, input.version_id.as_deref(), Vec::new()).await?;
        Ok(S3Response::new(DeleteObjectTaggingOutput { version_id: row.shows_version.then_some(row.version) }))
    }
}
