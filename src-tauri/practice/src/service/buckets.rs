//! Buckets and their CORS rules.

use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result};

use crate::service::convert::timestamp;
use crate::service::{Reply, Work};
use crate::store::StoreError;
use crate::store::buckets::{self, BucketRow, CorsRule};

const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];

impl Work<'_> {
    pub(super) async fn bucket(self, name: &str) -> S3Result<BucketRow> {
        let name = name.to_owned();
        Ok(self.store.ask(move |connection| buckets::find(connection, &name)).await?)
    }

    pub async fn list_buckets(self, request: S3Request<ListBucketsInput>) -> Reply<ListBucketsOutput> {
        let input = request.input;
        let rows = self.store.ask(|connection| buckets::all(connection)).await?;
        let prefix = input.prefix.clone().unwrap_or_default();
        let after = input.continuation_token.clone().unwrap_or_default();
        let limit = input.max_buckets.and_then(|number| usize::try_from(number).ok()).unwrap_or(10_000).max(1);
        let mut rows: Vec<BucketRow> =
            rows.into_iter().filter(|row| row.name.starts_with(&prefix) && row.name > after).collect();
        let is_truncated = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| is_truncated).map(|row| row.name.clone());
        let found = rows
            .into_iter()
            .map(|row| Bucket {
                name: Some(row.name),
                creation_date: Some(timestamp(row.created)),
                bucket_region: Some(self.region.clone()),
            })
            .collect();
        Ok(S3Response::new(ListBucketsOutput {
            buckets: Some(found),
            continuation_token: next,
            prefix: input.prefix,
            owner: Some(Owner {
                display_name: Some("Satchel practice place".to_owned()),
                id: Some("satchel-practice".to_owned()),
            }),
        }))
    }

    pub async fn create_bucket(self, request: S3Request<CreateBucketInput>) -> Reply<CreateBucketOutput> {
        let input = request.input;
        let asked = input.create_bucket_configuration.and_then(|configuration| configuration.location_constraint);
        let here = match asked.as_ref().map(BucketLocationConstraint::as_str) {
            None | Some("") => true,
            Some(region) => region == self.region,
        };
        if !here {
            return Err(S3Error::with_message(
                S3ErrorCode::IllegalLocationConstraintException,
                "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.",
            ));
        }
        let now = self.clock.now_millis();
        let location = format!("/{}", input.bucket);
        self.store.ask(move |connection| buckets::create(connection, &input.bucket, now)).await?;
        Ok(S3Response::new(CreateBucketOutput { location: Some(location) }))
    }

    pub async fn head_bucket(self, request: S3Request<HeadBucketInput>) -> Reply<HeadBucketOutput> {
        self.bucket(&request.input.bucket).await?;
        Ok(S3Response::new(HeadBucketOutput {
            bucket_region: Some(self.region.clone()),
            ..HeadBucketOutput::default()
        }))
    }

    pub async fn delete_bucket(self, request: S3Request<DeleteBucketInput>) -> Reply<DeleteBucketOutput> {
        let bodies = self.store.bodies.clone();
        self.store
            .ask(move |connection| {
                let orphans = buckets::delete(connection, &request.input.bucket)?;
                bodies.remove(&orphans);
                Ok(())
            })
            .await?;
        Ok(S3Response::new(DeleteBucketOutput::default()))
    }

    pub async fn get_bucket_location(
        self,
        request: S3Request<GetBucketLocationInput>,
    ) -> Reply<GetBucketLocationOutput> {
        self.bucket(&request.input.bucket).await?;
        // The first region of all is told as nothing.
        let location = (self.region != "us-east-1").then(|| BucketLocationConstraint::from(self.region.clone()));
        Ok(S3Response::new(GetBucketLocationOutput { location_constraint: location }))
    }

    pub async fn get_bucket_cors(self, request: S3Request<GetBucketCorsInput>) -> Reply<GetBucketCorsOutput> {
        let bucket = self.bucket(&request.input.bucket).await?;
        if bucket.cors.is_empty() {
            return Err(StoreError::refuse(
                S3ErrorCode::NoSuchCORSConfiguration,
                "The CORS configuration does not exist",
            )
            .into());
        }
        let rules = bucket
            .cors
            .into_iter()
            .map(|rule| CORSRule {
                id: rule.id,
                allowed_origins: rule.origins,
                allowed_methods: rule.methods,
                allowed_headers: (!rule.headers.is_empty()).then_some(rule.headers),
                expose_headers: (!rule.exposed.is_empty()).then_some(rule.exposed),
                max_age_seconds: rule.max_age_seconds,
            })
            .collect();
        Ok(S3Response::new(GetBucketCorsOutput { cors_rules: Some(rules) }))
    }

    pub async fn put_bucket_cors(self, request: S3Request<PutBucketCorsInput>) -> Reply<PutBucketCorsOutput> {
        let input = request.input;
        let rules: Vec<CorsRule> = input
            .cors_configuration
            .cors_rules
            .into_iter()
            .map(|rule| CorsRule {
                id: rule.id,
                origins: rule.allowed_origins,
                methods: rule.allowed_methods,
                headers: rule.allowed_headers.unwrap_or_default(),
                exposed: rule.expose_headers.unwrap_or_default(),
                max_age_seconds: rule.max_age_seconds,
            })
            .collect();
        let incomplete = rules.iter().any(|rule| rule.origins.is_empty() || rule.methods.is_empty());
        if rules.is_empty() || rules.len() > 100 || incomplete {
            return Err(StoreError::refuse(
                S3ErrorCode::MalformedXML,
                "The XML you provided was not well-formed or did not validate against our published schema",
            )
            .into());
        }
        let unknown = rules.iter().flat_map(|rule| &rule.methods).find(|method| !METHODS.contains(&method.as_str()));
        if let Some(method) = unknown {
            let message = format!("Found unsupported HTTP method in CORS config. Unsupported method is {method}");
            return Err(S3Error::with_message(S3ErrorCode::InvalidRequest, message));
        }
        self.store.ask(move |connection| buckets::set_cors(connection, &input.bucket, Some(&rules))).await?;
        Ok(S3Response::new(PutBucketCorsOutput::default()))
    }

    pub async fn delete_bucket_cors(self, request: S3Request<DeleteBucketCorsInput>) -> Reply<DeleteBucketCorsOutput> {
        self.store.ask(move |connection| buckets::set_cors(connection, &request.input.bucket, None)).await?;
        Ok(S3Response::new(DeleteBucketCorsOutput::default()))
    }
}
